/** A key names one object to look at; queues, audit batches and sweeps carry nothing else. */
export interface Key {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** What brings keys back: each cloud's queue, and what stands for several of them. */
export interface KeyQueue {
  /** Longer delays than the queue knows come back early; a look too early changes nothing. */
  again(key: Key, afterSeconds: number): Promise<void>;
  /** Throws when not all were taken; they may then be sent again. */
  sendAll(keys: readonly Key[]): Promise<void>;
}
