/** One condition, before it is part of a status. */
import type { Condition } from "../../api/kubernetes/meta.ts";
import type { WaitingFor } from "../../api/lifecycle/instance-termination.ts";
import type { ActResult, DrainAction } from "./action.ts";
import type { DrainView } from "./drain-view.ts";

/** Without its transition time, which the writer keeps. */
export type SaidCondition = Omit<Condition, "lastTransitionTime">;

export interface Pass {
  readonly view: DrainView;
  readonly action: DrainAction;
  readonly result: ActResult;
  /** Every pod that must leave. */
  readonly waiting: readonly WaitingFor[];
  /** When the drain began, this pass included; RFC 3339. */
  readonly startTime?: string | undefined;
}

/** undefined: this pass has nothing to say about it. */
export type Said = Omit<SaidCondition, "type" | "observedGeneration"> | undefined;

export const yes = (reason: string, message = ""): Said => ({ status: "True", reason, message });
export const no = (reason: string, message = ""): Said => ({ status: "False", reason, message });
export const unknown = (reason: string, message: string): Said => ({ status: "Unknown", reason, message });
