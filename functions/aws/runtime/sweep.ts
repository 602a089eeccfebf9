/** The schedule's function: finds what nobody looks at any more and puts it on the queue. */
import type { Key } from "../../../lib/api/key.ts";
import { type Swept, sweep } from "../../../lib/reconcile/sweep-step.ts";
import { entry } from "../entry.ts";
import type { Reporter } from "./reporter.ts";
import { openWorker } from "./worker.ts";

const EVENT = "Sweep";
const KEYS_AT_ONCE = 10;

/** What was found before a failure is on the queue already; the next sweep finds the rest. */
export const sweepEntry = () =>
  entry(openWorker, async (worker, _event, { signal, reporter }) => {
    const { world, queue } = worker.during(signal);
    let found = 0;
    let holdsCloseToExpiry = 0;
    let keys: Key[] = [];
    const onCloseToExpiry = (key: Key) => {
      holdsCloseToExpiry++;
      reporter.warn("the cloud is about to end this hold although the drain is not over", { event: EVENT, key });
    };
    for await (const swept of sweep(world, { onCloseToExpiry })) {
      const key = keyOf(swept, reporter);
      if (key) keys.push(key);
      if (keys.length < KEYS_AT_ONCE) continue;
      await queue.sendAll(keys);
      found += keys.length;
      keys = [];
    }
    await queue.sendAll(keys);
    found += keys.length;
    reporter.done({ did: "swept", counted: { found, holdsCloseToExpiry } }, { event: EVENT });
    return { found };
  });

/** An instance found waiting has its outcome; its key, like an overdue one's, goes on the queue. */
function keyOf(swept: Swept, reporter: Reporter): Key | undefined {
  if (swept.kind === "look") return swept.key;
  const { instanceId, outcome } = swept;
  reporter.done(outcome, { event: EVENT, instanceId });
  return outcome.againSeconds === undefined ? undefined : outcome.object;
}
