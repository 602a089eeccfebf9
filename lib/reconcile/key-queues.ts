/** The queues of a deployment as one: drains and pools each have their own, so that a flood of one holds up no other. */
import type { Key, KeyQueue } from "../api/key.ts";
import { instanceTerminations } from "../api/lifecycle/instance-termination.ts";
import { NODE_NOTICE } from "../api/node-notice.ts";

export interface Queues {
  readonly drains: KeyQueue;
  /** Absent: nobody here reconciles pools, and hints to look at them lead nowhere. */
  readonly pools?: KeyQueue | undefined;
}

const isDrain = ({ kind }: Key): boolean => kind === instanceTerminations.kind || kind === NODE_NOTICE;

/** Every key goes to the queue whose worker knows its kind. */
export const routedQueue = ({ drains, pools }: Queues): KeyQueue => ({
  again: async (key, afterSeconds) => (isDrain(key) ? drains : pools)?.again(key, afterSeconds),
  sendAll: async (keys) => {
    await drains.sendAll(keys.filter(isDrain));
    await pools?.sendAll(keys.filter((key) => !isDrain(key)));
  },
});

/** Keys that are worth a look only after a while, or at once. */
export async function sendDelayed(queue: KeyQueue, keys: readonly Key[], delaySeconds: number): Promise<void> {
  if (delaySeconds === 0) return queue.sendAll(keys);
  for (const key of keys) await queue.again(key, delaySeconds);
}
