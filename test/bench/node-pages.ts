/** What a pass over a MachinePool costs as its Nodes grow: calls by pages, time and memory in proportion, no write. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { realClock } from "../../infra/local/clock.ts";
import { type LocalKubernetes, startKubernetes } from "../../infra/local/kubernetes/start.ts";
import { createAuthority } from "../../infra/local/tls.ts";
import { awsMachinePools } from "../../lib/api/aws/aws-machine-pool.ts";
import { clusters, kubeconfigSecretName } from "../../lib/api/core/cluster.ts";
import { machinePools } from "../../lib/api/core/machine-pool.ts";
import { customResourceDefinitions } from "../../lib/api/kubernetes/custom-resource-definition.ts";
import type { KubernetesObject, Resource } from "../../lib/api/kubernetes/meta.ts";
import { type Node, nodes } from "../../lib/api/kubernetes/node.ts";
import { namespaces } from "../../lib/api/kubernetes/pod.ts";
import { secrets } from "../../lib/api/kubernetes/secret.ts";
import type { KubernetesClient } from "../../lib/kubernetes/client.ts";
import { connect } from "../../lib/kubernetes/connection.ts";
import { nodePatch } from "../../lib/reconcile/decide/node-metadata.ts";
import { poolCrds } from "../reconcile/node/support/crds.ts";
import { FILTER, idsTo, infrastructureOf, livingPool, nodeOf, theCluster } from "../reconcile/node/support/objects.ts";
import { CLUSTER, NAMESPACE, POOL } from "../support/builders.ts";
import type { PassOrder, PassReport } from "./node-pass.ts";
import { counted, noted, type Row, timed } from "./row.ts";

const SIZES = [1_250, 2_500, 5_000];
const PER_PAGE = 500;
/** Beside the list: MachinePool, Cluster, infrastructure pool. */
const OTHER_CALLS = 3;
const USER = "lifeguard";
const CHILD = fileURLToPath(new URL("node-pass.ts", import.meta.url));

export async function nodeRows(): Promise<readonly Row[]> {
  const authority = await createAuthority();
  const clock = realClock();
  const management = await startKubernetes({ clock, name: "management", authority });
  const workload = await startKubernetes({ clock, name: "workload", authority });
  try {
    await populate(management, workload);
    const measured: Measured[] = [];
    for (const size of SIZES) measured.push(await measure({ management, workload }, size));
    return measured.flatMap(rowsOf(measured));
  } finally {
    await Promise.all([management.close(), workload.close()]);
  }
}

const admin = (server: LocalKubernetes): KubernetesClient =>
  connect(async () => server.kubeconfig("admin"), { name: server.name, origin: "the benchmark" }).client(undefined);

async function create(
  client: KubernetesClient,
  resource: Resource,
  object: KubernetesObject & { readonly status?: object },
) {
  await client.create(resource, object);
  const { namespace = "", name } = object.metadata;
  if (object.status)
    await client.patch(resource, { namespace, name }, { type: "merge", body: { status: object.status } }, "status");
}

async function populate(management: LocalKubernetes, workload: LocalKubernetes): Promise<void> {
  const client = admin(management);
  for (const crd of poolCrds) await client.create(customResourceDefinitions, crd as KubernetesObject);
  await client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
  const data = { value: Buffer.from(workload.kubeconfig(USER, ["system:masters"])).toString("base64") };
  const metadata = { name: kubeconfigSecretName(CLUSTER), namespace: NAMESPACE };
  await client.create(secrets, { apiVersion: "v1", kind: "Secret", metadata, data } as KubernetesObject);
  await create(client, clusters, theCluster());
  await create(client, awsMachinePools, infrastructureOf({ ids: [] }));
  await create(client, machinePools, livingPool({ template: { bootstrap: { dataSecretName: "" } } }));
}

const IMAGES = Array.from({ length: 50 }, (_, index) => ({
  names: [`registry.example.com/some/image-${index}@sha256:${"a".repeat(64)}`],
  sizeBytes: 12_345_678,
}));

/** As large as Nodes are, and with all that a former pass gave them. */
function settledNode(number: number): Node {
  const machinePool = livingPool();
  const node = nodeOf(number, { version: "v1.33.1" });
  const wish = { machinePool, instanceId: `i-${number}`, labels: {}, interruptible: false };
  const { metadata } = nodePatch(node, wish) as { readonly metadata: Partial<Node["metadata"]> };
  const status = { ...node.status, images: IMAGES };
  return { ...node, metadata: { ...metadata, name: node.metadata.name }, status };
}

interface Measured extends PassReport {
  readonly size: number;
  readonly calls: number;
  readonly writes: number;
}

interface Servers {
  readonly management: LocalKubernetes;
  readonly workload: LocalKubernetes;
}

let grown = 0;

async function measure({ management, workload }: Servers, size: number): Promise<Measured> {
  const [client, inside] = [admin(management), admin(workload)];
  while (grown < size) await inside.create(nodes, settledNode(++grown));
  const at = { namespace: NAMESPACE, name: POOL };
  await client.patch(awsMachinePools, at, { type: "merge", body: { spec: { providerIDList: idsTo(size) } } });
  await client.patch(awsMachinePools, at, { type: "merge", body: { status: { replicas: size } } }, "status");
  await client.patch(machinePools, at, { type: "merge", body: { spec: { replicas: size } } });
  const kubeconfig = management.kubeconfig(USER, ["system:masters"]);
  await order({ kubeconfig, namespace: NAMESPACE, pool: POOL, watchFilter: FILTER });
  management.calls.length = 0;
  workload.calls.length = 0;
  const report = await order({ kubeconfig, namespace: NAMESPACE, pool: POOL, watchFilter: FILTER });
  const ours = [...management.calls, ...workload.calls].filter(({ who }) => who === USER);
  const writes = ours.filter(({ what }) => !/^(GET|LIST)/.test(what)).length;
  // Two passes, and the kubeconfig's Secret read once.
  return { ...report, size, calls: (ours.length - 1) / 2, writes };
}

function order(wanted: PassOrder): Promise<PassReport> {
  return new Promise((resolve, reject) => {
    const child = fork(CHILD, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    child.once("message", (report) => resolve(report as PassReport));
    child.once("exit", (code) => reject(new Error(`the pass ended with ${code} and said nothing`)));
    child.send(wanted);
  });
}

/** Twice the Nodes may take little more than twice the time of our own. */
const PROPORTION = 2.5;

const rowsOf =
  (all: readonly Measured[]) =>
  (one: Measured, index: number): readonly Row[] => {
    const { size, calls, writes, cpuMilliseconds, peakMegabytes } = one;
    const before = all[index - 1];
    const name = `node-step, settled pool of ${size} Nodes`;
    const ratio = before ? cpuMilliseconds / before.cpuMilliseconds : 0;
    const time = `${Math.round(cpuMilliseconds)} ms${before ? `, ${ratio.toFixed(1)} times that of ${before.size}` : ""}`;
    return [
      counted(`${name}: writes`, writes, 0, "writes"),
      counted(`${name}: calls`, calls, Math.ceil(size / PER_PAGE) + OTHER_CALLS, "calls"),
      timed(`${name}: CPU time`, time, before ? `<= ${PROPORTION} times` : "", ratio <= PROPORTION),
      noted(`${name}: peak memory of the process`, `${Math.round(peakMegabytes)} MB`),
    ];
  };
