/** One invocation of one of our functions, as the world outside sees it: it begins, makes calls, and ends or dies. */
import type { Key } from "../../lib/api/key.ts";

export type FunctionName = "notice" | "look" | "drain" | "sweep" | "pool" | "node" | "relate";

export interface Pass {
  /** "drain#12" */
  readonly label: string;
  readonly does: FunctionName;
  /** Of the object it looks at; absent for notices and sweeps. */
  readonly key?: Key;
  readonly instanceId?: string;
  readonly startedAt: number;
  /** Of the sandbox's clock. */
  readonly skewSeconds: number;
  calls: number;
  /** Something was injected into one of its calls. */
  hurt: boolean;
  /** Nothing of it runs any more; what it has sent may still arrive. */
  dead: boolean;
  endedAt?: number;
  /** The word of its outcome; absent while it runs, and when it failed or died. */
  did?: string;
  /** Set by the wire's owner: what the platform does when the pass dies. */
  die: () => void;
}
