/** The queues of a deployment as one: drains and pools each have their own, so that a flood of one holds up no other. */
import type { SQSClient } from "@aws-sdk/client-sqs";
import type { Key } from "../../../lib/api/key.ts";
import { instanceTerminations } from "../../../lib/api/lifecycle/instance-termination.ts";
import { type KeyQueue, keyQueue } from "../../../lib/providers/aws/requeue.ts";

export interface QueueUrls {
  readonly queueUrl: string;
  /** Absent: nobody here reconciles pools, and hints to look at them lead nowhere. */
  readonly poolQueueUrl?: string | undefined;
}

const isDrain = ({ kind }: Key): boolean => kind === instanceTerminations.kind;

/** Every key goes to the queue whose worker knows its kind. */
export function keyQueues(sqs: SQSClient, { queueUrl, poolQueueUrl }: QueueUrls, signal?: AbortSignal): KeyQueue {
  const drains = keyQueue(sqs, queueUrl, signal);
  const pools = poolQueueUrl === undefined ? undefined : keyQueue(sqs, poolQueueUrl, signal);
  return {
    again: async (key, afterSeconds) => (isDrain(key) ? drains : pools)?.again(key, afterSeconds),
    sendAll: async (keys) => {
      await drains.sendAll(keys.filter(isDrain));
      await pools?.sendAll(keys.filter((key) => !isDrain(key)));
    },
  };
}
