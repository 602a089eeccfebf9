/** A pool on the wire and in memory: its passes, the drains of its instances and the cloud's notices, played until quiet. */
import { ok } from "node:assert/strict";
import type { TestContext } from "node:test";
import { awsMachinePools } from "../../../lib/api/aws/aws-machine-pool.ts";
import { clusters } from "../../../lib/api/core/cluster.ts";
import type { InfrastructurePool } from "../../../lib/api/core/infrastructure-pool.ts";
import { WATCH_FILTER_LABEL } from "../../../lib/api/core/labels.ts";
import { type MachinePool, machinePools } from "../../../lib/api/core/machine-pool.ts";
import type { Key } from "../../../lib/api/key.ts";
import { nodes } from "../../../lib/api/kubernetes/node.ts";
import { secrets } from "../../../lib/api/kubernetes/secret.ts";
import { type InstanceTermination, instanceTerminations } from "../../../lib/api/lifecycle/instance-termination.ts";
import { isOverdue } from "../../../lib/reconcile/decide/overdue.ts";
import { drainStep } from "../../../lib/reconcile/drain-step.ts";
import { recordLeaving } from "../../../lib/reconcile/notice-step.ts";
import { poolStep } from "../../../lib/reconcile/pool-step.ts";
import type { Outcome, PoolWorld, Settings } from "../../../lib/reconcile/step.ts";
import { aMachinePool, aNode, aPool, CLUSTER, NAMESPACE } from "../../support/builders.ts";
import { type Rig, startRig } from "../support/rig.ts";

export const NAME = "blue";
export const WATCH_FILTER = "lifeguard";
const SECRET = "blue-data";
export const POOL_KEY: Key = { kind: awsMachinePools.kind, namespace: NAMESPACE, name: NAME };
const AT = { namespace: NAMESPACE, name: NAME };

export interface PoolRigOptions {
  readonly replicas?: number;
  /** Default 0 to 10. */
  readonly bounds?: { readonly minSize: number; readonly maxSize: number };
  readonly settings?: Partial<Settings>;
  readonly hooks?: readonly { readonly name: string }[];
  /** The provider leads replacements, step by step. */
  readonly led?: boolean;
  readonly poolMeta?: object;
  readonly machinePoolMeta?: object;
  /** false: the Secret is missing. */
  readonly bootstrap?: boolean;
  readonly provisioned?: boolean;
}

export interface PoolRig extends Rig {
  readonly poolWorld: PoolWorld;
  step(): Promise<Outcome>;
  pool(): Promise<InfrastructurePool>;
  machinePool(): Promise<MachinePool>;
  terminations(): Promise<readonly InstanceTermination[]>;
  /** Of the group, that are not gone: instance id -> state. */
  instances(): Promise<readonly string[]>;
  scaleTo(replicas: number): Promise<void>;
  patchPool(body: object): Promise<void>;
  /** Starting with a look at the pool; answers what the passes did, e.g. "pool changed: GroupMissing". */
  untilQuiet(): Promise<readonly string[]>;
  /** One pass over every open record. */
  drainOpen(): Promise<void>;
}

const label = { [WATCH_FILTER_LABEL]: WATCH_FILTER };

export async function startPoolRig(t: TestContext, options: PoolRigOptions = {}): Promise<PoolRig> {
  const { replicas = 3, bounds = { minSize: 0, maxSize: 10 }, hooks = [{ name: "drain" }] } = options;
  const cluster = aPool().metadata.labels;
  const infrastructure = aPool({ name: NAME, ids: [], labels: { ...cluster, ...label }, ...options.poolMeta });
  const machinePool = aMachinePool({
    name: NAME,
    ids: [],
    nodes: [],
    labels: { ...cluster, ...label },
    ...options.machinePoolMeta,
  });
  const { spec } = machinePool;
  const template = { ...spec.template, spec: { ...spec.template.spec, bootstrap: { dataSecretName: SECRET } } };
  const rig = await startRig(t, {
    node: false,
    settings: { watchFilter: WATCH_FILTER, ...options.settings },
    cloud: { poolHooks: hooks, led: options.led ?? false },
    pool: { ...infrastructure, spec: { ...bounds } } as InfrastructurePool,
    machinePool: { ...machinePool, spec: { ...spec, replicas, template } } as MachinePool,
  });
  await surround(rig, options);
  return { ...rig, ...poolViews(rig) };
}

async function surround(rig: Rig, { bootstrap = true, provisioned = true }: PoolRigOptions): Promise<void> {
  const metadata = { name: SECRET, namespace: NAMESPACE };
  const data = { value: Buffer.from("#cloud-config").toString("base64") };
  if (bootstrap) await rig.management.create(secrets, { apiVersion: "v1", kind: "Secret", metadata, data } as never);
  const status = { initialization: { infrastructureProvisioned: provisioned } };
  const at = { namespace: NAMESPACE, name: CLUSTER };
  await rig.management.patch(clusters, at, { type: "merge", body: { status } }, "status");
}

