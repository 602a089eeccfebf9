/** Counts what happened in runs: passes, calls, and how often each kind of thing occurred. */
export interface Tally {
  pass(): void;
  call(): void;
  count(kind: string): void;
  readonly passes: () => number;
  readonly calls: () => number;
  readonly kinds: ReadonlyMap<string, number>;
}

export function createTally(): Tally {
  const kinds = new Map<string, number>();
  let passes = 0;
  let calls = 0;
  return {
    pass: () => void passes++,
    call: () => void calls++,
    count: (kind) => void kinds.set(kind, (kinds.get(kind) ?? 0) + 1),
    passes: () => passes,
    calls: () => calls,
    kinds,
  };
}
