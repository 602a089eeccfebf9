/** Virtual time: a list of things to come in order of time; between two of them nothing happens. */
import type { Clock } from "../../infra/local/clock.ts";

type Run = () => void | Promise<void>;

interface Entry {
  readonly at: number;
  readonly order: number;
  readonly run: Run;
}

export interface Time {
  /** Milliseconds since 1970. */
  now(): number;
  after(seconds: number, run: Run): () => void;
  /** Runs the next thing and whatever it wakes; false, at the limit, when nothing comes before it. */
  step(limit: number): Promise<boolean>;
  /** Somebody's clock that goes wrong by so much; its timers do not. */
  clock(skewSeconds: number): Clock;
}

const nothing = () => {};

export function createTime(start: number): Time {
  let now = start;
  let orders = 0;
  /** Soonest last. */
  const entries: Entry[] = [];

  const insert = (entry: Entry) => {
    let low = 0;
    let high = entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      // Of two at the same time the younger comes later, so it stands further in front.
      if ((entries[middle]?.at ?? 0) > entry.at) low = middle + 1;
      else high = middle;
    }
    entries.splice(low, 0, entry);
  };
  const after = (seconds: number, run: Run) => {
    const entry = { at: now + Math.max(0, Math.round(seconds * 1000)), order: orders++, run };
    insert(entry);
    return () => {
      const index = entries.indexOf(entry);
      if (index >= 0) entries.splice(index, 1);
    };
  };
  return {
    now: () => now,
    after,
    step: async (limit) => {
      const next = entries.at(-1);
      if (!next || next.at > limit) {
        now = Math.max(now, limit);
        return false;
      }
      entries.pop();
      now = next.at;
      await next.run();
      return true;
    },
    clock: (skewSeconds) => ({
      now: () => new Date(now + skewSeconds * 1000),
      after,
      hold: () => nothing,
    }),
  };
}
