/** The one file that knows the Functions host: environment in, one sandbox kept, each invocation with its own deadline and its reporter. */
import { app, type InvocationContext } from "@azure/functions";
import middy from "@middy/core";
import type { Reporter } from "../../lib/reconcile/report.ts";
import { reported } from "./middleware.ts";
import { eventWebhook } from "./runtime/event-webhook.ts";
import { createReporter } from "./runtime/reporter.ts";
import { type Environment, readLogLevel, takesWebhook } from "./runtime/settings.ts";

export interface Invocation {
  /** Fires before the host ends the invocation: calls in flight end, what was done is answered. */
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
  readonly context: InvocationContext;
}

/** Below the 30 s that Event Grid waits for an answer and host.json allows; no pass needs more. */
const WORK_MILLISECONDS = 25_000;

export type Handler<Input, Answer> = (input: Input, context: InvocationContext) => Promise<Answer>;

/**
 * Several invocations run in one sandbox at the same time: nothing of one is kept in it.
 * @param open  makes what a sandbox keeps (settings, clients), at its first invocation; what it throws fails that invocation
 * @param run   one invocation; what it throws makes the trigger's source try again
 */
export function entry<Sandbox, Input, Answer>(
  open: (environment: Environment) => Sandbox,
  run: (sandbox: Sandbox, input: Input, invocation: Invocation) => Promise<Answer>,
): Handler<Input, Answer> {
  let sandbox: Sandbox | undefined;
  return (input, context) => {
    const reporter = createReporter(context, readLogLevel(process.env));
    const handler = middy<Input, Answer, Error, InvocationContext>({ timeoutEarlyInMillis: 0 })
      .use(reported(reporter))
      .handler(async (given: Input) => {
        sandbox ??= open(process.env);
        return run(sandbox, given, { signal: AbortSignal.timeout(WORK_MILLISECONDS), reporter, context });
      });
    return handler(input, context);
  };
}

/** The trigger of Event Grid, and where the deployment asks for it, the same over HTTP behind a key of the host's. */
export function onEvents(name: string, handler: Handler<unknown, unknown>): void {
  app.eventGrid(name, { handler });
  if (!takesWebhook(process.env)) return;
  app.http(`${name}-webhook`, {
    methods: ["POST", "OPTIONS"],
    route: name,
    authLevel: "function",
    handler: eventWebhook(handler),
  });
}
