/** A cloud says that an instance will leave: record it and cordon its Node, in one invocation and few calls. */

import { WATCH_FILTER_LABEL } from "../api/core/labels.ts";
import { type MachinePool, machinePools } from "../api/core/machine-pool.ts";
import type { Key } from "../api/key.ts";
import type { Node } from "../api/kubernetes/node.ts";
import type { InstanceTermination } from "../api/lifecycle/instance-termination.ts";
import type { LeavingInstance } from "../api/trigger.ts";
import type { KubernetesClient } from "../kubernetes/client.ts";
import { KubernetesError } from "../kubernetes/errors.ts";
import type { InfrastructurePool } from "../providers/provider.ts";
import { cordonNode } from "./act/cordon-node.ts";
import { createOrRead, replace, tighten } from "./act/record-termination.ts";
import { DRAIN_CANCELLED_ANNOTATION } from "./decide/cordon.ts";
import { newTermination } from "./decide/new-termination.ts";
import { isStale, type NoticeAction, type NoticeView, noticeAction } from "./decide/notice-action.ts";
import { excludedBy, type Owner, pausedIn } from "./decide/owner.ts";
import { secondsOf } from "./decide/time.ts";
import { keyOf } from "./key-of.ts";
import { findNode } from "./observe/find-node.ts";
import { findPool } from "./observe/find-pool.ts";
import { findMachine } from "./observe/owner.ts";
import type { Outcome, World } from "./step.ts";
import { CONFLICT_SECONDS, isConflict, troubleOf } from "./trouble.ts";

export interface NoticeOptions {
  /** The instance was found waiting for us; no event told of it. */
  readonly foundWaiting?: boolean;
}

/**
 * Repeatable: a doubled notice writes nothing.
 * @returns with `object`: its key belongs on the queue after `againSeconds` (absent: it is finished). Without `object`
 *          and with `againSeconds`: the same notice must be given once more, by the runtime's retry
 * @throws KubernetesError and ProviderError that forbid or refuse: a person must act, the notice must not be lost
 */
export async function recordLeaving(
  world: World,
  notice: LeavingInstance,
  options: NoticeOptions = {},
): Promise<Outcome> {
  const search = await findPool(world, notice);
  if (search.found === "none") return { did: "ignored", because: search.because };
  if (search.found === "several") return ambiguous(notice, search.pools);
  const pool = await machinePoolOf(world.clusters.management, search.pool);
  if (!pool) return { did: "ignored", because: "NoMachinePool" };
  if (pausedIn(pool, [search.pool]) !== undefined) return { did: "ignored", because: "Paused" };
  const hold = notice.hold && world.provider.pools.completeHold(notice.hold, search.pool);
  const completed = { ...notice, ...(hold && { hold }) };
  const found = { infrastructure: search.pool, providerID: search.providerID, pool, notice: completed };
  const outcome = await record(world, found, options);
  return { ...outcome, ...reconciledHere(world, search.pool) };
}

/** The pool loses an instance: where it is reconciled here, its own passes have something to say of it. */
function reconciledHere({ settings, provider }: World, { metadata }: InfrastructurePool): Pick<Outcome, "others"> {
  const { watchFilter } = settings;
  if (!watchFilter || metadata.labels?.[WATCH_FILTER_LABEL] !== watchFilter) return {};
  const { namespace = "", name } = metadata;
  return { others: [{ kind: provider.pools.resource.kind, namespace, name }] };
}

/** Two pools claim one group: said, never guessed. */
const ambiguous = ({ instanceId }: LeavingInstance, pools: readonly string[]): Outcome => ({
  did: "refused",
  because: "AmbiguousPool",
  message: `instance ${instanceId}: ${pools.join(" and ")} claim its group; delete one, or correct its cluster-name label`,
});

interface Found {
  readonly notice: LeavingInstance;
  readonly infrastructure: InfrastructurePool;
  readonly providerID: string;
  readonly pool: MachinePool;
}

/** The MachinePool that upstream made the owner of the infrastructure pool. */
async function machinePoolOf(
  management: KubernetesClient,
  { metadata }: InfrastructurePool,
): Promise<MachinePool | undefined> {
  const owner = metadata.ownerReferences?.find(({ kind }) => kind === machinePools.kind);
  if (!owner) return undefined;
  const at = { namespace: metadata.namespace ?? "", name: owner.name };
  return management.get<MachinePool>(machinePools, at);
}

interface Seat {
  readonly owner: Owner;
  readonly workload?: KubernetesClient;
  readonly node?: Node;
}

