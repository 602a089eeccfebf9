/** Takes messages off a queue as they come: so many batches at a time, and again when one is done. */
import type { Message, Queues } from "../queues.ts";

export interface Pump {
  readonly queues: Queues;
  readonly queue: string;
  readonly batchSize: number;
  readonly concurrency: number;
  readonly work: (messages: readonly Message[]) => Promise<void>;
}

/** @returns stops taking messages */
export function pumpMessages({ queues, queue, batchSize, concurrency, work }: Pump): () => void {
  let running = 0;
  let stopped = false;
  const pump = () => {
    while (!stopped && running < concurrency) {
      const messages = queues.receive(queue, batchSize);
      if (messages.length === 0) return;
      running++;
      void work(messages).finally(() => {
        running--;
        pump();
      });
    }
  };
  const end = queues.onMessage((name) => {
    if (name === queue) queueMicrotask(pump);
  });
  pump();
  return () => {
    stopped = true;
    end();
  };
}
