/** One round of the schedule: finds what nobody looks at any more and puts it on the queue. */
import type { Key, KeyQueue } from "../api/key.ts";
import { sweepPools } from "./pool-sweep.ts";
import type { Reporter } from "./report.ts";
import type { World } from "./step.ts";
import { type Swept, sweep } from "./sweep-step.ts";

const EVENT = "Sweep";
const KEYS_AT_ONCE = 10;

export interface Round {
  readonly world: World;
  readonly queue: KeyQueue;
  readonly reporter: Reporter;
}

/** What was found before a failure is on the queue already; the next sweep finds the rest. */
export async function sweepRound({
  world,
  queue,
  reporter,
}: Round): Promise<{ readonly found: number; readonly pools: number }> {
  let holdsCloseToExpiry = 0;
  const onCloseToExpiry = (key: Key) => {
    holdsCloseToExpiry++;
    reporter.warn("the cloud is about to end this hold although the drain is not over", { event: EVENT, key });
  };
  const found = await sendInBatches(queue, drainKeys(sweep(world, { onCloseToExpiry }), reporter));
  const pools = await sendInBatches(queue, sweepPools(world, [world.provider.pools.resource]));
  reporter.done({ did: "swept", counted: { found, pools, holdsCloseToExpiry } }, { event: EVENT });
  return { found, pools };
}

/** @returns how many */
async function sendInBatches(queue: KeyQueue, found: AsyncIterable<Key>): Promise<number> {
  let count = 0;
  let keys: Key[] = [];
  for await (const key of found) {
    count++;
    keys.push(key);
    if (keys.length < KEYS_AT_ONCE) continue;
    await queue.sendAll(keys);
    keys = [];
  }
  await queue.sendAll(keys);
  return count;
}

async function* drainKeys(found: AsyncIterable<Swept>, reporter: Reporter): AsyncGenerator<Key> {
  for await (const swept of found) {
    const key = keyOf(swept, reporter);
    if (key) yield key;
  }
}

/** An instance found waiting has its outcome; its key, like an overdue one's, goes on the queue. */
function keyOf(swept: Swept, reporter: Reporter): Key | undefined {
  if (swept.kind === "look") return swept.key;
  const { instanceId, outcome } = swept;
  reporter.done(outcome, { event: EVENT, instanceId });
  return outcome.againSeconds === undefined ? undefined : outcome.object;
}
