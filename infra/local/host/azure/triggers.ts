/** How each kind of trigger fires: what the Functions host sends its worker for an event, a message, a minute and a request. */

import type { Clock } from "../../clock.ts";
import type { Message, Queues } from "../../queues.ts";
import { every } from "../every.ts";
import { InvocationError, type Lambda } from "../lambda.ts";
import { pumpMessages } from "../queue-pump.ts";
import type { Delivered } from "./event-subscription.ts";
import type { TypedData } from "./functions-core.ts";
import type { Firing } from "./worker.ts";

const json = (value: unknown): TypedData => ({ json: JSON.stringify(value) });

/** Event Grid and schedules hear nothing of an answer but whether it came. */
const attempt = (lambda: Lambda, firing: Firing): Promise<Delivered> =>
  lambda.invoke(firing).then(
    (): Delivered => "taken",
    (error: unknown): Delivered => {
      if (error instanceof InvocationError) return "failed";
      throw error;
    },
  );

export const deliverEvent = (lambda: Lambda, event: unknown): Promise<Delivered> =>
  attempt(lambda, { data: json(event), metadata: { data: json(event) } });

/** @source NCRONTAB: second minute hour day month weekday; or a TimeSpan */
export function scheduleSeconds(schedule: string): number {
  const span = /^(\d\d):(\d\d):(\d\d)$/.exec(schedule);
  if (span) return Number(span[1]) * 3600 + Number(span[2]) * 60 + Number(span[3]);
  const [, step = "1"] = /^0 \*(?:\/(\d+))? \* \* \* \*$/.exec(schedule) ?? [];
  if (/^0 \*(?:\/\d+)? \* \* \* \*$/.test(schedule)) return Number(step) * 60;
  throw new Error(`the schedule "${schedule}" is unknown here: teach it in infra/local/host/azure/triggers.ts`);
}

/** @returns stops it */
export function runTimer(lambda: Lambda, schedule: string, clock: Clock): () => void {
  const seconds = scheduleSeconds(schedule);
  return every(seconds, clock, () => {
    const now = clock.now();
    const at = (after: number) => new Date(now.getTime() + after * 1000).toISOString();
    const ScheduleStatus = { Last: at(-seconds), Next: at(seconds), LastUpdated: at(-seconds) };
    void attempt(lambda, {
      data: json({ Schedule: { AdjustForDST: true }, ScheduleStatus, IsPastDue: false }),
      metadata: {},
    });
  });
}

/** @source host.json: extensions.serviceBus.maxConcurrentCalls, of one instance */
const CONCURRENT_CALLS = 16;

/** Message by message; a failed one is abandoned, comes at once again, and is a dead letter after its last delivery. */
export function receiveMessages(lambda: Lambda, queue: string, queues: Queues): () => void {
  const takeOne = async (message: Message) => {
    const receipt = message.receipt ?? "";
    const taken = await attempt(lambda, {
      data: { string: message.body },
      metadata: {
        MessageId: { string: message.id },
        DeliveryCount: { json: String(message.receiveCount) },
        EnqueuedTimeUtc: { string: message.sentAt.toISOString() },
        LockToken: { string: receipt },
      },
    });
    if (taken === "taken") queues.delete(queue, receipt);
    else queues.release(queue, receipt);
  };
  const work = async (messages: readonly Message[]) => {
    for (const message of messages) await takeOne(message);
  };
  return pumpMessages({ queues, queue, batchSize: 1, concurrency: CONCURRENT_CALLS, work });
}
