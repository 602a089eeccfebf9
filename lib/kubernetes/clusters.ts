/** The clusters of one deployment: the management cluster, and each workload cluster by its kubeconfig Secret there. */
import { KUBECONFIG_SECRET_KEY, kubeconfigSecretName } from "../api/core/cluster.ts";
import { type Secret, secrets } from "../api/kubernetes/secret.ts";
import type { KubernetesClient } from "./client.ts";
import { type Connection, connect, type KubeconfigSource } from "./connection.ts";
import { KubernetesError } from "./errors.ts";

export interface ClusterRef {
  readonly namespace: string;
  readonly name: string;
}

/** What one invocation gets; every client in it ends with the invocation. */
interface InvocationClusters {
  readonly management: KubernetesClient;
  workload(cluster: ClusterRef): Promise<KubernetesClient>;
}

export interface ClusterConnections {
  during(signal: AbortSignal | undefined): InvocationClusters;
}

export interface ClusterOptions {
  readonly management: KubeconfigSource;
  /** Where `management` reads, for messages, e.g. "the secret lifeguard/management". */
  readonly managementOrigin?: string;
}

/**
 * Makes no call by itself; keep it as long as the sandbox lives. A workload kubeconfig is read on first use, from the
 * Secret `<cluster>-kubeconfig`, key `value` (cluster-api util/secret), and again when its cluster refuses it.
 */
export function connectClusters(options: ClusterOptions): ClusterConnections {
  const origin = options.managementOrigin ?? "the configured management kubeconfig";
  const management = connect(options.management, { name: "the management cluster", origin });
  const workloads = new Map<string, Connection>();

  const workloadOf = ({ namespace, name }: ClusterRef): Connection => {
    const key = `${namespace}/${name}`;
    const known = workloads.get(key);
    if (known) return known;
    const made = connect(() => readSecret(management.client(undefined), { namespace, name }), {
      name: `workload cluster ${key}`,
      origin: `the Secret ${namespace}/${kubeconfigSecretName(name)} of the management cluster`,
      selfContained: true,
    });
    workloads.set(key, made);
    return made;
  };
  return {
    during: (signal) => ({
      management: management.client(signal),
      workload: async (cluster) => {
        const connection = workloadOf(cluster);
        await connection.open(signal);
        return connection.client(signal);
      },
    }),
  };
}

async function readSecret(management: KubernetesClient, { namespace, name }: ClusterRef): Promise<string> {
  const at = { namespace, name: kubeconfigSecretName(name) };
  const expected = `workload cluster ${namespace}/${name}: expected its kubeconfig under the key "${KUBECONFIG_SECRET_KEY}" of the Secret ${namespace}/${at.name} in the management cluster`;
  const secret = await management.get<Secret>(secrets, at).catch((error: unknown) => {
    if (!(error instanceof KubernetesError) || error.kind !== "not-found") throw error;
    throw new KubernetesError("not-found", `${expected}, but there is no such Secret`, {
      code: error.code,
      reason: error.reason,
      cause: error,
    });
  });
  const value = secret.data?.[KUBECONFIG_SECRET_KEY];
  if (!value) throw new KubernetesError("not-found", `${expected}, but the Secret has no such key`);
  return Buffer.from(value, "base64").toString("utf8");
}
