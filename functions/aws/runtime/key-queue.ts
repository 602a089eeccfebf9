/** The queue worker: one key per message, one pass per key of a batch; trouble that passes brings the key back, a poisoned body fails alone. */
import { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch";
import type { PartialItemFailureResponse } from "@aws-lambda-powertools/batch/types";
import type { SQSRecord } from "aws-lambda";
import type { Key } from "../../../lib/api/key.ts";
import { readKey } from "../../../lib/providers/key-text.ts";
import { drainLook } from "../../../lib/reconcile/drain-look.ts";
import type { Outcome } from "../../../lib/reconcile/step.ts";
import { entry, type Invocation } from "../entry.ts";
import { openWorker } from "./worker.ts";

const EVENT = "Look";

/** Answers `{ batchItemFailures }`: SQS shows those messages again, and gives them to the dead letters in the end. */
export const keyQueueEntry = () =>
  entry(openWorker, (worker, event, { signal, reporter }: Invocation) => {
    const site = worker.during(signal);
    return eachKey(event, { event: EVENT, reporter }, (key) => drainLook(site, key));
  });

interface Said {
  /** What a message is called in logs and metrics. */
  readonly event: string;
  readonly reporter: Invocation["reporter"];
}

interface Message {
  readonly messageId: string;
  readonly key: Key | undefined;
  readonly attempt: number;
}

/**
 * One pass per object, however many messages of the batch name it: each has its outcome or failure; a body that is no key
 * fails alone.
 */
export function eachKey(
  batch: unknown,
  { event, reporter }: Said,
  pass: (key: Key) => Promise<Outcome>,
): Promise<PartialItemFailureResponse> {
  const passes = new Map<string, Promise<void>>();
  return eachRecord(batch, async (record) => {
    const attempt = Number(record.attributes?.ApproximateReceiveCount ?? 1);
    const key = readKey(record.body);
    const name = key ? `${key.kind}/${key.namespace}/${key.name}` : record.messageId;
    const running = passes.get(name) ?? reported({ key, attempt, messageId: record.messageId });
    passes.set(name, running);
    return running;
  });

  async function reported({ key, attempt, messageId }: Message): Promise<void> {
    try {
      if (!key) throw new Error(`message ${messageId} carries no key {kind, namespace, name}: it is set aside`);
      reporter.done(await pass(key), { event, key, attempt });
    } catch (error) {
      reporter.failed(error, { event, key, attempt }, "shown again, then set aside");
      throw error;
    }
  }
}

/** All records at once: each is an object of its own, and passes do not wait for each other. */
export function eachRecord(
  event: unknown,
  handle: (record: SQSRecord) => Promise<void>,
): Promise<PartialItemFailureResponse> {
  const { Records } = readBatch(event);
  const processor = new BatchProcessor(EventType.SQS);
  return processPartialResponse({ Records }, handle, processor, { throwOnFullBatchFailure: false });
}

function readBatch(event: unknown): { readonly Records: SQSRecord[] } {
  if (typeof event === "object" && event !== null && "Records" in event && Array.isArray(event.Records)) {
    return { Records: event.Records };
  }
  throw new Error("this function is invoked by an SQS event source mapping: the event has no Records");
}
