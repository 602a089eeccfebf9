/** The operations of SQS over our queues. */
import { z } from "zod";
import { type Actions, action, whole } from "./action.ts";
import { AwsError } from "./errors.ts";
import { type Message, md5, type QueueSettings, type Queues } from "./queues.ts";

interface Place {
  readonly region: string;
  readonly accountId: string;
  /** Where queue URLs point: the SDK sends its calls there. */
  readonly endpoint: string;
}

const url = z.string();
const delay = whole(0, 900).optional();
const seconds = z.coerce.number().int().min(0).max(43_200);
const attributes = z.record(z.string(), z.unknown()).optional();
const queueAttributes = z.object({
  VisibilityTimeout: seconds.optional(),
  DelaySeconds: delay,
  ReceiveMessageWaitTimeSeconds: whole(0, 20).optional(),
  RedrivePolicy: z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue("RedrivePolicy is not JSON");
        return z.NEVER;
      }
    })
    .pipe(z.object({ deadLetterTargetArn: z.string(), maxReceiveCount: whole(1, 1000) }))
    .optional(),
});
const sending = z.object({
  QueueUrl: url,
  MessageBody: z.string().min(1).max(1_048_576),
  DelaySeconds: delay,
  MessageAttributes: attributes,
});
const deleting = z.object({ QueueUrl: url, ReceiptHandle: z.string() });
const hiding = z.object({ QueueUrl: url, ReceiptHandle: z.string(), VisibilityTimeout: seconds });
const batch = z.object({ QueueUrl: url, Entries: z.array(z.looseObject({ Id: z.string() })).min(1) });

export const queueNameOf = (urlOrArn: string) => urlOrArn.split(/[/:]/).at(-1) ?? "";

function toSettings({ RedrivePolicy: redrive, ...given }: z.output<typeof queueAttributes>): Partial<QueueSettings> {
  return {
    ...(given.VisibilityTimeout === undefined ? {} : { visibilitySeconds: given.VisibilityTimeout }),
    ...(given.DelaySeconds === undefined ? {} : { delaySeconds: given.DelaySeconds }),
    ...(given.ReceiveMessageWaitTimeSeconds === undefined ? {} : { waitSeconds: given.ReceiveMessageWaitTimeSeconds }),
    ...(redrive
      ? { redrive: { queue: queueNameOf(redrive.deadLetterTargetArn), maxReceiveCount: redrive.maxReceiveCount } }
      : {}),
  };
}

const received = (message: Message) => ({
  MessageId: message.id,
  ReceiptHandle: message.receipt,
  Body: message.body,
  MD5OfBody: md5(message.body),
  MessageAttributes: message.attributes,
  Attributes: {
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt?.getTime()),
    SentTimestamp: String(message.sentAt.getTime()),
  },
});

export function sqsOperations(queues: Queues, { region, accountId, endpoint }: Place): Actions {
  const urlOf = (name: string) => `${endpoint}/${accountId}/${name}`;
  const unknownReceipt = () =>
    new AwsError("ReceiptHandleIsInvalid", "The receipt handle is not that of a message in this queue.");

  return {
    CreateQueue: action(z.object({ QueueName: z.string(), Attributes: queueAttributes.default({}) }), (input) => {
      queues.create(input.QueueName, toSettings(input.Attributes));
      return { QueueUrl: urlOf(input.QueueName) };
    }),
    GetQueueUrl: action(z.object({ QueueName: z.string() }), ({ QueueName }) => {
      queues.settings(QueueName);
      return { QueueUrl: urlOf(QueueName) };
    }),
    SetQueueAttributes: action(z.object({ QueueUrl: url, Attributes: queueAttributes }), (input) => {
      const name = queueNameOf(input.QueueUrl);
      queues.settings(name);
      queues.create(name, toSettings(input.Attributes));
      return {};
    }),
    GetQueueAttributes: action(
      z.object({ QueueUrl: url, AttributeNames: z.array(z.string()).default([]) }),
      (input) => {
        const name = queueNameOf(input.QueueUrl);
        const { visible, inFlight, delayed } = queues.counts(name);
        const all = {
          QueueArn: `arn:aws:sqs:${region}:${accountId}:${name}`,
          ApproximateNumberOfMessages: String(visible),
          ApproximateNumberOfMessagesNotVisible: String(inFlight),
          ApproximateNumberOfMessagesDelayed: String(delayed),
          VisibilityTimeout: String(queues.settings(name).visibilitySeconds),
        };
        const wanted = (key: string) => input.AttributeNames.some((name) => name === "All" || name === key);
        return { Attributes: Object.fromEntries(Object.entries(all).filter(([key]) => wanted(key))) };
      },
    ),
    SendMessage: action(sending, (input) => {
      const sent = queues.send(queueNameOf(input.QueueUrl), {
        body: input.MessageBody,
        delaySeconds: input.DelaySeconds,
        attributes: input.MessageAttributes,
      });
      return { MessageId: sent.id, MD5OfMessageBody: md5(sent.body) };
    }),
    ReceiveMessage: action(
      z.object({
        QueueUrl: url,
        MaxNumberOfMessages: whole(1, 10).default(1),
        VisibilityTimeout: seconds.optional(),
        WaitTimeSeconds: whole(0, 20).optional(),
      }),
      (input) => {
        const name = queueNameOf(input.QueueUrl);
        const answer = (messages: readonly Message[]) =>
          messages.length > 0 ? { Messages: messages.map(received) } : {};
        const waitSeconds = input.WaitTimeSeconds ?? queues.settings(name).waitSeconds;
        const ready = queues.receive(name, input.MaxNumberOfMessages, input.VisibilityTimeout);
        if (ready.length > 0 || waitSeconds === 0) return answer(ready);
        return queues
          .poll(name, input.MaxNumberOfMessages, { visibilitySeconds: input.VisibilityTimeout, waitSeconds })
          .then(answer);
      },
    ),
    DeleteMessage: action(deleting, (input) => {
      queues.delete(queueNameOf(input.QueueUrl), input.ReceiptHandle);
      return {};
    }),
    ChangeMessageVisibility: action(hiding, (input) => {
      if (!queues.changeVisibility(queueNameOf(input.QueueUrl), input.ReceiptHandle, input.VisibilityTimeout))
        throw unknownReceipt();
      return {};
    }),
  };
}

const TOO_MANY = "AWS.SimpleQueueService.TooManyEntriesInBatchRequest";
const MOST_ENTRIES = 10;

/** Batches call the single operation entry by entry, so that each may fail alone. */
export function sqsBatches(single: (name: string, parameters: unknown) => unknown): Actions {
  const attempt = (name: string, entry: { readonly Id: string; readonly QueueUrl: string }) => {
    try {
      return { good: { ...Object(single(name, entry)), Id: entry.Id } };
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return { bad: { Id: entry.Id, Code: error.code, Message: error.message, SenderFault: error.status < 500 } };
    }
  };
  const each = (name: string) =>
    action(batch, ({ QueueUrl, Entries }) => {
      const most = `Maximum number of entries per request are ${MOST_ENTRIES}. You have sent ${Entries.length}.`;
      if (Entries.length > MOST_ENTRIES) throw new AwsError(TOO_MANY, most);
      const results = Entries.map((entry) => attempt(name, { ...entry, QueueUrl }));
      return { Successful: results.flatMap(({ good }) => good ?? []), Failed: results.flatMap(({ bad }) => bad ?? []) };
    });
  return {
    SendMessageBatch: each("SendMessage"),
    DeleteMessageBatch: each("DeleteMessage"),
    ChangeMessageVisibilityBatch: each("ChangeMessageVisibility"),
  };
}
