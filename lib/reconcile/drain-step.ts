/** One pass over one InstanceTermination: observe, decide one action, act, write status, say when to look again. */
import type { Key } from "../api/key.ts";
import { type InstanceTermination, instanceTerminations } from "../api/lifecycle/instance-termination.ts";
import { POOL_HINT } from "../api/pool-hint.ts";
import { KubernetesError } from "../kubernetes/errors.ts";
import { act } from "./act/act.ts";
import { keepHold } from "./act/keep-hold.ts";
import { writeSaid } from "./act/write-status.ts";
import type { ActResult, DrainAction } from "./decide/action.ts";
import { nextDrainAction } from "./decide/drain-action.ts";
import { claimsToRemember, drainStatus } from "./decide/drain-status.ts";
import type { DrainView } from "./decide/drain-view.ts";
import {
  isLookComing,
  isSameWish,
  isToldByCloud,
  isUrgent,
  mergeLook,
  secondsToAct,
  wantedSeconds,
} from "./decide/next-look.ts";
import { drainOutcome } from "./decide/outcome.ts";
import { firstView, observeDrain } from "./observe/drain-view.ts";
import type { Outcome, World } from "./step.ts";
import { CONFLICT_SECONDS, ignoreNotFound, isConflict, troubleOf } from "./trouble.ts";

/**
 * Repeatable at any point: a pass that died is made again by the next.
 * @param key of an InstanceTermination
 * @throws    what neither time nor a later pass mends (a refused body, a fault of our own)
 */
export async function drainStep(world: World, key: Key): Promise<Outcome> {
  try {
    return await onePass(world, key);
  } catch (error) {
    if (isConflict(error)) return { did: "conflicted", object: key, againSeconds: CONFLICT_SECONDS };
    const trouble = troubleOf(error);
    if (!trouble) throw error;
    return { did: "failed", because: trouble.reason, object: key, againSeconds: trouble.againSeconds };
  }
}

async function onePass(world: World, key: Key): Promise<Outcome> {
  const { management } = world.clusters;
  const at = { namespace: key.namespace, name: key.name };
  const found = await management.get<InstanceTermination>(instanceTerminations, at).catch(ignoreNotFound);
  if (!found) return { did: "ignored", because: "NotFound", object: key };
  const view = await observeDrain(world, found, await keepHold(world, found, firstView(world, found)));
  const action = nextDrainAction(view);
  const termination = await rememberClaims(world, found, { view, action });
  const result = mayAct(view, action) ? await act({ world, termination, view }, action) : {};
  try {
    const look = await conclude(world, termination, { view, action, result });
    return {
      ...drainOutcome(view, action, result),
      ...(isOver(action, result) && poolHint(world, view, key)),
      object: key,
      ...(look !== undefined && { againSeconds: look }),
    };
  } catch (error) {
    if (!isConflict(error)) throw error;
    const look = await lookAfterConflict(world, termination, { view, wanted: wantedSeconds(view, action, result) });
    return { did: "conflicted", object: key, ...(look !== undefined && { againSeconds: look }) };
  }
}

/** What was done is done, and whoever was faster may have promised the look that this pass wants: one call tells. */
async function lookAfterConflict(
  world: World,
  termination: InstanceTermination,
  { view, wanted }: { readonly view: DrainView; readonly wanted: number | undefined },
): Promise<number | undefined> {
  const { namespace = "", name } = termination.metadata;
  const { management } = world.clusters;
  const stored = await management
    .get<InstanceTermination>(instanceTerminations, { namespace, name })
    .catch(ignoreNotFound);
  if (!stored) return undefined;
  const nowSeconds = world.now().getTime() / 1000;
  const passed = nowSeconds - view.nowSeconds;
  const left = secondsToAct(view);
  const isPromised =
    isSameWish(termination, stored) &&
    wanted !== undefined &&
    isLookComing(stored.status?.nextLookTime, nowSeconds, wanted - passed) &&
    !isUrgent(left === undefined ? undefined : left - passed);
  return isPromised ? undefined : CONFLICT_SECONDS;
}

/** Nothing of this drain is left to do. */
const isOver = ({ do: what }: DrainAction, { trouble }: ActResult): boolean =>
  !trouble && (what === "finish" || what === "delete-node" || what === "let-go");

/** What the pool waited for is over: it may choose the next instance, drop this one from its list, or end. */
const poolHint = ({ settings }: World, { spec }: DrainView, { namespace }: Key): Pick<Outcome, "others"> =>
  settings.watchFilter ? { others: [{ kind: POOL_HINT, namespace, name: spec.machinePoolName }] } : {};

/** A dry run touches nothing but its own object. */
const mayAct = ({ spec }: DrainView, action: DrainAction): boolean =>
  spec.dryRun !== true || action.do === "let-go" || action.do === "forget";

interface Decided {
  readonly view: DrainView;
  readonly action: DrainAction;
}

/** Before the pods go: a pass that dies after the evictions must not lose whose volumes they were. */
async function rememberClaims(
  world: World,
  termination: InstanceTermination,
  { view, action }: Decided,
): Promise<InstanceTermination> {
  if (action.do !== "evict" || view.spec.dryRun) return termination;
  const claims = claimsToRemember(view);
  if (claims.length === (view.status.drainedClaims?.length ?? 0)) return termination;
  const { fields, ...rest } = drainStatus(view, { do: "wait", because: "Draining" }, {});
  const { nextLookTime } = view.status;
  const said = { ...rest, fields, ...(nextLookTime !== undefined && { nextLookTime }) };
  return writeSaid(world.clusters.management, termination, said, world.now());
}

async function conclude(
  world: World,
  termination: InstanceTermination,
  { view, action, result }: Decided & { readonly result: ActResult },
): Promise<number | undefined> {
  const wanted = wantedSeconds(view, action, result);
  const isLeft = (action.do === "let-go" || action.do === "forget") && !result.trouble;
  // A finished object says nothing new; one that is gone cannot.
  if (isLeft || (action.do === "wait" && action.because === "Finished")) return wanted;
  const { nextLookTime, againSeconds } = mergeLook(
    view.status.nextLookTime,
    view.nowSeconds,
    wanted,
    secondsToAct(view),
  );
  const said = { ...drainStatus(view, action, result), ...(nextLookTime !== undefined && { nextLookTime }) };
  try {
    await writeSaid(world.clusters.management, termination, said, world.now());
  } catch (error) {
    // What was done is done: only the account of it has to be given again.
    if (error instanceof KubernetesError && error.kind === "not-found") return undefined;
    throw error;
  }
  return isToldByCloud(view, action, result) ? undefined : againSeconds;
}
