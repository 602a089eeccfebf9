/** A pool as large as is asked for, at rest: two API servers, an AWS that holds the kubeconfig, and of each instance all that stands for it. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type LocalAws, startAws } from "../../infra/local/aws/server.ts";
import type { Call } from "../../infra/local/calls.ts";
import { realClock } from "../../infra/local/clock.ts";
import { type LocalKubernetes, startKubernetes } from "../../infra/local/kubernetes/start.ts";
import { type Authority, createAuthority } from "../../infra/local/tls.ts";
import { awsMachines } from "../../lib/api/aws/aws-machine.ts";
import { awsMachinePools } from "../../lib/api/aws/aws-machine-pool.ts";
import { clusters, kubeconfigSecretName } from "../../lib/api/core/cluster.ts";
import { machines } from "../../lib/api/core/machine.ts";
import { machinePools } from "../../lib/api/core/machine-pool.ts";
import { customResourceDefinitions } from "../../lib/api/kubernetes/custom-resource-definition.ts";
import type { KubernetesObject, Resource } from "../../lib/api/kubernetes/meta.ts";
import { type Node, nodes } from "../../lib/api/kubernetes/node.ts";
import { namespaces } from "../../lib/api/kubernetes/pod.ts";
import { secrets } from "../../lib/api/kubernetes/secret.ts";
import type { KubernetesClient } from "../../lib/kubernetes/client.ts";
import { connect } from "../../lib/kubernetes/connection.ts";
import { poolCrds } from "../reconcile/node/support/crds.ts";
import { FILTER, infrastructureOf, livingPool, nodeOf, theCluster } from "../reconcile/node/support/objects.ts";
import { CLUSTER, NAMESPACE, POOL } from "../support/builders.ts";

const USER = "lifeguard";
const VERSION = "v1.33.1";
const KUBECONFIG = "lifeguard/kubeconfig";
const QUEUE = "pool-looks";
/** As long as ids of instances are, and unlike any other text of an object. */
const tagOf = (number: number): string => `0b${String(number).padStart(15, "0")}`;
const providerIDOf = (number: number): string => `aws:///eu-west-1a/i-${tagOf(number)}`;

export interface NodeWorld {
  /** For the function, beside what its deployment says. */
  readonly environment: NodeJS.ProcessEnv;
  /** A Node's text, as it comes from the API server. */
  readonly nodeKilobytes: number;
  /** The pool has so many instances now; what stands for each is a copy of what the function made for the first. */
  growTo(count: number): Promise<void>;
  /** The function's own calls to API servers since it was last asked. */
  calls(): readonly Call[];
  close(): Promise<void>;
}

const admin = (server: LocalKubernetes): KubernetesClient =>
  connect(async () => server.kubeconfig("admin"), { name: server.name, origin: "the benchmark" }).client(undefined);

type Whole = KubernetesObject & { readonly status?: object };

async function create(client: KubernetesClient, resource: Resource, object: Whole): Promise<KubernetesObject> {
  const made = await client.create<Whole>(resource, object);
  const { namespace, name } = object.metadata;
  if (!object.status || resource === nodes) return made;
  const at = { ...(namespace !== undefined && { namespace }), name };
  return client.patch(resource, at, { type: "merge", body: { status: object.status } }, "status");
}

interface Servers {
  readonly management: LocalKubernetes;
  readonly workload: LocalKubernetes;
  readonly aws: LocalAws;
  /** Who may do everything. */
  readonly client: KubernetesClient;
  readonly inside: KubernetesClient;
}

async function populate({ management, workload, aws, client }: Servers): Promise<void> {
  for (const crd of poolCrds) await client.create(customResourceDefinitions, crd as KubernetesObject);
  await client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
  const data = { value: Buffer.from(workload.kubeconfig(USER, ["system:masters"])).toString("base64") };
  const metadata = { name: kubeconfigSecretName(CLUSTER), namespace: NAMESPACE };
  await client.create(secrets, { apiVersion: "v1", kind: "Secret", metadata, data } as KubernetesObject);
  await create(client, clusters, theCluster());
  await create(client, awsMachinePools, infrastructureOf({ ids: [] }));
  await create(client, machinePools, livingPool({ template: { version: VERSION, bootstrap: { dataSecretName: "" } } }));
  const SecretString = management.kubeconfig(USER, ["system:masters"]);
  await aws.cloud.handle("secretsmanager", "CreateSecret", { Name: KUBECONFIG, SecretString });
  aws.cloud.queues.create(QUEUE);
}

const IMAGES = Array.from({ length: 50 }, (_, index) => ({
  names: [`registry.example.com/some/image-${index}@sha256:${"a".repeat(64)}`],
  sizeBytes: 12_345_678,
}));

