/** One pass over one infrastructure pool: observe, decide one action, act, say what is, say when to look again. */
import type { InfrastructurePool } from "../api/core/infrastructure-pool.ts";
import type { MachinePool } from "../api/core/machine-pool.ts";
import type { Key } from "../api/key.ts";
import type { KubernetesObject, Resource } from "../api/kubernetes/meta.ts";
import type { At } from "../kubernetes/client.ts";
import { ProviderError } from "../providers/errors.ts";
import type { ObjectReader, PoolProvider, PoolRequest, PoolSession, PoolSight } from "../providers/pool-provider.ts";
import { actOnGroup, type GroupDone, type GroupPass, keyOfMachinePool, patchFinalizers } from "./act/group-act.ts";
import { writePoolStatement } from "./act/write-pool-statement.ts";
import { type GroupAction, groupAction } from "./decide/group-action.ts";
import { groupGate } from "./decide/group-gate.ts";
import { groupOutcome } from "./decide/group-outcome.ts";
import { outOfBounds, poolSaid, type Statement } from "./decide/group-status.ts";
import type { SaidV1Beta1 } from "./decide/pool-v1beta1.ts";
import { timeOf } from "./decide/time.ts";
import { poolMembers } from "./observe/group-marks.ts";
import { observeGroup } from "./observe/group-moment.ts";
import { observePool, type PoolObserved } from "./observe/pool-seen.ts";
import type { Outcome, PoolWorld } from "./step.ts";
import { ignoreNotFound, isConflict, troubleOf } from "./trouble.ts";

const CONFLICT_SECONDS = 1;
/** Where the provider names no condition of its own. */
const GROUP_CONDITION = "GroupReady";

/**
 * Repeatable at any point: a pass that died is made again by the next.
 * @param key of an infrastructure pool
 * @throws    what neither time nor a later pass mends (a refused body, a fault of our own)
 */
export async function poolStep(world: PoolWorld, key: Key): Promise<Outcome> {
  try {
    return { ...(await onePass(world, key)), object: key };
  } catch (error) {
    if (isConflict(error)) return { did: "conflicted", object: key, againSeconds: CONFLICT_SECONDS };
    const trouble = troubleOf(error);
    if (!trouble) throw error;
    const { reason, message, againSeconds } = trouble;
    return { did: "failed", because: reason, message, object: key, againSeconds };
  }
}

interface Desk {
  readonly world: PoolWorld;
  readonly provider: PoolProvider;
  readonly pool: InfrastructurePool;
}

async function onePass(world: PoolWorld, key: Key): Promise<Outcome> {
  const provider = world.poolProviders.find(({ kind }) => kind.resource.kind === key.kind);
  if (!provider) return { did: "ignored", because: "UnknownKind" };
  const at = { namespace: key.namespace, name: key.name };
  const { resource } = provider.kind;
  const found = await world.clusters.management.get<InfrastructurePool>(resource, at).catch(ignoreNotFound);
  if (!found) return { did: "ignored", because: "NotFound" };
  const desk = { world, provider, pool: { ...found, kind: resource.kind } };
  const observed = await observePool(world, provider, desk.pool);
  const gate = groupGate(observed.seen);
  return gate ? stopAtGate(desk, gate, observed.seen.machinePool) : insideCloud(desk, observed);
}

async function stopAtGate(desk: Desk, gate: GroupAction, machinePool: MachinePool | undefined): Promise<Outcome> {
  const { provider, pool } = desk;
  if (desk.world.settings.dryRun) return { did: "planned", because: gate.because };
  if (gate.do === "add-finalizer")
    await patchFinalizers(desk, [...(pool.metadata.finalizers ?? []), provider.finalizer]);
  const said = gate.do === "wait" ? gate.said : undefined;
  const condition = said && { ...about(provider), status: "False" as const, ...said };
  return { ...groupOutcome(gate), ...(condition && (await sayOnly(desk, condition, machinePool))) };
}

const about = ({ groupCondition = GROUP_CONDITION }: PoolProvider) => ({ type: groupCondition });

/** What stops us before there is anything to see of the group. */
async function sayOnly(
  desk: Desk,
  condition: SaidV1Beta1,
  machinePool: MachinePool | undefined,
): Promise<Pick<Outcome, "others">> {
  return say(desk, { conditions: [condition] }, { machinePool });
}

interface Context {
  readonly machinePool: MachinePool | undefined;
  readonly bounds?: SaidV1Beta1 | undefined;
}

