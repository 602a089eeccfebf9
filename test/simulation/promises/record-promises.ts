/** P3 to P5 on records: no lost update, no later deadline, a status that is true, and no pod asked too often. */

import { isReady } from "../../../infra/local/cluster/kinds.ts";
import { daemonSets } from "../../../lib/api/kubernetes/pod.ts";
import { type InstanceTermination, instanceTerminations } from "../../../lib/api/lifecycle/instance-termination.ts";
import type { Pass } from "../pass.ts";
import type { Change } from "../servers.ts";
import { type Court, instanceOf, isOurs, nodeOf } from "./court.ts";

export interface RecordBook {
  /** What each pass knows of the record: the version it was shown last. */
  readonly shown: WeakMap<Pass, Map<string, string>>;
  readonly writes: Map<string, number>;
}

export function recordChanged(court: Court, book: RecordBook, change: Change): void {
  const { by, plural, before, after } = change;
  if (typeof by === "string" || plural !== instanceTerminations.plural) return;
  const [old, now] = [before as InstanceTermination | undefined, after as InstanceTermination | undefined];
  if (now && !old) made(court, now);
  if (!now || !old) return;
  const uid = now.metadata.uid ?? "";
  book.writes.set(uid, (book.writes.get(uid) ?? 0) + 1);
  notLoosened(court, old, now);
  if (!change.request?.path.includes("/status")) return;
  const known = book.shown.get(by)?.get(uid);
  if (known !== old.metadata.resourceVersion)
    court.broken("P3", "a status is written over one that the pass has not seen", now.metadata.name);
  countsAreTrue(court, by, { old, now });
}

function made({ scene, broken }: Court, record: InstanceTermination): void {
  if (!isOurs(scene, instanceOf(record)))
    broken("P6", "an instance that is not ours is recorded", record.metadata.name);
}

function notLoosened({ broken }: Court, old: InstanceTermination, now: InstanceTermination): void {
  const [before, after] = [old.spec.deadlineTime, now.spec.deadlineTime];
  if (before !== undefined && (after === undefined || Date.parse(after) > Date.parse(before)))
    broken("P1", "a deadline is loosened", `${now.metadata.name}: ${before} -> ${after ?? "none"}`);
}

interface Written {
  readonly old: InstanceTermination;
  readonly now: InstanceTermination;
}

/** Pods that must still leave, as the pass may have seen them at any moment. */
function countsAreTrue({ scene, memory, broken }: Court, pass: Pass, { old, now }: Written): void {
  const said = now.status?.pods?.remaining;
  const node = nodeOf(scene, now.spec.providerID);
  // Pods of a deleted DaemonSet are recognised only when nothing else is left: that saves a call per pass.
  if (!scene.workload.find(daemonSets, "agent", "default")) return;
  if (said === undefined || said === old.status?.pods?.remaining || !node) return;
  // On a Node that does not report, the moment at which a pod is given up is nobody's to say exactly.
  if (!isReady(node)) return;
  if (node.metadata.uid !== now.status?.nodeRef?.uid || memory.changedAt.rules >= pass.startedAt) return;
  const { least, most } = memory.leavingDuring(node.metadata.name, pass.startedAt, scene.time.now());
  if (said < least || said > most)
    broken(
      "P5",
      "a status says another number of pods than there are",
      `${now.metadata.name}: ${said}, not ${least}..${most}`,
    );
}
