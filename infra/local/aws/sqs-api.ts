/** What our functions ask of SQS, over our queues: sending. Lambda's own mapping receives and deletes (host/queue-mapping.ts). */
import { z } from "zod";
import type { Queues } from "../queues.ts";
import { type Actions, action, whole } from "./action.ts";
import { AwsError } from "./errors.ts";
import { md5 } from "./md5.ts";

const sending = z.object({
  QueueUrl: z.string(),
  MessageBody: z.string().min(1).max(1_048_576),
  DelaySeconds: whole(0, 900).optional(),
});
const batch = z.object({ QueueUrl: z.string(), Entries: z.array(z.looseObject({ Id: z.string() })).min(1) });

export const queueNameOf = (urlOrArn: string) => urlOrArn.split(/[/:]/).at(-1) ?? "";

const TOO_MANY = "AWS.SimpleQueueService.TooManyEntriesInBatchRequest";
const MOST_ENTRIES = 10;

/** @param single runs the single operation, faults included, so that each entry of a batch may fail alone */
export function sqsOperations(queues: Queues, single: (name: string, parameters: unknown) => unknown): Actions {
  const attempt = (entry: { readonly Id: string; readonly QueueUrl: string }) => {
    try {
      return { good: { ...Object(single("SendMessage", entry)), Id: entry.Id } };
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return { bad: { Id: entry.Id, Code: error.code, Message: error.message, SenderFault: error.status < 500 } };
    }
  };
  return {
    SendMessage: action(sending, ({ QueueUrl, MessageBody: body, DelaySeconds: delaySeconds }) => {
      const sent = queues.send(queueNameOf(QueueUrl), { body, delaySeconds });
      return { MessageId: sent.id, MD5OfMessageBody: md5(sent.body) };
    }),
    SendMessageBatch: action(batch, ({ QueueUrl, Entries }) => {
      const most = `Maximum number of entries per request are ${MOST_ENTRIES}. You have sent ${Entries.length}.`;
      if (Entries.length > MOST_ENTRIES) throw new AwsError(TOO_MANY, most);
      const results = Entries.map((entry) => attempt({ ...entry, QueueUrl }));
      return { Successful: results.flatMap(({ good }) => good ?? []), Failed: results.flatMap(({ bad }) => bad ?? []) };
    }),
  };
}