/** As large as Nodes are. */
function firstNode(): Node {
  const node = nodeOf(1, { version: VERSION, providerID: providerIDOf(1) });
  return {
    ...node,
    metadata: { ...node.metadata, name: `node-${tagOf(1)}` },
    status: { ...node.status, images: IMAGES } as Node["status"] & object,
  };
}

/** Calls of the function that each pass makes; a Secret is read once in a sandbox's life. */
const isOurs = ({ who, what }: Call): boolean => who === USER && what !== "GET secrets";

function copyOf(object: KubernetesObject, number: number): Whole {
  const { metadata, ...rest } = JSON.parse(JSON.stringify(object).replaceAll(tagOf(1), tagOf(number)));
  const { uid: _uid, resourceVersion: _version, creationTimestamp: _time, generation: _generation, ...kept } = metadata;
  return { ...rest, metadata: kept };
}

async function setSize(client: KubernetesClient, count: number): Promise<void> {
  const at = { namespace: NAMESPACE, name: POOL };
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  const spec = { providerIDList: numbers.map(providerIDOf) };
  const instances = numbers.map((number) => ({ instanceID: `i-${tagOf(number)}`, version: VERSION }));
  const status = { replicas: count, instances, infrastructureMachineKind: awsMachines.kind };
  await client.patch(awsMachinePools, at, { type: "merge", body: { spec } });
  await client.patch(awsMachinePools, at, { type: "merge", body: { status } }, "status");
  await client.patch(machinePools, at, { type: "merge", body: { spec: { replicas: count } } });
}

/** What the function made for the first instance. */
async function pattern({ client, inside }: Servers) {
  const name = `${POOL}-i-${tagOf(1)}`;
  return {
    node: await inside.get<KubernetesObject>(nodes, { name: `node-${tagOf(1)}` }),
    machine: await client.get<KubernetesObject>(machines, { namespace: NAMESPACE, name }),
    awsMachine: await client.get<KubernetesObject>(awsMachines, { namespace: NAMESPACE, name }),
  };
}

async function addCopy(
  { client, inside }: Servers,
  like: Awaited<ReturnType<typeof pattern>>,
  number: number,
): Promise<void> {
  await create(inside, nodes, copyOf(like.node, number));
  const { uid = "" } = await create(client, machines, copyOf(like.machine, number)).then(({ metadata }) => metadata);
  const { uid: first = "" } = like.machine.metadata;
  const owned = JSON.parse(JSON.stringify(like.awsMachine).replaceAll(first, uid));
  await create(client, awsMachines, copyOf(owned, number));
}

async function startServers(authority: Authority): Promise<Servers> {
  const clock = realClock();
  const management = await startKubernetes({ clock, name: "management", authority });
  const workload = await startKubernetes({ clock, name: "workload", authority });
  const aws = await startAws({ clock, authority });
  return { management, workload, aws, client: admin(management), inside: admin(workload) };
}

function environmentIn({ aws }: Servers, caFile: string): NodeJS.ProcessEnv {
  const url = `${aws.endpoint}/${aws.cloud.accountId}/${QUEUE}`;
  return {
    AWS_ENDPOINT_URL: aws.endpoint,
    NODE_EXTRA_CA_CERTS: caFile,
    LIFEGUARD_KUBECONFIG_ARN: KUBECONFIG,
    LIFEGUARD_QUEUE_URL: url,
    LIFEGUARD_POOL_QUEUE_URL: url,
    LIFEGUARD_WATCH_FILTER: FILTER,
  };
}

export async function startNodeWorld(): Promise<NodeWorld> {
  const authority = await createAuthority();
  const servers = await startServers(authority);
  const { management, workload, aws, client, inside } = servers;
  const folder = await mkdtemp(path.join(tmpdir(), "lifeguard-bench-"));
  const caFile = path.join(folder, "ca.pem");
  await writeFile(caFile, authority.caPem);
  await populate(servers);
  let grown = 0;
  return {
    environment: environmentIn(servers, caFile),
    nodeKilobytes: JSON.stringify(firstNode()).length / 1000,
    growTo: async (count) => {
      if (grown === 0) await create(inside, nodes, firstNode());
      const like = grown > 0 ? await pattern(servers) : undefined;
      for (grown = Math.max(grown, 1); like && grown < count; ) await addCopy(servers, like, ++grown);
      await setSize(client, count);
    },
    calls: () => [management, workload].flatMap(({ calls }) => calls.splice(0)).filter(isOurs),
    close: async () => {
      await Promise.all([management.close(), workload.close(), aws.close(), rm(folder, { recursive: true })]);
    },
  };
}
