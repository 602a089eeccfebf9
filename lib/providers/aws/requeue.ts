/** Brings keys back through an SQS queue: a message carries one key and a delay, and nothing else. */
import { SendMessageBatchCommand, SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Key, KeyQueue } from "../../api/key.ts";
import { ProviderError } from "../errors.ts";
import { keyText } from "../key-text.ts";
import { asAws } from "./errors.ts";

/** SQS's own limits. */
const LONGEST_DELAY_SECONDS = 900;
const MESSAGES_PER_BATCH = 10;

export const delaySeconds = (afterSeconds: number): number =>
  Math.min(LONGEST_DELAY_SECONDS, Math.max(0, Math.ceil(afterSeconds)));

/** Delays are 900 s at the most. @throws ProviderError */
export function keyQueue(client: SQSClient, queueUrl: string, signal?: AbortSignal): KeyQueue {
  const options = signal ? { abortSignal: signal } : {};
  const sendBatch = async (keys: readonly Key[]) => {
    const Entries = keys.map((one, index) => ({ Id: String(index), MessageBody: keyText(one) }));
    const command = new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries });
    const { Failed = [] } = await asAws("sqs:SendMessage", () => client.send(command, options));
    const [first] = Failed;
    if (first) {
      const said = `${Failed.length} of ${keys.length} messages refused: ${first.Code} ${first.Message ?? ""}`;
      throw new ProviderError(first.SenderFault ? "invalid" : "unavailable", "sqs:SendMessage", "", said);
    }
  };
  return {
    again: async (one, afterSeconds) => {
      const message = { QueueUrl: queueUrl, MessageBody: keyText(one), DelaySeconds: delaySeconds(afterSeconds) };
      await asAws("sqs:SendMessage", () => client.send(new SendMessageCommand(message), options));
    },
    sendAll: async (keys) => {
      for (let start = 0; start < keys.length; start += MESSAGES_PER_BATCH) {
        await sendBatch(keys.slice(start, start + MESSAGES_PER_BATCH));
      }
    },
  };
}
