/** Whether Azure works on a scale set: an operation that was stored says so, and where none was, the set itself does. */
import type { AzureSight } from "./sight.ts";

const UNDER_WAY: readonly string[] = ["Creating", "Updating", "Deleting", "Migrating"];
const LOOK_SECONDS = 15;

type Known = Pick<AzureSight, "operation" | "scaleSet" | "machines">;

/** A machine may take a quarter of an hour to go, and the set is updating all the while: it takes orders nevertheless. */
const isOnlyLosing = ({ scaleSet, machines }: Known): boolean =>
  scaleSet?.provisioningState === "Updating" && machines.some((one) => one.provisioningState === "Deleting");

/** Seconds until it is worth another look; undefined: it takes orders. */
export function busySeconds(known: Known): number | undefined {
  const { operation, scaleSet } = known;
  if (operation?.status === "running") return operation.againSeconds ?? LOOK_SECONDS;
  if (!scaleSet || isOnlyLosing(known)) return undefined;
  return UNDER_WAY.includes(scaleSet.provisioningState) ? LOOK_SECONDS : undefined;
}

export const isBusy = (known: Known): boolean => busySeconds(known) !== undefined;
