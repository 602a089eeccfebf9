/** A key names one object to look at; queues, audit batches and sweeps carry nothing else. */
export interface Key {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}
