/** Looks at the world for one pass of a drain: as little as the decision needs, in the order in which it needs it. */
import type { Node } from "../../api/kubernetes/node.ts";
import type { InstanceTermination } from "../../api/lifecycle/instance-termination.ts";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { cloudDeadline } from "../decide/deadline.ts";
import { deletionHooksOf, mayWaitForHooks } from "../decide/deletion-hooks.ts";
import { claimsToRemember } from "../decide/drain-status.ts";
import type { DrainView, HoldView, Trouble } from "../decide/drain-view.ts";
import { excludedBy, limitsOf, type Owner, pausedIn, skipsVolumeWait } from "../decide/owner.ts";
import { mustLeave } from "../decide/pod-groups.ts";
import { isForced } from "../decide/pod-view.ts";
import { secondsOf } from "../decide/time.ts";
import type { World } from "../step.ts";
import { troubleOf, workloadTroubleOf } from "../trouble.ts";
import { observeNode } from "./node-sight.ts";
import { readOwner } from "./owner.ts";
import { judgePods, podsOn, restingPods } from "./pods.ts";
import { attachedClaims } from "./volumes.ts";

const OWNER_KNOWN_SECONDS = 60;

type Seen = Partial<
  Pick<
    DrainView,
    "instance" | "node" | "pods" | "limits" | "paused" | "excluded" | "hooks" | "attachedClaims" | "trouble"
  >
>;

/** What the object alone says: no call. */
export function firstView(world: World, termination: InstanceTermination): DrainView {
  const { metadata, spec, status = {} } = termination;
  const { finishedTtlSeconds, safetyMarginSeconds, nodeNotFoundSeconds } = world.settings;
  const hold = holdView(world, termination);
  const paused = pausedIn(undefined, [termination]);
  return {
    nowSeconds: world.now().getTime() / 1000,
    settings: { finishedTtlSeconds, safetyMarginSeconds, nodeNotFoundSeconds },
    spec,
    status,
    generation: metadata.generation ?? 0,
    deleting: metadata.deletionTimestamp !== undefined,
    ...(paused !== undefined && { paused }),
    ...(hold && { hold }),
    node: { seen: "unread" },
    limits: {},
  };
}

function holdView({ provider }: World, { spec }: InstanceTermination): HoldView | undefined {
  return spec.hold && { ...provider.terms(spec.hold), canHeartbeat: provider.heartbeat !== undefined };
}

/**
 * @param first of firstView, with the answer to this pass's heartbeat
 * @returns     what could be seen; `trouble` says what could not
 * @throws      what is neither a passing fault nor a refusal of the world (see troubleOf)
 */
export async function observeDrain(
  world: World,
  termination: InstanceTermination,
  first: DrainView,
): Promise<DrainView> {
  if (first.status.finishTime !== undefined) return first;
  const isLetGo = first.status.releaseTime !== undefined || first.heartbeat === "not-held" || isSilent(first);
  const seen = { ...first, ...(await observeInstanceIf(world, first, isLetGo || mayBeTakenBack(first))) };
  if (!seen.trouble && !needsNode(seen)) return seen;
  const inside = seen.trouble ? seen : { ...seen, ...(await observeCluster(world, termination, seen)) };
  return { ...inside, ...(await unreadOwner(world, termination, inside)) };
}

/**
 * Of an instance without a Node, or whose cloud or cluster cannot be read, nobody has asked the owner yet: hooks and a pause
 * count all the same.
 */
async function unreadOwner({ clusters }: World, termination: InstanceTermination, seen: DrainView): Promise<Seen> {
  if (seen.hooks || !(mayWaitForHooks(seen) || mayBeLetGoUnseen(seen))) return {};
  const owner = () => readOwner(clusters.management, termination);
  return orTrouble(troubleOf, async () => ownerAllows(await owner(), termination));
}

/** What nobody can see does not keep an instance past its end. */
function mayBeLetGoUnseen(seen: DrainView): boolean {
  if (seen.status.releaseTime !== undefined) return false;
  if (!seen.trouble) return seen.node.seen === "gone" || seen.node.seen === "missing";
  const end = cloudDeadline(seen);
  return end !== undefined && seen.nowSeconds >= end.atSeconds;
}

const ownerAllows = (owner: Owner, termination: InstanceTermination): Seen => ({
  hooks: deletionHooksOf(owner),
  ...pauseOf(owner, termination),
});

/**
 * Once released only the instance matters; its Node again when the instance stays after all, or the drain is cancelled.
 * The Node of a vanished instance is looked for only when no pass has seen it.
 */
function needsNode({ status, instance, deleting }: DrainView): boolean {
  if (instance?.state === "gone") return status.nodeRef === undefined;
  return status.releaseTime === undefined || deleting || instance?.state === "running";
}

/** A hold that takes no heartbeat answers none either: the instance tells whether it is held still. */
const isSilent = ({ hold }: DrainView): boolean => hold?.canHeartbeat === false;

/** A notice whose time has passed without an end; and a dry run changes nothing that would bring the end about. */
const mayBeTakenBack = ({ spec, nowSeconds }: DrainView): boolean =>
  spec.dryRun === true || (spec.deadlineTime !== undefined && nowSeconds > secondsOf(spec.deadlineTime));

async function observeInstanceIf({ provider }: World, { spec, status }: DrainView, wanted: boolean): Promise<Seen> {
  if (!wanted) return {};
  const { holdReleased: released = false, releaseTime } = status;
  const asked = { released, releaseTime, noticeTime: spec.noticeTime, removal: spec.removal !== undefined };
  const observed = () => provider.observeInstance(spec.providerID, spec.hold, asked);
  return orTrouble(troubleOf, async () => ({ instance: await observed() }));
}