/** @returns the MachinePool's key when something new was said */
async function say(
  { world, provider, pool }: Desk,
  statement: Statement,
  { machinePool, bounds }: Context,
): Promise<Pick<Outcome, "others">> {
  const place = { management: world.clusters.management, resource: provider.kind.resource };
  const time = timeOf(world.now().getTime() / 1000);
  // Gone meanwhile: nobody is left to read it.
  const isNew = await writePoolStatement(place, pool, poolSaid(pool, statement, { time, bounds })).catch(
    ignoreNotFound,
  );
  return isNew && machinePool ? { others: [keyOfMachinePool(machinePool)] } : {};
}

async function insideCloud(desk: Desk, { seen, bootstrap }: PoolObserved): Promise<Outcome> {
  const { world, provider, pool } = desk;
  const { machinePool, cluster } = seen;
  if (!machinePool || !cluster) throw new Error("the gate let a pool pass that has no owner: a fault of ours");
  const { management } = world.clusters;
  const read: ObjectReader = <T extends KubernetesObject>(resource: Resource, at: At) =>
    management.get<T>(resource, at).catch(ignoreNotFound);
  const members = () => poolMembers(management, machinePool);
  const request = { pool, machinePool, cluster, read, members, now: world.now(), ...(bootstrap && { bootstrap }) };
  const looked = await look(provider, request);
  if ("waiting" in looked) {
    const because = looked.waiting.reason ?? "Waiting";
    return { did: "waited", because, ...(await sayUnlessDry(desk, looked.waiting, machinePool)) };
  }
  if ("failed" in looked) return unseen(desk, looked.failed, machinePool);
  const { session, sight } = looked;
  const told = provider.kind.changesAreTold === true;
  const moment = await observeGroup(world, { machinePool, pool, session, sight, told });
  return decided({ ...desk, machinePool, cluster, session, sight, moment });
}

const sayUnlessDry = async (desk: Desk, condition: SaidV1Beta1, machinePool: MachinePool) =>
  desk.world.settings.dryRun ? {} : sayOnly(desk, condition, machinePool);

type Looked =
  | { readonly session: PoolSession; readonly sight: PoolSight }
  | { readonly waiting: SaidV1Beta1 }
  | { readonly failed: ProviderError };

async function look(provider: PoolProvider, request: PoolRequest): Promise<Looked> {
  try {
    const session = await provider.open(request);
    return "waiting" in session ? session : { session, sight: await session.observe() };
  } catch (error) {
    if (error instanceof ProviderError) return { failed: error };
    throw error;
  }
}

const PASSING: readonly ProviderError["kind"][] = ["throttled", "unavailable", "conflict"];

/** What passes by itself is not worth two writes; what a person must mend is said. */
async function unseen(desk: Desk, failed: ProviderError, machinePool: MachinePool): Promise<Outcome> {
  const { reason = "CloudFailed", againSeconds = 0, message = "" } = troubleOf(failed) ?? {};
  const outcome = { did: "failed", because: reason, message, againSeconds };
  if (PASSING.includes(failed.kind)) return outcome;
  const condition = { ...about(desk.provider), status: "Unknown" as const, reason, message };
  return { ...outcome, ...(await sayUnlessDry(desk, condition, machinePool)) };
}

async function decided(pass: GroupPass & { readonly world: PoolWorld }): Promise<Outcome> {
  const action = groupAction(pass.moment);
  if (pass.world.settings.dryRun) return { did: "planned", because: action.because };
  const done = await actOnGroup(pass, action);
  const others = done.others ?? [];
  if (action.do === "drop-finalizer" && !done.failed) return { ...groupOutcome(action), others };
  const statement = pass.session.say(pass.sight, done.failed);
  const context = { machinePool: pass.machinePool, bounds: outOfBounds(pass.moment) };
  try {
    const { others: told = [] } = await say(pass, statement, context);
    return { ...outcomeOf(action, done), others: [...others, ...told] };
  } catch (error) {
    // What was recorded must be looked at, although the account of it is to be given again.
    if (isConflict(error)) return { did: "conflicted", againSeconds: CONFLICT_SECONDS, others };
    throw error;
  }
}

function outcomeOf(action: GroupAction, { failed }: GroupDone): Outcome {
  const trouble = failed && troubleOf(failed);
  if (!trouble) return groupOutcome(action);
  return { did: "failed", because: trouble.reason, message: trouble.message, againSeconds: trouble.againSeconds };
}
