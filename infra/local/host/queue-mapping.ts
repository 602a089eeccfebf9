/** An SQS event source mapping: takes batches as soon as messages are visible, invokes, deletes what was done. */

import { md5 } from "../aws/md5.ts";
import type { Message, Queues } from "../queues.ts";
import { InvocationError, type Lambda } from "./lambda.ts";
import { pumpMessages } from "./queue-pump.ts";

export interface QueueMapping {
  readonly queue: string;
  readonly queueArn: string;
  readonly batchSize: number;
  /** Batches at the same time. */
  readonly maximumConcurrency: number;
}

const toRecord = (message: Message, queueArn: string) => ({
  messageId: message.id,
  receiptHandle: message.receipt,
  body: message.body,
  attributes: {
    ApproximateReceiveCount: String(message.receiveCount),
    SentTimestamp: String(message.sentAt.getTime()),
  },
  messageAttributes: {},
  md5OfBody: md5(message.body),
  eventSource: "aws:sqs",
  eventSourceARN: queueArn,
  awsRegion: queueArn.split(":")[3],
});

/**
 * The ids that a function's answer lets go (ReportBatchItemFailures).
 * @source Lambda developer guide: a malformed answer or an unknown id makes the whole batch come again
 */
export function doneMessages(ids: readonly string[], answer: unknown): readonly string[] {
  if (answer === null || answer === undefined) return ids;
  const failures = (answer as { readonly batchItemFailures?: unknown }).batchItemFailures ?? [];
  if (!Array.isArray(failures)) return [];
  const failed = failures.map((failure: { readonly itemIdentifier?: unknown } | null) => failure?.itemIdentifier);
  if (failed.some((id) => !ids.some((known) => known === id))) return [];
  return ids.filter((id) => !failed.includes(id));
}

/** @returns stops taking messages */
export function mapQueue(lambda: Lambda, mapping: QueueMapping, queues: Queues): () => void {
  const { queue, queueArn } = mapping;
  const work = async (messages: readonly Message[]) => {
    const event = { Records: messages.map((message) => toRecord(message, queueArn)) };
    const ids = messages.map(({ id }) => id);
    const done = await lambda.invoke(event).then(
      (answer) => doneMessages(ids, answer),
      (error: unknown): readonly string[] => {
        if (error instanceof InvocationError) return [];
        throw error;
      },
    );
    for (const { id, receipt } of messages) if (done.includes(id) && receipt) queues.delete(queue, receipt);
  };
  return pumpMessages({ queues, queue, batchSize: mapping.batchSize, concurrency: mapping.maximumConcurrency, work });
}