async function observeCluster(world: World, termination: InstanceTermination, first: DrainView): Promise<Seen> {
  const cluster = { namespace: termination.metadata.namespace ?? "", name: first.spec.clusterName };
  let workload: KubernetesClient | undefined;
  const opened = await orTrouble(workloadTroubleOf, async () => {
    workload = await world.clusters.workload(cluster);
    return {};
  });
  if (!workload) return opened;
  const inside = { termination, workload, first };
  return orTrouble(troubleOf, () => lookInside(world, inside));
}

interface Inside {
  readonly termination: InstanceTermination;
  readonly workload: KubernetesClient;
  readonly first: DrainView;
}

/**
 * Whether a drain that has begun now waits for its pods alone: nobody can stop it by an uncordon, no volume is awaited,
 * and nothing is to be undone on the Node.
 */
function waitsForPodsAlone({ spec, status, instance, deleting }: DrainView): boolean {
  const hasBegun = status.nodeRef !== undefined && status.drainStartTime !== undefined;
  const goesOn = isForced(spec) && spec.drain?.mode !== "CordonOnly" && !deleting && !instance;
  return hasBegun && goesOn && !status.drainedClaims?.length;
}

/**
 * Pods before their Node: if the Node is still ours after they were listed, they were listed on it and not on another
 * that has taken its name; and where none has to leave, it need not be read at all.
 */
async function lookInside(world: World, inside: Inside): Promise<Seen> {
  const { termination, workload, first } = inside;
  const { management } = world.clusters;
  const { nowSeconds } = first;
  const owner = once(() => readOwner(management, termination));
  const known = first.deleting ? undefined : first.status.nodeRef;
  const listed = known && (await podsOn(workload, known.name));
  const search = { management, workload, termination, nowSeconds, owner };
  const resting = listed && waitsForPodsAlone(first) ? await restingPods({ ...search, found: listed }) : undefined;
  if (resting) return { node: { seen: "assumed" }, pods: resting, ...(await pauseSince(owner, termination, first)) };
  const { sight, node } = await observeNode({ workload, provider: world.provider }, termination, owner);
  if (!node || sight.seen !== "found") return { node: sight, ...(await withoutNode(world, first, sight.seen)) };
  const sick = await observeInstanceIf(world, first, sight.node.ready !== "True" && !first.instance);
  const { instance } = { ...first, ...sick };
  if (sick.trouble || instance?.state === "gone" || first.deleting) return { node: sight, ...sick };
  const found = listed ?? (await podsOn(workload, sight.node.name));
  const pods = await judgePods({ ...search, found, nodeReady: sight.node.ready });
  const seen = { node: sight, pods, ...sick };
  const asked = await ownerSays(owner, termination, node);
  return { ...seen, ...asked, ...(await volumesOf({ ...first, ...seen }, { workload, node, owner })) };
}

const withoutNode = (world: World, first: DrainView, seen: string): Promise<Seen> =>
  observeInstanceIf(world, first, (seen === "missing" || first.spec.drain?.mode === "CordonOnly") && !first.instance);

async function ownerSays(owner: () => Promise<Owner>, termination: InstanceTermination, node: Node): Promise<Seen> {
  const known = await owner();
  const excluded = excludedBy(known, node);
  const said = { limits: limitsOf(known), ...ownerAllows(known, termination) };
  return { ...said, ...(excluded !== undefined && { excluded }) };
}

/**
 * A drain that took no longer than a minute has asked its owner just now; one that found a pause must ask for its end, and
 * one that could not see everything since may have forgotten it.
 */
const pauseSince = async (
  owner: () => Promise<Owner>,
  termination: InstanceTermination,
  { status, nowSeconds }: DrainView,
): Promise<Seen> => {
  const isNew = nowSeconds < secondsOf(status.drainStartTime ?? "") + OWNER_KNOWN_SECONDS;
  const drained = status.conditions?.find(({ type }) => type === "Drained");
  const mayBePaused = drained?.reason === "Paused" || drained?.status === "Unknown";
  return isNew && !mayBePaused ? {} : pauseOf(await owner(), termination);
};

function pauseOf({ pool, machine }: Owner, termination: InstanceTermination): Seen {
  const paused = pausedIn(pool, [machine, termination]);
  return paused === undefined ? {} : { paused };
}

interface VolumeSearch {
  readonly workload: KubernetesClient;
  readonly node: Node;
  readonly owner: () => Promise<Owner>;
}

/** Asked only when nothing else is left and a drained pod had claims. */
async function volumesOf(view: DrainView, { workload, node, owner }: VolumeSearch): Promise<Seen> {
  const claims = claimsToRemember(view);
  if (
    claims.length === 0 ||
    view.pods?.some(mustLeave) ||
    (view.node.seen === "found" && view.node.node.ready === "Unknown")
  )
    return {};
  const known = await owner();
  if (skipsVolumeWait(known)) return {};
  return { limits: limitsOf(known), attachedClaims: await attachedClaims(workload, node, claims) };
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | undefined;
  return () => (reading ??= read());
}

type Judge = (error: unknown) => Trouble | undefined;

async function orTrouble(judge: Judge, look: () => Promise<Seen>): Promise<Seen> {
  try {
    return await look();
  } catch (error) {
    const trouble = judge(error);
    if (trouble) return { trouble };
    throw error;
  }
}
