/** P2, and the order of P1: which pods we may touch, when, and after whom. */
import type { Pod } from "../../../lib/api/kubernetes/pod.ts";
import { pods } from "../../../lib/api/kubernetes/pod.ts";
import type { Pass } from "../pass.ts";
import type { Asked, Change } from "../servers.ts";
import { type Court, instanceOf, isNearEnd, isOlder, recordOf } from "./court.ts";
import { toleranceMilliseconds } from "./deadlines.ts";
import { opinionOf, podsOn } from "./leaving.ts";

interface Touch {
  readonly pass: Pass;
  readonly pod: Pod;
  readonly request: Asked;
}

const named = ({ metadata }: Pod) => `Pod ${metadata.name} (${metadata.uid?.slice(-4)})`;
const isEviction = ({ path }: Asked) => path.includes("/eviction");

/** A pod begins to leave, or has to leave sooner, or is gone, by our hand. */
export function podTouched(court: Court, { by, plural, before, after, request }: Change): void {
  if (typeof by === "string" || plural !== pods.plural || !before || !request) return;
  const began = (object: typeof before | undefined) => object?.metadata.deletionGracePeriodSeconds;
  const isSooner =
    after !== undefined && (began(after) ?? Number.POSITIVE_INFINITY) < (began(before) ?? Number.POSITIVE_INFINITY);
  if (after && !isSooner) return;
  const touch = { pass: by, pod: before as Pod, request };
  bearsItsUid(court, touch);
  isOnTheNode(court, touch);
  mayLeave(court, touch);
  if (isEviction(request)) inItsTurn(court, touch);
  else isLate(court, touch);
  notPaused(court, touch);
}

function bearsItsUid({ broken }: Court, { pod, request }: Touch): void {
  const body = JSON.parse(request.body ?? "{}");
  const uid = (body.deleteOptions ?? body).preconditions?.uid;
  if (uid !== pod.metadata.uid) broken("P2", "a pod is touched without its uid", named(pod));
}

/** The Node that the record is about, now or when the pass began. */
function isOnTheNode({ scene, memory, broken }: Court, { pass, pod }: Touch): void {
  const record = recordOf(scene, pass);
  if (!record) return;
  const { providerID } = record.spec;
  const bearers = memory.nodes.named(pod.spec?.nodeName ?? "");
  const isThere = bearers.some((node) => node.providerID === providerID && node.until >= pass.startedAt);
  if (!isThere) broken("P2", "a pod of another Node is touched", `${named(pod)} on ${pod.spec?.nodeName}`);
}

function mayLeave({ scene, memory, broken }: Court, { pass, pod }: Touch): void {
  const { rules } = memory.changedAt;
  // A pass that has listed a pod cannot know that its work is done a moment later.
  const endedAt = memory.endedAt.get(pod.metadata.uid ?? "") ?? 0;
  if (Math.max(rules, endedAt) >= pass.startedAt || opinionOf(scene, pod).leaves) return;
  broken("P6", "a pod that stays is touched", named(pod));
}

/** Evictions go tier by tier, and spare those that wait. */
function inItsTurn(court: Court, { pass, pod }: Touch): void {
  const { scene, memory, broken } = court;
  const mine = opinionOf(scene, pod);
  const record = recordOf(scene, pass);
  if (!record || memory.changedAt.rules >= pass.startedAt) return;
  const heldAt = memory.heldAt.get(pod.metadata.uid ?? "") ?? 0;
  if (mine.waits && isOlder(pass, heldAt)) broken("P2", "a pod that is to be waited for is evicted", named(pod));
  const created = ({ metadata }: Pod) => Date.parse(metadata.creationTimestamp ?? "");
  const isOld = (other: Pod) => created(other) < pass.startedAt - toleranceMilliseconds(scene) - 60_000;
  // Pods of a deleted DaemonSet are recognised only when nothing else is left: that saves a call per pass.
  const isOrphan = ({ metadata }: Pod) => metadata.ownerReferences?.some(({ kind }) => kind === "DaemonSet") ?? false;
  const before = podsOn(scene, pod.spec?.nodeName ?? "").find((other) => {
    if (isOrphan(other)) return false;
    const theirs = opinionOf(scene, other);
    return theirs.leaves && theirs.tier < mine.tier && isOld(other);
  });
  if (before)
    broken("P1", "a pod is evicted before those of an earlier tier are gone", `${named(pod)}, ${named(before)}`);
}

function isLate(court: Court, { pass, pod }: Touch): void {
  const { scene, memory, broken } = court;
  const record = recordOf(scene, pass);
  if (!record) return;
  // Its Node may have gone while the request was on its way.
  const { providerID } = record.spec;
  const nodeUid = memory.nodes.named(pod.spec?.nodeName ?? "").findLast((node) => node.providerID === providerID)?.uid;
  const leaver = { instanceId: instanceOf(record), nodeUid, record };
  const graceSeconds = Math.max(pod.spec?.terminationGracePeriodSeconds ?? 30, 0);
  if (!isNearEnd(court, leaver, graceSeconds)) broken("P2", "a pod is deleted long before the deadline", named(pod));
}

function notPaused({ scene, memory, broken }: Court, { pass, pod }: Touch): void {
  const record = recordOf(scene, pass);
  if (isOlder(pass, memory.pausedSince(record))) broken("P6", "a pod is touched while the drain is paused", named(pod));
}
