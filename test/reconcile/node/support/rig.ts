/** Two clusters on the wire, for passes over one MachinePool. */
import type { TestContext } from "node:test";
import { awsMachinePools } from "../../../../lib/api/aws/aws-machine-pool.ts";
import type { BootstrapConfig } from "../../../../lib/api/core/bootstrap-config.ts";
import { type Cluster, clusters } from "../../../../lib/api/core/cluster.ts";
import { type MachinePool, type MachinePoolStatus, machinePools } from "../../../../lib/api/core/machine-pool.ts";
import type { Key } from "../../../../lib/api/key.ts";
import { type Event, events } from "../../../../lib/api/kubernetes/event.ts";
import type { KubernetesObject, Resource } from "../../../../lib/api/kubernetes/meta.ts";
import { type Node, nodes } from "../../../../lib/api/kubernetes/node.ts";
import { createMemoryCloud } from "../../../../lib/providers/memory/index.ts";
import { nodeStep } from "../../../../lib/reconcile/node-step.ts";
import type { Outcome, World } from "../../../../lib/reconcile/step.ts";
import { NAMESPACE, POOL } from "../../../support/builders.ts";
import { createWhole, orUndefined, SETTINGS, startTwoClusters, type TwoClusters } from "../../support/two-clusters.ts";
import { kubeadmConfigs, poolCrds } from "./crds.ts";
import { configOf, FILTER, infrastructureOf, nodeOf, poolOf, theCluster } from "./objects.ts";

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

export interface NodeRig extends TwoClusters {
  readonly world: World;
  readonly step: () => Promise<Outcome>;
  /** Passes until nobody is to come back at once; what each did. */
  readonly settle: () => Promise<readonly string[]>;
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
  const base = await startTwoClusters(t, options.crds ?? poolCrds);
  const world = {
    clusters: base.clusters,
    provider: createMemoryCloud({ now: () => base.clock.now() }).provider,
    now: () => base.clock.now(),
    contractVersions: new Map(),
    settings: { ...SETTINGS, watchFilter: FILTER },
  };
  const rig = views({ ...base, world });
  await populate(rig, options);
  rig.forgetCalls();
  return rig;
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

type Parts = TwoClusters & Pick<NodeRig, "world">;

function views(parts: Parts): NodeRig {
  const { management, workload, world } = parts;
  const step = () => nodeStep(world, POOL_KEY);
  const read = <T extends KubernetesObject>(resource: Resource, name = POOL) =>
    orUndefined(management.get<T>(resource, { namespace: NAMESPACE, name }));
  const pool = () => management.get<MachinePool>(machinePools, { namespace: NAMESPACE, name: POOL });
  return {
    ...parts,
    step,
    settle: () => settle(step),
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
