/** A clock that leaps from timer to timer: for waits of hours in tests where nobody else is at work meanwhile. */
import type { StoryClock } from "../../../infra/local/clock.ts";

export function jumpClock(start: Date): StoryClock {
  let now = start.getTime();
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();
  const due = (limit: number) => [...timers].filter(({ at }) => at <= limit).sort((one, other) => one.at - other.at)[0];
  return {
    now: () => new Date(now),
    after: (seconds, run) => {
      const timer = { at: now + seconds * 1000, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    hold: () => () => {},
    run: async ({ maxSeconds }) => {
      const limit = now + maxSeconds * 1000;
      for (let timer = due(limit); timer; timer = due(limit)) {
        timers.delete(timer);
        now = timer.at;
        timer.run();
      }
      now = limit;
      return false;
    },
  };
}
