/** What a user of the full profile applies: Cluster, network, bootstrap data, MachinePool and its infrastructure. */
import { clusters } from "../../../lib/api/core/cluster.ts";
import { CLUSTER_NAME_LABEL, WATCH_FILTER_LABEL } from "../../../lib/api/core/labels.ts";
import { machinePools } from "../../../lib/api/core/machine-pool.ts";
import type { Resource } from "../../../lib/api/kubernetes/meta.ts";
import { secrets } from "../../../lib/api/kubernetes/secret.ts";
import type { SimulatedCloud, Whole } from "../clouds/simulated-cloud.ts";
import type { Plan } from "../plan.ts";
import { CLUSTER, NAMESPACE, POOL, type Scene } from "../scene.ts";
import type { PoolPlan } from "./plan.ts";

export const WATCH_FILTER = "lifeguard";
export const SECRET = `${POOL}-data`;
export const IMAGE = "ami-0a1b2c3d";

export const ownLabels = { [WATCH_FILTER_LABEL]: WATCH_FILTER };

const of = ({ apiVersion, kind }: Resource) => ({ apiVersion, kind });
export const metaOf = (name: string, labels: Readonly<Record<string, string>> = {}) => ({
  name,
  namespace: NAMESPACE,
  labels,
});
const refTo = ({ apiVersion, kind }: Resource, name: string) => ({ apiGroup: apiVersion.split("/")[0], kind, name });

/** As kubeadm spells tokens; `content` is what must reach running instances. */
export const bootstrapData = (token: number, content: number) => ({
  value: Buffer.from(
    `#cloud-config\ntoken: token0.${String(token).padStart(16, "0")}\nnodeLabels: generation=${content}\n`,
  ).toString("base64"),
});

/** Bootstrap data come between the network and the two pools. */
function objectsOf(plan: Plan, own: PoolPlan, cloud: SimulatedCloud): readonly (readonly [Resource, Whole])[] {
  const [[clusterKind, network], ...infrastructure] = cloud.poolObjects() as [readonly [Resource, Whole]];
  const data = {
    ...of(secrets),
    metadata: metaOf(SECRET, { [CLUSTER_NAME_LABEL]: CLUSTER }),
    data: bootstrapData(1, 1),
  };
  return [[clusterKind, network], [secrets, data], [machinePools, machinePool(plan, own, cloud)], ...infrastructure];
}

function machinePool(plan: Plan, own: PoolPlan, { kinds }: SimulatedCloud): Whole {
  const deletion = {
    nodeDeletionTimeoutSeconds: 10,
    nodeDrainTimeoutSeconds: plan.drainTimeoutSeconds ?? 0,
    ...(plan.volumes?.timeoutSeconds && { nodeVolumeDetachTimeoutSeconds: plan.volumes.timeoutSeconds }),
  };
  const template = {
    spec: {
      clusterName: CLUSTER,
      version: "v1.34.1",
      bootstrap: { dataSecretName: SECRET },
      infrastructureRef: refTo(kinds.pools, POOL),
      deletion,
    },
  };
  const spec = { clusterName: CLUSTER, replicas: own.replicas, template };
  return { ...of(machinePools), metadata: metaOf(POOL, ownLabels), spec };
}

/** The Cluster is there already; its infrastructure becomes ready, and the pool is applied. */
export async function applyPool({ management, plan, cloud }: Scene, own: PoolPlan): Promise<void> {
  const who = "a person";
  const cluster = management.find(clusters, CLUSTER, NAMESPACE);
  if (!cluster) throw new Error("the Cluster is not there");
  const spec = { infrastructureRef: refTo(cloud.kinds.cluster, CLUSTER) };
  await management.merge(who, clusters, cluster, { body: { spec } });
  const status = { initialization: { infrastructureProvisioned: true, controlPlaneInitialized: true } };
  await management.merge(who, clusters, cluster, { body: { status }, subresource: "status" });
  for (const [resource, object] of objectsOf(plan, own, cloud)) await management.create(who, resource, object);
}