async function record(world: World, found: Found, options: NoticeOptions): Promise<Outcome> {
  const { notice, providerID, pool } = found;
  const { management } = world.clusters;
  const seat = await findSeat(world, found);
  const nowSeconds = world.now().getTime() / 1000;
  const asked = isStale(notice, nowSeconds) ? await world.provider.observeInstance(providerID, notice.hold) : undefined;
  const view = noticeView(world, { notice, seat, nowSeconds, foundWaiting: options.foundWaiting === true });
  const seen = asked ? { ...view, instance: asked.state } : view;
  const first = noticeAction(seen);
  if (first.do === "ignore") return { did: "ignored", because: first.because };
  const machineName = seat.owner.machine?.metadata.name;
  const fresh = newTermination({
    notice,
    pool,
    providerID,
    dryRun: world.settings.dryRun,
    ...(machineName && { machineName }),
  });
  const action = await write(management, { seen, first, fresh });
  if (!action) return { did: "conflicted", againSeconds: CONFLICT_SECONDS };
  if (action.do === "ignore") return { did: "ignored", because: action.because };
  const outcome = await cordon(seat, action.cordon);
  return conclude(action, { outcome, key: keyOf(fresh), waitedSeconds: nowSeconds - secondsOf(notice.noticeTime) });
}

/** A workload cluster that cannot be reached costs the cordon, not the record. */
async function findSeat(world: World, { infrastructure, notice, providerID, pool }: Found): Promise<Seat> {
  const { management } = world.clusters;
  const keepsMachines = Boolean(infrastructure.status?.infrastructureMachineKind);
  const machine = keepsMachines ? await findMachine(management, pool, providerID) : undefined;
  const owner = { pool, ...(machine && { machine }) };
  const cluster = { namespace: pool.metadata.namespace ?? "", name: pool.spec.clusterName };
  try {
    const workload = await world.clusters.workload(cluster);
    const search = { providerID, instanceId: notice.instanceId, ...owner };
    const { node } = await findNode(workload, world.provider, search);
    return { owner, workload, ...(node && { node }) };
  } catch (error) {
    if (error instanceof KubernetesError) return { owner };
    throw error;
  }
}

interface Facts {
  readonly notice: LeavingInstance;
  readonly seat: Seat;
  readonly nowSeconds: number;
  readonly foundWaiting: boolean;
}

function noticeView(world: World, { notice, seat, nowSeconds, foundWaiting }: Facts): NoticeView {
  const excluded = excludedBy(seat.owner, seat.node);
  const cancelled = seat.node?.metadata.annotations?.[DRAIN_CANCELLED_ANNOTATION];
  return {
    nowSeconds,
    notice,
    hasNode: seat.node !== undefined,
    foundWaiting,
    dryRun: world.settings.dryRun,
    ...(excluded !== undefined && { excluded }),
    ...(cancelled !== undefined && { cancelledSeconds: secondsOf(cancelled) }),
  };
}

const WRITE_TRIES = 3;

interface Writing {
  readonly seen: NoticeView;
  readonly first: NoticeAction;
  readonly fresh: InstanceTermination;
}

/**
 * Two notices for one instance, or a notice and the first pass, meet all the time, and a notice that is given back comes
 * again only after a minute, which a short hold does not last: what the other has written is read, and decided upon anew.
 * @returns what was done; undefined when somebody else was faster each time: come again
 */
async function write(management: KubernetesClient, writing: Writing): Promise<NoticeAction | undefined> {
  for (let left = WRITE_TRIES; left > 0; left--) {
    const action = await writeOnce(management, writing);
    if (action) return action;
  }
  return undefined;
}

async function writeOnce(
  management: KubernetesClient,
  { seen, first, fresh }: Writing,
): Promise<NoticeAction | undefined> {
  try {
    const existing = await createOrRead(management, fresh);
    if (!existing) return first;
    const action = noticeAction({ ...seen, existing });
    if (action.do === "tighten") await tighten(management, existing, action.spec);
    if (action.do === "replace") await replace(management, existing, fresh);
    return action;
  } catch (error) {
    const isRace = error instanceof KubernetesError && ["conflict", "not-found", "already-exists"].includes(error.kind);
    if (isRace) return undefined;
    throw error;
  }
}

/** drain-step cordons what could not be cordoned here. */
async function cordon({ workload, node }: Seat, wanted: boolean): Promise<"cordoned" | "not-cordoned" | "failed"> {
  if (!wanted || !workload || !node) return "not-cordoned";
  try {
    return (await cordonNode(workload, node)) ? "cordoned" : "not-cordoned";
  } catch (error) {
    if (isConflict(error) || troubleOf(error)) return "failed";
    throw error;
  }
}

const DID = { create: "recorded", replace: "recorded", tighten: "tightened", keep: "kept" } as const;

interface Done {
  readonly outcome: "cordoned" | "not-cordoned" | "failed";
  readonly key: Key;
  readonly waitedSeconds: number;
}

function conclude(action: Exclude<NoticeAction, { do: "ignore" }>, { outcome, key, waitedSeconds }: Done): Outcome {
  const counted = {
    ...(outcome === "cordoned" && { cordonSeconds: Math.max(0, Math.round(waitedSeconds)) }),
    ...(outcome === "failed" && { cordonsFailed: 1 }),
  };
  const because = action.do === "keep" ? action.because : outcome === "cordoned" ? "Cordoned" : "NotCordoned";
  const isDone = action.do === "keep" && action.because === "AlreadyDone";
  return { did: DID[action.do], because, object: key, counted, ...(!isDone && { againSeconds: 0 }) };
}
