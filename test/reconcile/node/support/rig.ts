/** Two clusters on the wire and a clock moved by hand, for passes over one MachinePool. */
import { readFileSync } from "node:fs";
import type { TestContext } from "node:test";
import { load } from "js-yaml";
import type { Call } from "../../../../infra/local/calls.ts";
import { type LocalKubernetes, startKubernetes } from "../../../../infra/local/kubernetes/start.ts";
import { createAuthority } from "../../../../infra/local/tls.ts";
import { awsMachinePools } from "../../../../lib/api/aws/aws-machine-pool.ts";
import type { BootstrapConfig } from "../../../../lib/api/core/bootstrap-config.ts";
import { type Cluster, clusters, kubeconfigSecretName } from "../../../../lib/api/core/cluster.ts";
import { type MachinePool, type MachinePoolStatus, machinePools } from "../../../../lib/api/core/machine-pool.ts";
import type { Key } from "../../../../lib/api/key.ts";
import { customResourceDefinitions } from "../../../../lib/api/kubernetes/custom-resource-definition.ts";
import { type Event, events } from "../../../../lib/api/kubernetes/event.ts";
import type { KubernetesObject, Resource } from "../../../../lib/api/kubernetes/meta.ts";
import { type Node, nodes } from "../../../../lib/api/kubernetes/node.ts";
import { namespaces } from "../../../../lib/api/kubernetes/pod.ts";
import { secrets } from "../../../../lib/api/kubernetes/secret.ts";
import type { KubernetesClient } from "../../../../lib/kubernetes/client.ts";
import { connectClusters } from "../../../../lib/kubernetes/clusters.ts";
import { connect } from "../../../../lib/kubernetes/connection.ts";
import { createMemoryCloud } from "../../../../lib/providers/memory/index.ts";
import { nodeStep } from "../../../../lib/reconcile/node-step.ts";
import type { Outcome, World } from "../../../../lib/reconcile/step.ts";
import { CLUSTER, NAMESPACE, NOTICE_TIME, POOL } from "../../../support/builders.ts";
import { type ManualClock, manualClock } from "../../../support/manual-clock.ts";
import { kubeadmConfigs, poolCrds } from "./crds.ts";
import { configOf, FILTER, infrastructureOf, nodeOf, poolOf, theCluster } from "./objects.ts";

const TERMINATIONS = new URL(
  "../../../../infra/kubernetes/crds/lifecycle.cluster.x-k8s.io_instanceterminations.yaml",
  import.meta.url,
);
const FUNCTION_USER = "lifeguard";
export const POOL_KEY: Key = { kind: machinePools.kind, namespace: NAMESPACE, name: POOL };

export interface NodeRigOptions {
  /** null: there is none. */
  readonly cluster?: Cluster | null;
  readonly pool?: MachinePool;
  readonly config?: BootstrapConfig | null;
  readonly infrastructure?: KubernetesObject | null;
  /** Default: one Node, Ready. */
  readonly nodes?: readonly Node[];
  readonly crds?: readonly object[];
}

export interface NodeRig {
  readonly clock: ManualClock;
  readonly world: World;
  readonly management: KubernetesClient;
  readonly workload: KubernetesClient;
  readonly servers: { readonly management: LocalKubernetes; readonly workload: LocalKubernetes };
  readonly step: () => Promise<Outcome>;
  /** Passes until nobody is to come back at once; what each did. */
  readonly settle: () => Promise<readonly string[]>;
  readonly calls: () => readonly Call[];
  readonly writes: () => readonly string[];
  readonly forgetCalls: () => void;
  readonly pool: () => Promise<MachinePool>;
  readonly status: () => Promise<MachinePoolStatus>;
  readonly read: <T extends KubernetesObject>(resource: Resource, name?: string) => Promise<T | undefined>;
  readonly node: (number: number) => Promise<Node | undefined>;
  readonly create: (resource: Resource, object: KubernetesObject) => Promise<void>;
  /** Merge patches spec, metadata and, through its own door, status. */
  readonly change: (resource: Resource, name: string, fields: object, status?: object) => Promise<void>;
  readonly eventReasons: () => Promise<readonly string[]>;
}

export async function startNodeRig(t: TestContext, options: NodeRigOptions = {}): Promise<NodeRig> {
  const clock = manualClock(new Date(NOTICE_TIME));
  const authority = await createAuthority();
  const servers = {
    management: await startKubernetes({ clock, name: "management", authority }),
    workload: await startKubernetes({ clock, name: "workload", authority }),
  };
  t.after(() => Promise.all([servers.management.close(), servers.workload.close()]));
  const admin = (server: LocalKubernetes) =>
    connect(async () => server.kubeconfig("admin"), { name: server.name, origin: "the test" }).client(undefined);
  const [management, workload] = [admin(servers.management), admin(servers.workload)];
  await prepare(management, servers, options.crds ?? poolCrds);
  const world = worldOf(clock, servers);
  const rig = views({ clock, servers, management, workload, world });
  await populate(rig, options);
  rig.forgetCalls();
  return rig;
}

