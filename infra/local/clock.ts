/** The one clock of the local cloud: real for `--keep` and real API servers, else virtual: it moves only when all is quiet. */

export interface Clock {
  now(): Date;
  /** Runs once after so many seconds; the answer cancels it. */
  after(seconds: number, run: () => void): () => void;
  /** Time stands still until the answer is called: a request or an invocation is under way. */
  hold(): () => void;
}

export interface StoryClock extends Clock {
  /**
   * Lets time pass. Virtual time moves timer by timer and waits for quiet before each move: at most a second at once as
   * long as anything happens, straight to the next timer once two such moves brought nothing.
   * @param until.speed virtual seconds per real second; 0 or absent: as fast as it goes
   * @returns true when `done` said so; false when `maxSeconds` passed first
   */
  run(until: { readonly maxSeconds: number; readonly done?: () => boolean; readonly speed?: number }): Promise<boolean>;
}

const nothing = () => {};

export const realClock = (): Clock => ({
  now: () => new Date(),
  after: (seconds, run) => {
    const due = Date.now() + seconds * 1000;
    let timer: NodeJS.Timeout | undefined;
    // Node's timers go by another clock: one that rings a millisecond early by this one would find that nothing is due yet.
    const arm = (): void => {
      timer = setTimeout(() => (Date.now() < due ? arm() : run()), Math.ceil(due - Date.now()));
    };
    arm();
    return () => clearTimeout(timer);
  },
  hold: () => nothing,
});

const LOOK_MILLISECONDS = 50;

/** The real clock for a story: `stop` forgets every timer, so that the process can end. */
export function liveClock(): StoryClock & { stop(): void } {
  const clock = realClock();
  const timers = new Set<() => void>();
  let stopped = false;
  return {
    ...clock,
    after: (seconds, run) => {
      if (stopped) return nothing;
      const cancel = clock.after(seconds, () => {
        timers.delete(cancel);
        run();
      });
      timers.add(cancel);
      return () => {
        timers.delete(cancel);
        cancel();
      };
    },
    run: async ({ maxSeconds, done }) => {
      const limit = Date.now() + maxSeconds * 1000;
      for (; !done?.(); await realMilliseconds(LOOK_MILLISECONDS)) if (Date.now() >= limit) return false;
      return true;
    },
    stop: () => {
      stopped = true;
      for (const cancel of timers) cancel();
    },
  };
}

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const realMilliseconds = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** No call takes so long unless something hangs: for clocks that let time pass then. */
export const HANG_MILLISECONDS = 1_000;

/** So many quiet moves in a row show that nobody is about to react to what happened before. */
const CALM_MOVES = 2;

/**
 * @param settleMilliseconds     real time without any hold that counts as quiet; sockets need a little
 * @param hangsAfterMilliseconds holds that last so long, in real time, hang: time then passes as it does in life
 */
export function virtualClock(
  start: Date,
  settleMilliseconds = 2,
  hangsAfterMilliseconds = Number.POSITIVE_INFINITY,
): StoryClock {
  let now = start.getTime();
  let holds = 0;
  let order = 0;
  /** Moves since something last happened: a request, an invocation, a timer. */
  let calmMoves = 0;
  const timers = new Set<Timer>();

  /** @returns real milliseconds for which something hangs; 0: all is quiet */
  const quiet = async (hung: number): Promise<number> => {
    const from = performance.now();
    for (let calm = 0; calm < 3; calm = holds === 0 ? calm + 1 : 0) {
      await realMilliseconds(settleMilliseconds);
      await turn();
      const waited = performance.now() - from;
      // What hangs already goes on hanging until it is over.
      if (holds > 0 && waited > (hung > 0 ? 0 : hangsAfterMilliseconds)) return waited;
    }
    return 0;
  };
  const next = () => [...timers].sort((a, b) => a.at - b.at || a.order - b.order)[0];
  const move = (limit: number) => {
    const longest = calmMoves < CALM_MOVES ? now + 1000 : Number.POSITIVE_INFINITY;
    calmMoves++;
    moveTo(Math.min(limit, longest, next()?.at ?? Number.POSITIVE_INFINITY));
  };
  const moveTo = (target: number) => {
    now = Math.max(now, target);
    for (let due = next(); due && due.at <= now; due = next()) {
      timers.delete(due);
      calmMoves = 0;
      due.run();
    }
  };

  return {
    now: () => new Date(now),
    after: (seconds, run) => {
      const timer = { at: now + Math.max(0, seconds) * 1000, order: order++, run };
      calmMoves = 0;
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    hold: () => {
      holds++;
      calmMoves = 0;
      let held = true;
      return () => {
        if (held) holds--;
        held = false;
      };
    },
    run: async ({ maxSeconds, done, speed }) => {
      const limit = now + maxSeconds * 1000;
      for (let hung = 0; ; ) {
        hung = await quiet(hung);
        if (done?.()) return true;
        if (now >= limit) return false;
        const before = now;
        if (hung > 0) moveTo(Math.min(limit, now + hung));
        else move(limit);
        if (speed) await realMilliseconds((now - before) / speed);
      }
    },
  };
}
