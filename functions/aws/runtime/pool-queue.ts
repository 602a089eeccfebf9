/** The worker of pools: one key per message; a pool's key is a pass, any other a hint that leads to pools. */
import { awsMachines } from "../../../lib/api/aws/aws-machine.ts";
import { machinePools } from "../../../lib/api/core/machine-pool.ts";
import type { Key } from "../../../lib/api/key.ts";
import { EVERY_NAME } from "../../../lib/api/pool-hint.ts";
import type { KeyQueue } from "../../../lib/providers/aws/requeue.ts";
import { nodeStep } from "../../../lib/reconcile/node-step.ts";
import { poolStep } from "../../../lib/reconcile/pool-step.ts";
import { relateStep } from "../../../lib/reconcile/relate-step.ts";
import type { Outcome, PoolWorld } from "../../../lib/reconcile/step.ts";
import { entry, type Invocation } from "../entry.ts";
import { eachKey } from "./key-queue.ts";
import { openPoolWorker } from "./pool-worker.ts";

const EVENT = "PoolLook";
/** Queues and clocks are late or early by so much. */
const TOLERANCE_SECONDS = 2;

/** Answers `{ batchItemFailures }`, as every queue worker does. */
export const poolQueueEntry = () =>
  entry(openPoolWorker, (worker, event, { signal, reporter }: Invocation) => {
    const { world, queue } = worker.during(signal);
    return eachKey(event, { event: EVENT, reporter }, async (key) => {
      const outcome = await look(world, key);
      await tellQueue(queue, worker.promised, { key, outcome, nowSeconds: world.now().getTime() / 1000 });
      return outcome;
    });
  });

function look(world: PoolWorld, key: Key): Promise<Outcome> {
  const isOne = key.name !== EVERY_NAME;
  if (isOne && key.kind === machinePools.kind) return nodeStep(world, key);
  if (isOne && world.poolProviders.some(({ kind }) => kind.resource.kind === key.kind)) return poolStep(world, key);
  return relateStep(world, key, [awsMachines]);
}

interface Looked {
  readonly key: Key;
  readonly outcome: Outcome;
  readonly nowSeconds: number;
}

/**
 * Chains of looks at one pool become one: a look that this sandbox has promised for no later than the one wanted is enough.
 * What it forgets costs a look too many, what gets lost is found by the sweep.
 */
async function tellQueue(
  queue: KeyQueue,
  promised: Map<string, number>,
  { key, outcome, nowSeconds }: Looked,
): Promise<void> {
  await queue.sendAll(outcome.others ?? []);
  const name = `${key.kind}/${key.namespace}/${key.name}`;
  const before = promised.get(name) ?? 0;
  // This very message may be the one that was promised.
  if (before <= nowSeconds + TOLERANCE_SECONDS) promised.delete(name);
  if (outcome.againSeconds === undefined) return;
  const wanted = nowSeconds + outcome.againSeconds;
  if (promised.has(name) && before <= wanted + TOLERANCE_SECONDS) return;
  promised.set(name, wanted);
  await queue.again(key, outcome.againSeconds);
}
