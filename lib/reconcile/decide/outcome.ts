/** A pass in one word and some numbers, for the log and the metrics. */
import type { ActResult, DrainAction, PodAnswer } from "./action.ts";
import type { DrainView } from "./drain-view.ts";
import { secondsOf } from "./time.ts";

const DID: Record<DrainAction["do"], string> = {
  wait: "waited",
  cordon: "cordoned",
  evict: "evicted",
  release: "released",
  "delete-node": "finished",
  finish: "finished",
  "let-go": "let-go",
  forget: "forgot",
};

export interface DrainOutcome {
  readonly did: string;
  readonly because: string;
  readonly counted?: Readonly<Record<string, number>>;
}

/** "evictionsAccepted", "evictionsDisruptionBudget" ... */
const counterOf = ({ answer, reason }: PodAnswer): string => {
  const word = answer === "refused" ? (reason ?? "Refused") : answer;
  return `evictions${word.charAt(0).toUpperCase()}${word.slice(1)}`;
};

export function drainOutcome(view: DrainView, action: DrainAction, result: ActResult): DrainOutcome {
  const counted: Record<string, number> = {};
  for (const answer of result.answers ?? []) counted[counterOf(answer)] = (counted[counterOf(answer)] ?? 0) + 1;
  if (view.heartbeat === "accepted") counted.heartbeats = 1;
  const isLetGo = action.do === "release" && !result.trouble && !result.heldFor;
  if (isLetGo && view.hold) counted.holdsReleased = 1;
  if (isLetGo && view.status.drainStartTime)
    counted.drainSeconds = Math.round(view.nowSeconds - secondsOf(view.status.drainStartTime));
  return {
    did: didWhat(view, action, result),
    because: result.trouble?.reason ?? (result.heldFor ? "SharedHold" : action.because),
    ...(Object.keys(counted).length > 0 && { counted }),
  };
}

function didWhat({ spec }: DrainView, action: DrainAction, { trouble, heldFor }: ActResult): string {
  if (spec.dryRun) return "planned";
  if (trouble) return "failed";
  return heldFor ? "waited" : DID[action.do];
}
