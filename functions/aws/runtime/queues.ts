/** The SQS queues of a deployment as one. */
import type { SQSClient } from "@aws-sdk/client-sqs";
import type { KeyQueue } from "../../../lib/api/key.ts";
import { keyQueue } from "../../../lib/providers/aws/requeue.ts";
import { routedQueue } from "../../../lib/reconcile/key-queues.ts";

export interface QueueUrls {
  readonly queueUrl: string;
  /** Absent: nobody here reconciles pools. */
  readonly poolQueueUrl?: string | undefined;
}

export const keyQueues = (sqs: SQSClient, { queueUrl, poolQueueUrl }: QueueUrls, signal?: AbortSignal): KeyQueue =>
  routedQueue({
    drains: keyQueue(sqs, queueUrl, signal),
    pools: poolQueueUrl === undefined ? undefined : keyQueue(sqs, poolQueueUrl, signal),
  });
