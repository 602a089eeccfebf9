/** The one file that knows Lambda: environment in, one sandbox kept, each invocation with its own deadline and its reporter. */
import middy, { type MiddyfiedHandler } from "@middy/core";
import { reported } from "./middleware.ts";
import { createReporter, type Reporter } from "./runtime/reporter.ts";
import type { Environment } from "./runtime/settings.ts";

export interface Invocation {
  /** Fires some seconds before Lambda ends the sandbox: calls in flight end, what was done is answered. */
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
}

const WORK_ENDS_EARLY_MILLISECONDS = 3_000;
/** The net below it: nothing that hangs is cut off without a word. */
const INVOCATION_ENDS_EARLY_MILLISECONDS = 1_000;

/**
 * @param open  makes what a sandbox keeps (settings, clients), at its first invocation; what it throws fails that invocation
 * @param run   one invocation
 */
export function entry<Sandbox, Answer>(
  open: (environment: Environment) => Sandbox,
  run: (sandbox: Sandbox, event: unknown, invocation: Invocation) => Promise<Answer>,
): MiddyfiedHandler<unknown, Answer> {
  const reporter = createReporter();
  let sandbox: Sandbox | undefined;
  return middy<unknown, Answer>({ timeoutEarlyInMillis: INVOCATION_ENDS_EARLY_MILLISECONDS })
    .use(reported(reporter))
    .handler(async (event: unknown, context) => {
      sandbox ??= open(process.env);
      const workMilliseconds = Math.max(0, context.getRemainingTimeInMillis() - WORK_ENDS_EARLY_MILLISECONDS);
      return run(sandbox, event, { signal: AbortSignal.timeout(Math.floor(workMilliseconds)), reporter });
    });
}
