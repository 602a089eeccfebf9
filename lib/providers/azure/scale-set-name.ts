/** The name of a pool's scale set: Windows computers' names, which begin with it, may have 15 characters, of which Azure needs six. */
import type { AzureMachinePool } from "../../api/azure/azure-machine-pool.ts";

const LONGEST_WINDOWS_NAME = 9;
const WINDOWS_PREFIX = "win-";

/** @source CAPZ azure/scope/machinepool.go (Name) */
export function scaleSetName({ metadata, spec }: Pick<AzureMachinePool, "metadata" | "spec">): string {
  const { name } = metadata;
  // A sweep also reads what somebody wrote by halves.
  const isLong = spec.template?.osDisk?.osType === "Windows" && name.length > LONGEST_WINDOWS_NAME;
  return isLong ? `${WINDOWS_PREFIX}${name.slice(-5)}` : name;
}

/** It may be a shortened one, of which nobody can tell the pool. */
export const isShortened = (scaleSet: string): boolean =>
  scaleSet.startsWith(WINDOWS_PREFIX) && scaleSet.length === LONGEST_WINDOWS_NAME;
