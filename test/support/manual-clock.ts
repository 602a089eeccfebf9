/** A clock that a test moves by hand: timers run in order, at once, without waiting for anything. */
import type { Clock } from "../../infra/local/clock.ts";

export interface ManualClock extends Clock {
  advance(seconds: number): void;
}

export function manualClock(start: Date): ManualClock {
  let now = start.getTime();
  let order = 0;
  const timers = new Set<{ readonly at: number; readonly order: number; readonly run: () => void }>();
  const nextBefore = (limit: number) =>
    [...timers].filter(({ at }) => at <= limit).sort((a, b) => a.at - b.at || a.order - b.order)[0];
  return {
    now: () => new Date(now),
    after: (seconds, run) => {
      const timer = { at: now + Math.max(0, seconds) * 1000, order: order++, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    hold: () => () => {},
    advance: (seconds) => {
      const limit = now + seconds * 1000;
      for (let timer = nextBefore(limit); timer; timer = nextBefore(limit)) {
        timers.delete(timer);
        now = Math.max(now, timer.at);
        timer.run();
      }
      now = limit;
    },
  };
}
