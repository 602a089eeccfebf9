/** Event Grid's functions: what an event means, and what comes of it. */
import { readQueued } from "../../../lib/providers/azure/events/delivery.ts";
import type { Parser } from "../../../lib/providers/azure/events/parser.ts";
import type { Outcome } from "../../../lib/reconcile/step.ts";
import { takeNotice } from "../../../lib/reconcile/take-notice.ts";
import { entry } from "../entry.ts";
import { openWorker } from "./worker.ts";

export interface NoticeOptions {
  /** Its role allows the passes of a drain too: a notice of seconds is answered on the spot. */
  readonly mayDrain?: boolean;
}

/**
 * One event per invocation from the trigger; a batch, or a text from a queue in between, is taken all the same. A failure
 * is thrown, and Event Grid delivers again; what is malformed, foreign or of no interest is counted and done with.
 */
export const noticeEntry = (parse: Parser, { mayDrain = false }: NoticeOptions = {}) =>
  entry(openWorker, async (worker, given: unknown, { signal, reporter }): Promise<{ readonly outcomes: number }> => {
    const read = readQueued(given);
    const site = { ...worker.during(signal), reporter, mayDrain };
    const done: Outcome[] = [];
    for (const event of Array.isArray(read) ? read : [read])
      done.push(...(await takeNotice(site, parse(event, worker.reading()))));
    return { outcomes: done.length };
  });
