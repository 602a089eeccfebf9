/** Asynchronous invocation as Lambda does it: failures are tried again, throttles for long, the rest is a dead letter. */
import type { Clock } from "../clock.ts";
import { InvocationError, type Lambda } from "./lambda.ts";

export interface RetryRules {
  /** 0..2 */
  readonly retries: number;
  readonly oldestEventSeconds: number;
  /** Told once, after the last try. */
  readonly deadLetter: (event: unknown, error: InvocationError) => void;
}

/** Lambda developer guide, "How Lambda handles errors and retries with asynchronous invocation". */
const RETRY_SECONDS = [60, 120];
const LONGEST_THROTTLE_SECONDS = 300;

export function invokeLater(lambda: Lambda, event: unknown, clock: Clock, rules: RetryRules): void {
  const since = clock.now().getTime();
  const attempt = async (failures: number, throttles: number): Promise<void> => {
    try {
      await lambda.invoke(event);
    } catch (error) {
      if (!(error instanceof InvocationError)) throw error;
      const throttled = error.kind === "throttled";
      const wait = throttled ? Math.min(LONGEST_THROTTLE_SECONDS, 2 ** throttles) : RETRY_SECONDS[failures];
      const spent = !throttled && failures >= rules.retries;
      const age = (clock.now().getTime() - since) / 1000 + (wait ?? 0);
      if (wait === undefined || spent || age > rules.oldestEventSeconds) return rules.deadLetter(event, error);
      clock.after(wait, () => void attempt(failures + (throttled ? 0 : 1), throttles + (throttled ? 1 : 0)));
    }
  };
  void attempt(0, 0);
}
