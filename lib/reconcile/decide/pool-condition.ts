/** One v1beta2 condition of a MachinePool or Machine, before it has its time. */
import type { SaidCondition } from "./condition.ts";

export type NewPoolCondition = SaidCondition;

export interface Said {
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
}

export const yes = (reason: string, message = ""): Said => ({ status: "True", reason, message });
export const no = (reason: string, message = ""): Said => ({ status: "False", reason, message });
export const unknown = (reason: string, message: string): Said => ({ status: "Unknown", reason, message });

/** A condition whose True is a process or a problem: its reason without, and with "Not" in front. */
export const negative = (holds: boolean, reason: string, { message }: { readonly message: string }): Said =>
  holds ? yes(reason, message) : no(`Not${reason}`);

export const conditionOf = (type: string, said: Said, observedGeneration: number): NewPoolCondition => ({
  type,
  ...said,
  observedGeneration,
});
