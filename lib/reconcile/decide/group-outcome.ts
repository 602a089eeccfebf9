/** A pass over an infrastructure pool in one word, and when the next is due. */
import type { GroupAction } from "./group-action.ts";

const DID: Record<GroupAction["do"], string> = {
  ignore: "ignored",
  wait: "waited",
  "add-finalizer": "adopted",
  "drop-finalizer": "let-go",
  apply: "changed",
  "copy-replicas": "copied-replicas",
  scale: "scaled",
  remove: "recorded",
  settle: "settled",
};

/** After a write the cloud needs a moment until it shows it. */
const AFTER_SECONDS: Partial<Record<GroupAction["do"], number>> = {
  "add-finalizer": 0,
  apply: 2,
  "copy-replicas": 1,
  scale: 10,
  remove: 15,
};

export interface GroupOutcome {
  readonly did: string;
  readonly because: string;
  readonly againSeconds?: number;
}

export function groupOutcome(action: GroupAction): GroupOutcome {
  const asked = "againSeconds" in action ? action.againSeconds : undefined;
  const againSeconds = asked ?? AFTER_SECONDS[action.do];
  return { did: DID[action.do], because: action.because, ...(againSeconds !== undefined && { againSeconds }) };
}
