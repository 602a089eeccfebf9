/** When a MachinePool is to be looked at again, if nobody writes to it before. */
import type { NodeAction } from "./node-action.ts";
import { hasBootstrapData, isDeleting, isProvisioned, observedReplicas } from "./pool-facts.ts";
import { fnv1a } from "./pool-label.ts";
import { type PoolNumbers, poolNumbers } from "./pool-numbers.ts";
import type { PoolView } from "./pool-view.ts";
import { secondsOf } from "./time.ts";

/** There may be more to do; at most once a second, should somebody undo what we write (upstream's own limit). */
const ACTED_SECONDS = 1;
/** Where the workload cluster sends its audit here a Node says itself that it has joined; not every one does. */
const NODES_SECONDS = 15;
/** A config or pool that is not there yet brings no event that names us. */
const REFERENCES_SECONDS = 60;
const DELETION_SECONDS = 15;
/** An instance that the list lacks and that may live all the same. */
const DOUBT_SECONDS = 60;
/** So long something is awaited by looking often; what takes longer is left to the sweep, so that looks do not pile up. */
const PATIENCE_SECONDS = 5 * 60;

/** @returns undefined: nobody needs to */
export function nextNodeLook(view: PoolView, action: NodeAction): number | undefined {
  if (action.do === "let-go") return undefined;
  if (action.do !== "wait") return ACTED_SECONDS;
  if (isDeleting(view))
    return isRecent(view, view.machinePool.metadata.deletionTimestamp) ? DELETION_SECONDS : undefined;
  const waits = [...troubles(view), ...awaited(view)];
  return waits.length > 0 ? Math.min(...waits) : undefined;
}

const troubles = ({ infrastructure, bootstrap, workloadTrouble }: PoolView): readonly number[] => [
  ...[infrastructure, bootstrap].flatMap((sight) => (sight.seen === "unread" ? [sight.trouble.againSeconds] : [])),
  ...(workloadTrouble ? [workloadTrouble.againSeconds] : []),
];

function awaited(view: PoolView): readonly number[] {
  const numbers = poolNumbers(view);
  const hasAll =
    view.infrastructure.seen === "found" && isProvisioned(view.infrastructure.object) && hasBootstrapData(view);
  const lacksNodes = numbers !== undefined && numbers.ready !== observedReplicas(view);
  const doubts = [...view.doubts.values()].map((until) => Math.ceil(until - view.nowSeconds));
  return [
    // A Node may fall silent before.
    ...(doubts.length > 0 ? [Math.min(DOUBT_SECONDS, ...doubts)] : []),
    ...(numbers?.nextAvailableSeconds === undefined ? [] : [Math.ceil(numbers.nextAvailableSeconds)]),
    ...((lacksNodes && isFresh(view, "ReplicasReady")) || isBooting(view, numbers)
      ? [onTheBeat(view, NODES_SECONDS)]
      : []),
    ...(!hasAll && isFresh(view, "Ready") ? [onTheBeat(view, REFERENCES_SECONDS)] : []),
  ];
}

/** One more than are wished for, as in a rollout: some providers count it among the replicas only once its Node is Ready. */
function isBooting(view: PoolView, numbers: PoolNumbers | undefined): boolean {
  if (!numbers || numbers.notReady.length === 0) return false;
  const awaitedIds = new Set(numbers.notReady);
  return (view.machines?.machines ?? []).some(
    ({ metadata, spec }) => awaitedIds.has(spec.providerID ?? "") && isRecent(view, metadata.creationTimestamp),
  );
}

/**
 * Passes that hints brought in between ask for the same moment: their messages come in one batch, and lead to one pass.
 * Each pool has a beat of its own, so that all of a cluster do not come at once.
 */
function onTheBeat({ machinePool, nowSeconds }: PoolView, seconds: number): number {
  const { namespace = "", name } = machinePool.metadata;
  const passed = (nowSeconds + fnv1a(`${namespace}/${name}`)) % seconds;
  return Math.ceil(seconds - passed);
}

/** Since when something has not been so is what only the status remembers. */
function isFresh(view: PoolView, type: string): boolean {
  const { conditions } = view.machinePool.status?.deprecated?.v1beta1 ?? {};
  return isRecent(view, conditions?.find((one) => one.type === type && one.status !== "True")?.lastTransitionTime);
}

/** A time that is not known yet is now. */
const isRecent = ({ nowSeconds }: PoolView, time: string | undefined): boolean =>
  time === undefined || secondsOf(time) + PATIENCE_SECONDS > nowSeconds;
