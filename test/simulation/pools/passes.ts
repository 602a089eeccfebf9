/** The worker of pools: which step a key is for, and chains of looks that become one, as functions/aws/runtime/pool-queue.ts has it. */
import { awsMachines } from "../../../lib/api/aws/aws-machine.ts";
import { awsMachinePools } from "../../../lib/api/aws/aws-machine-pool.ts";
import { machinePools } from "../../../lib/api/core/machine-pool.ts";
import type { Key } from "../../../lib/api/key.ts";
import { instanceTerminations } from "../../../lib/api/lifecycle/instance-termination.ts";
import { EVERY_NAME } from "../../../lib/api/pool-hint.ts";
import { nodeStep } from "../../../lib/reconcile/node-step.ts";
import { poolStep } from "../../../lib/reconcile/pool-step.ts";
import { relateStep } from "../../../lib/reconcile/relate-step.ts";
import type { Outcome, PoolWorld } from "../../../lib/reconcile/step.ts";
import type { FunctionName } from "../pass.ts";

export function functionFor({ kind, name }: Key): FunctionName {
  if (kind === instanceTerminations.kind) return "drain";
  if (name !== EVERY_NAME && kind === machinePools.kind) return "node";
  return name !== EVERY_NAME && kind === awsMachinePools.kind ? "pool" : "relate";
}

export function lookAtPool(world: PoolWorld, key: Key): Promise<Outcome> {
  const does = functionFor(key);
  if (does === "node") return nodeStep(world, key);
  return does === "pool" ? poolStep(world, key) : relateStep(world, key, [awsMachines]);
}

const TOLERANCE_SECONDS = 2;

/** @returns seconds until the look to be put on the queue; undefined: this sandbox has promised one that is soon enough */
export function promiseLook(
  promised: Map<string, number>,
  { key, outcome, nowSeconds }: { readonly key: Key; readonly outcome: Outcome; readonly nowSeconds: number },
): number | undefined {
  const name = `${key.kind}/${key.namespace}/${key.name}`;
  const before = promised.get(name) ?? 0;
  if (before <= nowSeconds + TOLERANCE_SECONDS) promised.delete(name);
  if (outcome.againSeconds === undefined) return undefined;
  const wanted = nowSeconds + outcome.againSeconds;
  if (promised.has(name) && before <= wanted + TOLERANCE_SECONDS) return undefined;
  promised.set(name, wanted);
  return outcome.againSeconds;
}
