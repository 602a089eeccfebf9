/** Queue workers: one message, one key, one pass; what is thrown makes Service Bus deliver again, and set aside in the end. */
import type { Key } from "../../../lib/api/key.ts";
import { readKey } from "../../../lib/providers/key-text.ts";
import type { Outcome } from "../../../lib/reconcile/step.ts";
import type { Invocation } from "../entry.ts";

/** The host has parsed a JSON body already, where it knows it for one. */
const keyOf = (message: unknown): Key | undefined =>
  readKey(typeof message === "string" ? message : (JSON.stringify(message) ?? ""));

/** @throws what the pass throws, and for a body that is no key: it is a dead letter after its last delivery */
export async function oneKey(
  message: unknown,
  { event, invocation }: { readonly event: string; readonly invocation: Invocation },
  pass: (key: Key) => Promise<Outcome>,
): Promise<void> {
  const { reporter, context } = invocation;
  const { deliveryCount, messageId } = context.triggerMetadata ?? {};
  const attempt = Number(deliveryCount ?? 1);
  const key = keyOf(message);
  try {
    if (!key) throw new Error(`message ${String(messageId)} carries no key {kind, namespace, name}: it is set aside`);
    reporter.done(await pass(key), { event, key, attempt });
  } catch (error) {
    reporter.failed(error, { event, key, attempt }, "delivered again, then set aside");
    throw error;
  }
}