async function prepare(management: KubernetesClient, servers: NodeRig["servers"], crds: readonly object[]) {
  for (const crd of [...crds, load(readFileSync(TERMINATIONS, "utf8"))])
    await management.create(customResourceDefinitions, crd as KubernetesObject);
  await management.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
  const kubeconfig = servers.workload.kubeconfig(FUNCTION_USER, ["system:masters"]);
  const data = { value: Buffer.from(kubeconfig).toString("base64") };
  const metadata = { name: kubeconfigSecretName(CLUSTER), namespace: NAMESPACE };
  await management.create(secrets, { apiVersion: "v1", kind: "Secret", metadata, data } as KubernetesObject);
}

function worldOf(clock: ManualClock, servers: NodeRig["servers"]): World {
  const connections = connectClusters({
    management: async () => servers.management.kubeconfig(FUNCTION_USER, ["system:masters"]),
  });
  return {
    clusters: connections.during(undefined),
    provider: createMemoryCloud({ now: () => clock.now() }).provider,
    now: () => clock.now(),
    contractVersions: new Map(),
    settings: {
      finishedTtlSeconds: 3600,
      safetyMarginSeconds: 10,
      evictionParallelism: 5,
      dryRun: false,
      nodeNotFoundSeconds: 900,
      watchFilter: FILTER,
    },
  };
}

async function populate(rig: NodeRig, options: NodeRigOptions): Promise<void> {
  const { cluster = theCluster(), config = configOf(), infrastructure = infrastructureOf() } = options;
  if (cluster) await rig.create(clusters, cluster);
  if (config) await rig.create({ ...kubeadmConfigs, ...resourceOf(config) }, config);
  if (infrastructure) {
    const { apiVersion = awsMachinePools.apiVersion, kind = awsMachinePools.kind } = infrastructure;
    await rig.create({ apiVersion, ...resourceOf({ ...infrastructure, kind }) }, infrastructure);
  }
  await rig.create(machinePools, options.pool ?? poolOf());
  for (const node of options.nodes ?? [nodeOf(1)]) await createWhole(rig.workload, nodes, node);
}

const resourceOf = ({ kind = "" }: KubernetesObject) => ({ kind, plural: `${kind.toLowerCase()}s` });

/** Status is another door: what an object says there is written after it. */
async function createWhole(client: KubernetesClient, resource: Resource, object: KubernetesObject): Promise<void> {
  const made = await client.create(resource, object);
  const { status } = object as { status?: object };
  const { namespace, name } = made.metadata;
  const place = namespace === undefined ? { name } : { namespace, name };
  if (status) await client.patch(resource, place, { type: "merge", body: { status } }, "status");
}

const orUndefined = async <T>(promise: Promise<T>): Promise<T | undefined> => promise.catch(() => undefined);

type Parts = Pick<NodeRig, "clock" | "servers" | "management" | "workload" | "world">;

function views(parts: Parts): NodeRig {
  const { servers, management, workload, world } = parts;
  const calls = () =>
    [...servers.management.calls, ...servers.workload.calls]
      .filter(({ who }) => who === FUNCTION_USER)
      .sort((a, b) => a.at.getTime() - b.at.getTime());
  const step = () => nodeStep(world, POOL_KEY);
  const read = <T extends KubernetesObject>(resource: Resource, name = POOL) =>
    orUndefined(management.get<T>(resource, { namespace: NAMESPACE, name }));
  const pool = () => management.get<MachinePool>(machinePools, { namespace: NAMESPACE, name: POOL });
  return {
    ...parts,
    step,
    settle: () => settle(step),
    calls,
    writes: () => calls().flatMap(({ what }) => (/^(GET|LIST)/.test(what) ? [] : [what])),
    forgetCalls: () => {
      servers.management.calls.length = 0;
      servers.workload.calls.length = 0;
    },
    pool,
    status: async () => (await pool()).status ?? {},
    read,
    node: (number) => orUndefined(workload.get<Node>(nodes, { name: `node-${number}` })),
    create: (resource, object) => createWhole(management, resource, object),
    change: async (resource, name, fields, status) => {
      const place = { namespace: NAMESPACE, name };
      if (Object.keys(fields).length > 0) await management.patch(resource, place, { type: "merge", body: fields });
      if (status) await management.patch(resource, place, { type: "merge", body: { status } }, "status");
    },
    eventReasons: async () => {
      const reasons: string[] = [];
      for await (const page of management.list<Event>(events)) reasons.push(...page.map(({ reason }) => reason));
      return reasons.sort();
    },
  };
}

async function settle(step: () => Promise<Outcome>): Promise<readonly string[]> {
  const told: string[] = [];
  for (let again: number | undefined = 0; again === 0 || again === 1; ) {
    const outcome = await step();
    told.push(`${outcome.did} ${outcome.because}`);
    again = outcome.againSeconds;
    if (told.length > 60) throw new Error(`no end: ${told.slice(-5).join(", ")}`);
  }
  return told;
}

/** Status and reason of one v1beta2 condition. */
export const conditionOf = (status: MachinePoolStatus, type: string): string => {
  const found = status.conditions?.find((one) => one.type === type);
  return `${found?.status} ${found?.reason}`;
};
/** The same of contract v1beta1. */
export const oldConditionOf = (status: MachinePoolStatus, type: string): string => {
  const found = status.deprecated?.v1beta1?.conditions?.find((one) => one.type === type);
  return [found?.status, found?.reason].filter(Boolean).join(" ");
};
