/** Message queues of a cloud: delay, a lock while somebody works on a message, and a dead-letter queue, all on the given clock. */
import type { Clock } from "./clock.ts";
import type { Ids } from "./ids.ts";

export interface QueueSettings {
  /** How long a received message stays invisible: its lock, in other words. */
  readonly visibilitySeconds: number;
  readonly redrive?: { readonly queue: string; readonly maxReceiveCount: number };
}

export interface Message {
  readonly id: string;
  readonly body: string;
  readonly sentAt: Date;
  visibleAt: number;
  receiveCount: number;
  receipt?: string;
}

interface Draft {
  readonly body: string;
  readonly delaySeconds?: number | undefined;
}

interface Queue {
  readonly settings: QueueSettings;
  readonly messages: Set<Message>;
}

export type Queues = ReturnType<typeof createQueues>;

const DEFAULTS: QueueSettings = { visibilitySeconds: 30 };

/** @param unknown what is thrown when there is no queue of that name */
export function createQueues(clock: Clock, ids: Ids, unknown: (queue: string) => Error) {
  const queues = new Map<string, Queue>();
  const listeners = new Set<(queue: string) => void>();
  const now = () => clock.now().getTime();

  const queueOf = (name: string): Queue => {
    const queue = queues.get(name);
    if (queue) return queue;
    throw unknown(name);
  };
  /** Tells the listeners when the message can be received (again). */
  const ring = (name: string, message: Message) => {
    const tell = () => {
      if (!queues.get(name)?.messages.has(message) || message.visibleAt > now()) return;
      for (const listener of listeners) listener(name);
    };
    if (message.visibleAt <= now()) tell();
    else clock.after((message.visibleAt - now()) / 1000, tell);
  };
  const add = (name: string, message: Message) => {
    queueOf(name).messages.add(message);
    ring(name, message);
  };
  const buried = (queue: Queue, message: Message): boolean => {
    const { redrive } = queue.settings;
    if (!redrive || message.receiveCount < redrive.maxReceiveCount) return false;
    queue.messages.delete(message);
    add(redrive.queue, message);
    return true;
  };
  const take = (name: string, max: number, visibilitySeconds?: number): Message[] => {
    const queue = queueOf(name);
    const visible = [...queue.messages].filter((message) => message.visibleAt <= now() && !buried(queue, message));
    return visible.slice(0, max).map((message) => {
      message.visibleAt = now() + (visibilitySeconds ?? queue.settings.visibilitySeconds) * 1000;
      message.receiveCount++;
      message.receipt = ids.hex(40);
      ring(name, message);
      return { ...message };
    });
  };

  return {
    create: (name: string, settings: Partial<QueueSettings> = {}) =>
      void queues.set(name, { settings: { ...DEFAULTS, ...settings }, messages: new Set() }),
    names: () => [...queues.keys()],
    send: (name: string, { body, delaySeconds = 0 }: Draft): Message => {
      const visibleAt = now() + delaySeconds * 1000;
      const message = { id: ids.uuid(), body, sentAt: clock.now(), visibleAt, receiveCount: 0 };
      add(name, message);
      return message;
    },
    /** What is visible now. */
    receive: take,
    /** @returns whether the receipt was the newest of a message that was still there */
    delete: (name: string, receipt: string): boolean => {
      const { messages } = queueOf(name);
      const message = [...messages].find((one) => one.receipt === receipt);
      return message !== undefined && messages.delete(message);
    },
    /** Gives the lock back: the message is there again at once, or a dead letter when it was received often enough. */
    release: (name: string, receipt: string): void => {
      const queue = queueOf(name);
      const message = [...queue.messages].find((one) => one.receipt === receipt);
      if (!message || message.visibleAt <= now()) return;
      message.visibleAt = now();
      if (!buried(queue, message)) ring(name, message);
    },
    counts: (name: string) => {
      const messages = [...queueOf(name).messages];
      const hidden = messages.filter((message) => message.visibleAt > now());
      const inFlight = hidden.filter((message) => message.receiveCount > 0).length;
      return { visible: messages.length - hidden.length, inFlight, delayed: hidden.length - inFlight };
    },
    /** Told the queue's name whenever a message becomes visible. */
    onMessage: (listener: (queue: string) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
