/** What a cloud's event means once its parser has read it: a hint to look, never the truth. */

import type { Hold } from "./lifecycle/hold.ts";
import type { Cause } from "./lifecycle/instance-termination.ts";

/** One instance that its cloud says will leave. */
export interface LeavingInstance {
  /** As the cloud names it, e.g. "i-0abc"; the provider finds it in a providerID. */
  readonly instanceId: string;
  /** The scaling group, where the event names it. */
  readonly groupName?: string;
  readonly cause: Cause;
  /** RFC 3339. */
  readonly noticeTime: string;
  readonly deadlineTime?: string;
  readonly hold?: Hold;
  /** What held it holds it no more, and the end has begun: to who released this very hold it is no news. */
  readonly begun?: Hold;
  /** CordonOnly where the event's policy says so. */
  readonly mode?: "Drain" | "CordonOnly";
}

export type Trigger =
  /** Record and cordon each. */
  | {
      readonly kind: "leaving";
      readonly event: string;
      readonly instances: readonly LeavingInstance[];
      /** What was odd about the event, for the log, e.g. that it carried no time. */
      readonly warnings?: readonly string[];
    }
  /** Instances that are gone or going without a hold: look at what is recorded of them, record nothing new. */
  | {
      readonly kind: "look";
      readonly event: string;
      readonly instanceIds: readonly string[];
      /** Their group, where the event tells it: whoever reconciles its pool looks as well. */
      readonly groupName?: string;
    }
  /** A group has changed by itself: whoever reconciles its pool looks. */
  | { readonly kind: "group"; readonly event: string; readonly groupName: string }
  /** Understood, nothing to do (test notification, launch hook, another service's maintenance, policy Ignore ...). */
  | { readonly kind: "nothing"; readonly event: string; readonly because: string };
