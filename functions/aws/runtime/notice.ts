/** EventBridge's functions: one event, what it means, and what comes of it. */
import type { Ec2Api } from "../../../lib/providers/aws/ec2-api.ts";
import type { Reader } from "../../../lib/providers/aws/events/parser.ts";
import type { Outcome } from "../../../lib/reconcile/step.ts";
import { takeNotice } from "../../../lib/reconcile/take-notice.ts";
import { entry, type Invocation } from "../entry.ts";
import { openWorker, type Worker } from "./worker.ts";

/**
 * A failure is thrown, and Lambda delivers the event again.
 * @param readerOf  parsers, given what only this invocation's EC2 can tell
 */
export const noticeEntry = (readerOf: (ec2: Ec2Api) => Reader) =>
  entry(openWorker, async (worker, event, invocation): Promise<{ readonly outcomes: number }> => {
    const { ec2 } = worker.during(invocation.signal);
    const outcomes = await handleNotice(worker, { event, read: readerOf(ec2) }, invocation);
    return { outcomes: outcomes.length };
  });

export interface Notice {
  readonly event: unknown;
  readonly read: Reader;
}

export async function handleNotice(
  worker: Worker,
  { event, read }: Notice,
  { signal, reporter }: Invocation,
): Promise<readonly Outcome[]> {
  const trigger = await read(event, worker.reading());
  return takeNotice({ ...worker.during(signal), reporter }, trigger);
}
