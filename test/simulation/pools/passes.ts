/** The worker of pools: which step a key is for, as lib/reconcile/pool-look.ts has it. */
import { machinePools } from "../../../lib/api/core/machine-pool.ts";
import type { Key } from "../../../lib/api/key.ts";
import { instanceTerminations } from "../../../lib/api/lifecycle/instance-termination.ts";
import { EVERY_NAME } from "../../../lib/api/pool-hint.ts";
import type { FunctionName } from "../pass.ts";

export function functionFor({ kind, name }: Key): FunctionName {
  if (kind === instanceTerminations.kind) return "drain";
  if (name !== EVERY_NAME && kind === machinePools.kind) return "node";
  return name !== EVERY_NAME && kind.endsWith(machinePools.kind) ? "pool" : "relate";
}