function poolViews(rig: Rig): Omit<PoolRig, keyof Rig> {
  const poolWorld = { ...rig.world, poolProviders: [rig.cloud.poolProvider] };
  const { management } = rig;
  const step = () => poolStep(poolWorld, POOL_KEY);
  const terminations = async () => {
    const all: InstanceTermination[] = [];
    for await (const page of management.list<InstanceTermination>(instanceTerminations)) all.push(...page);
    return all;
  };
  const request = { machinePool: aMachinePool(), cluster: { metadata: { name: CLUSTER } } };
  return {
    poolWorld,
    step,
    terminations,
    pool: () => management.get<InfrastructurePool>(awsMachinePools, AT),
    machinePool: () => management.get<MachinePool>(machinePools, AT),
    instances: async () => {
      const pool = aPool({ name: NAME });
      const opened = await rig.cloud.poolProvider.open({
        ...request,
        pool,
        read: async () => undefined,
        now: rig.clock.now(),
      });
      ok("observe" in opened);
      const { group } = await opened.observe();
      return (group?.instances ?? []).map(({ instanceId, state }) => `${instanceId} ${state}`);
    },
    scaleTo: async (replicas) => {
      await management.patch(machinePools, AT, { type: "merge", body: { spec: { replicas } } });
    },
    patchPool: async (body) => {
      await management.patch(awsMachinePools, AT, { type: "merge", body });
    },
    untilQuiet: () => play(rig, poolWorld),
    drainOpen: async () => {
      for (const key of await openKeys(rig)) await drainStep(poolWorld, key);
    },
  };
}

/** Records that somebody should look at: what a sweep would find. */
async function openKeys(rig: Rig): Promise<readonly Key[]> {
  const keys: Key[] = [];
  for await (const page of rig.management.list<InstanceTermination>(instanceTerminations)) {
    const open = page.filter(({ status }) => status?.finishTime === undefined);
    keys.push(
      ...open.map(({ metadata }) => ({ kind: instanceTerminations.kind, namespace: NAMESPACE, name: metadata.name })),
    );
  }
  return keys;
}

/** The cloud's own events and the sweep bring those for which no message waits. */
async function overdueKeys(rig: Rig, due: readonly Due[]): Promise<readonly Key[]> {
  const keys: Key[] = [];
  for await (const page of rig.management.list<InstanceTermination>(instanceTerminations)) {
    const { finishedTtlSeconds } = rig.world.settings;
    const overdue = page.filter(
      (record) => record.status?.finishTime === undefined && isOverdue(record, secondsOf(rig), finishedTtlSeconds),
    );
    for (const { metadata } of overdue)
      if (!due.some(({ key }) => key.name === metadata.name))
        keys.push({ kind: instanceTerminations.kind, namespace: NAMESPACE, name: metadata.name });
  }
  return keys;
}

interface Due {
  readonly key: Key;
  readonly at: number;
}

/** Keys with their times, as a queue with delays has them; several for one object come one after the other. */
async function play(rig: Rig, world: PoolWorld): Promise<readonly string[]> {
  const due: Due[] = [];
  const told: string[] = [];
  const put = (key: Key, afterSeconds = 0) => {
    if (key.kind !== machinePools.kind) due.push({ key, at: secondsOf(rig) + afterSeconds });
    due.sort((a, b) => a.at - b.at);
  };
  put(POOL_KEY);
  for (const key of await openKeys(rig)) put(key);
  for (let next = due.shift(), turns = 0; next; next = due.shift(), turns++) {
    ok(turns < 400, `the pool comes to rest: ${told.slice(-8).join(", ")}`);
    await rig.pass(Math.max(0, next.at - secondsOf(rig)));
    for (const { object, againSeconds } of await happenings(rig, world)) if (object) put(object, againSeconds);
    for (const key of await overdueKeys(rig, due)) put(key);
    const { outcome, name } = await lookAt(world, next.key);
    for (const other of outcome.others ?? []) put(other);
    if (outcome.againSeconds !== undefined) put(next.key, outcome.againSeconds);
    told.push(`${name} ${outcome.did}: ${outcome.because ?? ""}`);
  }
  return told;
}

const secondsOf = (rig: Rig): number => rig.clock.now().getTime() / 1000;

async function lookAt(world: PoolWorld, key: Key) {
  const isPool = key.kind === awsMachinePools.kind;
  return { name: isPool ? "pool" : key.name, outcome: await (isPool ? poolStep(world, key) : drainStep(world, key)) };
}

/** What the world does by itself between two passes: Nodes join, and the cloud tells of instances that it takes out. */
async function happenings(rig: Rig, world: PoolWorld): Promise<readonly Outcome[]> {
  await syncNodes(rig);
  const told: Outcome[] = [];
  for (const notice of rig.cloud.takeNotices()) told.push(await recordLeaving(world, notice));
  return told.filter(({ againSeconds }) => againSeconds !== undefined);
}

/** Machines join as their instances come into service. */
async function syncNodes(rig: Rig): Promise<void> {
  rig.cloud.inspectPool(NAME);
  const known = new Set<string>();
  for await (const page of rig.workload.list(nodes)) for (const { metadata } of page) known.add(metadata.name);
  for (const providerID of await runningOf(rig)) {
    const name = `node-${providerID.split("/").at(-1) ?? ""}`;
    if (!known.has(name)) await rig.create("workload", nodes, aNode({ name, providerID }));
  }
}

async function runningOf(rig: Rig): Promise<readonly string[]> {
  const pool = aPool({ name: NAME });
  const cluster = { metadata: { name: CLUSTER } };
  const now = rig.clock.now();
  const opened = await rig.cloud.poolProvider.open({
    pool,
    cluster,
    machinePool: aMachinePool(),
    read: async () => undefined,
    now,
  });
  ok("observe" in opened);
  const { group } = await opened.observe();
  return (group?.instances ?? []).filter(({ state }) => state === "running").map(({ providerID }) => providerID);
}
