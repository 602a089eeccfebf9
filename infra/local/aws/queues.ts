/** SQS standard queues: delay, visibility, long polls and redrive to a dead-letter queue, all on the given clock. */
import { createHash } from "node:crypto";
import type { Clock } from "../clock.ts";
import { AwsError } from "./errors.ts";
import type { Ids } from "./ids.ts";

export interface QueueSettings {
  readonly visibilitySeconds: number;
  readonly delaySeconds: number;
  readonly waitSeconds: number;
  readonly redrive?: { readonly queue: string; readonly maxReceiveCount: number };
}

export interface Message {
  readonly id: string;
  readonly body: string;
  readonly sentAt: Date;
  readonly attributes: Readonly<Record<string, unknown>>;
  visibleAt: number;
  receiveCount: number;
  firstReceivedAt?: Date;
  receipt?: string;
}

export interface Draft {
  readonly body: string;
  readonly delaySeconds?: number | undefined;
  readonly attributes?: Readonly<Record<string, unknown>> | undefined;
}

interface Queue {
  settings: QueueSettings;
  readonly messages: Set<Message>;
  copies: number;
}

export type Queues = ReturnType<typeof createQueues>;

export const md5 = (text: string) => createHash("md5").update(text).digest("hex");
const DEFAULTS: QueueSettings = { visibilitySeconds: 30, delaySeconds: 0, waitSeconds: 0 };

export function createQueues(clock: Clock, ids: Ids) {
  const queues = new Map<string, Queue>();
  const listeners = new Set<(queue: string) => void>();
  const now = () => clock.now().getTime();

  const queueOf = (name: string): Queue => {
    const queue = queues.get(name);
    if (queue) return queue;
    throw new AwsError("AWS.SimpleQueueService.NonExistentQueue", `The specified queue does not exist: ${name}.`);
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
      message.firstReceivedAt ??= clock.now();
      message.receipt = ids.hex(40);
      ring(name, message);
      return { ...message };
    });
  };
  const byReceipt = (name: string, receipt: string) =>
    [...queueOf(name).messages].find((message) => message.receipt === receipt);

  return {
    /** Creates a queue, or changes the settings of one. */
    create: (name: string, settings: Partial<QueueSettings> = {}) => {
      const old = queues.get(name);
      const merged = { ...DEFAULTS, ...old?.settings, ...settings };
      if (old) old.settings = merged;
      else queues.set(name, { settings: merged, messages: new Set(), copies: 0 });
    },
    settings: (name: string) => queueOf(name).settings,
    names: () => [...queues.keys()],
    send: (name: string, { body, delaySeconds, attributes = {} }: Draft): Message => {
      const queue = queueOf(name);
      const visibleAt = now() + (delaySeconds ?? queue.settings.delaySeconds) * 1000;
      const made = { id: ids.uuid(), body, sentAt: clock.now(), attributes, visibleAt, receiveCount: 0 };
      if (queue.copies > 0 && queue.copies--) add(name, { ...made });
      add(name, made);
      return made;
    },
    /** What is visible now, without waiting. */
    receive: take,
    /** Waits up to so many seconds for a first message. */
    poll: (name: string, max: number, options: { visibilitySeconds?: number | undefined; waitSeconds: number }) =>
      new Promise<Message[]>((resolve) => {
        const finish = () => {
          const got = take(name, max, options.visibilitySeconds);
          if (got.length === 0 && now() < end) return;
          listeners.delete(hear);
          cancel();
          resolve(got);
        };
        const hear = (queue: string) => void (queue === name && finish());
        const end = now() + options.waitSeconds * 1000;
        const cancel = clock.after(options.waitSeconds, finish);
        listeners.add(hear);
      }),
    /** @returns whether the receipt was the newest of a message that was still there */
    delete: (name: string, receipt: string): boolean => {
      const message = byReceipt(name, receipt);
      return message !== undefined && queueOf(name).messages.delete(message);
    },
    changeVisibility: (name: string, receipt: string, seconds: number): boolean => {
      const message = byReceipt(name, receipt);
      if (!message) return false;
      message.visibleAt = now() + seconds * 1000;
      ring(name, message);
      return true;
    },
    counts: (name: string) => {
      const messages = [...queueOf(name).messages];
      const hidden = messages.filter((message) => message.visibleAt > now());
      const inFlight = hidden.filter((message) => message.receiveCount > 0).length;
      return { visible: messages.length - hidden.length, inFlight, delayed: hidden.length - inFlight };
    },
    /** The next so many messages are delivered twice, as standard queues may. */
    duplicate: (name: string, times: number) => {
      queueOf(name).copies += times;
    },
    /** Told the queue's name whenever a message becomes visible. */
    onMessage: (listener: (queue: string) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
