/** When all is quiet: a pool of ours has what is wished, says so truly and completely, or is gone without a trace. */
import { type Machine, machines } from "../../../lib/api/core/machine.ts";
import type { MachinePool } from "../../../lib/api/core/machine-pool.ts";
import type { KubernetesObject } from "../../../lib/api/kubernetes/meta.ts";
import { type Node, nodes } from "../../../lib/api/kubernetes/node.ts";
import { INSTANCE_LABEL, instanceTerminations } from "../../../lib/api/lifecycle/instance-termination.ts";
import type { Scene } from "../scene.ts";
import type { PoolCourt } from "./pool-cloud.ts";
import { activeMembers, ownInfrastructure, ownPool, poolMembers, targetOf } from "./pool-memory.ts";

const when = (condition: boolean, told: string): readonly string[] => (condition ? [told] : []);

const missing = (wanted: Iterable<string>, there: readonly string[]) => [...wanted].find((one) => !there.includes(one));

/** What keeps a pool of ours from its rest; empty: nothing. */
export function poolUnfinished(scene: Scene): readonly string[] {
  const [pool, infrastructure] = [ownPool(scene), ownInfrastructure(scene)];
  if (!pool || !infrastructure) return leftovers(scene);
  if (pool.metadata.deletionTimestamp !== undefined) return ["the pool is being deleted"];
  const { group, isChanging, hooks } = scene.cloud.shown();
  const declared = scene.cloud.name === "azure" ? [] : scene.plan.hooks.map(({ name }) => name);
  const hook = missing(declared, hooks);
  const members = poolMembers(scene);
  const active = activeMembers(scene);
  const count = active.length;
  const changedAt = scene.facts.templateChangedAt;
  const old = active.find(({ launchTime }) => launchTime.getTime() < changedAt - 5000);
  const target = targetOf(scene) ?? group?.desired;
  if (!group) return ["there is no group"];
  return [
    ...when(group.desired !== target, `${group.desired} are desired instead of ${target}`),
    ...when(count !== target, `${count} instances instead of ${target}`),
    ...when(members.length !== count, "instances are on their way out"),
    ...when(isChanging, "the group is being changed"),
    // Where nobody says so, or the hint is lost, the look of every ten minutes mends it.
    ...when(hook !== undefined, `the hook ${hook} is missing`),
    ...when(old !== undefined, `${old?.id} still runs what has been changed since`),
    ...whatIsSaid(scene, pool, members.map(({ providerID }) => providerID).sort()),
  ];
}

function whatIsSaid(scene: Scene, pool: MachinePool, ids: readonly string[]): readonly string[] {
  const infrastructure = ownInfrastructure(scene);
  const { status = {}, spec, metadata } = pool;
  const count = ids.length;
  const machinesOf = scene.management.all<Machine>(machines);
  const isLeaving = ({ metadata: { deletionTimestamp } }: Machine) => deletionTimestamp !== undefined;
  const numbers = {
    "the pool's replicas": status.replicas,
    "ready replicas": status.readyReplicas,
    "available replicas": status.availableReplicas,
    "up-to-date replicas": status.upToDateReplicas,
    "node references": status.nodeRefs?.length ?? 0,
    "the infrastructure's replicas": infrastructure?.status?.replicas,
    Machines: machinesOf.length,
    "infrastructure machines": scene.management.all(scene.cloud.kinds.machines).length,
  };
  const isSame = (list: readonly string[] | undefined) =>
    JSON.stringify([...(list ?? [])].sort()) === JSON.stringify(ids);
  return [
    ...Object.entries(numbers).flatMap(([name, value]) =>
      when((value ?? 0) !== count, `${name}: ${value} instead of ${count}`),
    ),
    ...when(machinesOf.some(isLeaving), "a Machine is on its way out"),
    ...when(!isSame(infrastructure?.spec.providerIDList), "the infrastructure's list names others"),
    ...when(!isSame(spec.providerIDList), "the pool's list names others"),
    ...when(status.phase !== "Running" && spec.replicas === count, `the phase is ${status.phase}`),
    ...when(status.observedGeneration !== metadata.generation, "the pool's generation is not observed"),
    ...when(infrastructure?.status?.ready !== true, "the infrastructure is not ready"),
  ];
}

/** A pool that went before anybody made it the owner leaves what a person applied beside it, as upstream does. */
const isHandedOver = (infrastructure: KubernetesObject | undefined): boolean =>
  infrastructure !== undefined &&
  [infrastructure.metadata.ownerReferences, infrastructure.metadata.finalizers].some((list) => list?.length);

function leftovers(scene: Scene): readonly string[] {
  const { group, leftovers: more } = scene.cloud.shown();
  const { management, cloud } = scene;
  const records = management.all(instanceTerminations).length;
  return [
    ...when(group !== undefined, "the group of a deleted pool is left"),
    ...more.map((what) => `${what} of a deleted pool is left`),
    ...when(poolMembers(scene).length > 0, "instances of a deleted pool are left"),
    ...when(
      isHandedOver(ownInfrastructure(scene)) || ownPool(scene) !== undefined,
      "one of the pool's two objects is left",
    ),
    ...when(
      management.all(machines).length + management.all(cloud.kinds.machines).length > 0,
      "Machines of a deleted pool are left",
    ),
    ...when(records > 0, `${records} records of a deleted pool are left`),
  ];
}

/** Beside what `poolUnfinished` waits for. */
export function poolAtRest(court: PoolCourt): void {
  const { scene, broken } = court;
  const pool = ownPool(scene);
  for (const node of scene.workload.all<Node>(nodes)) hasItsInstance(court, node);
  if (!pool) return;
  othersAreSpared(court);
  if (pool.spec.replicas !== activeMembers(scene).length) return;
  const [bad] = pool.status?.conditions?.filter(({ type, status }) => GOOD.includes(type) && status !== "True") ?? [];
  if (bad) broken("P5", "a condition of a pool at rest is not True", `${bad.type}: ${bad.reason} ${bad.message}`);
}

function othersAreSpared({ scene, broken }: PoolCourt): void {
  const { group, hooks } = scene.cloud.shown();
  const { facts } = scene;
  const keys = group?.tagKeys ?? [];
  const hook = missing(facts.foreignHooks, hooks);
  if (hook !== undefined) broken("P6", "a hook of somebody else is gone", hook);
  const key = missing(facts.foreignTags, keys);
  if (key !== undefined) broken("P6", "a tag of somebody else is gone", key);
}

/** Of a pool that has all it wants. */
const GOOD = ["Available", "BootstrapConfigReady", "InfrastructureReady", "MachinesReady", "MachinesUpToDate"];

function hasItsInstance({ scene, broken, pools }: PoolCourt, node: Node): void {
  if (pools.endedInTrouble()) return;
  const machine = scene.cloud.machines().find(({ providerID }) => providerID === node.spec?.providerID);
  // One that came and went while the pool was paused was never ours to know.
  const isKnown = node.metadata.labels?.[INSTANCE_LABEL] !== undefined;
  if (machine?.isOurs && isKnown && machine.state === "terminated")
    broken("P1", "the Node of an instance that is gone is left", node.metadata.name);
}
