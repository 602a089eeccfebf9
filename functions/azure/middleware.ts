/** Around every function: its lines carry the invocation, and what fails as a whole is said before the host retries it. */
import type { InvocationContext } from "@azure/functions";
import type { MiddlewareObj } from "@middy/core";
import type { Reporter } from "../../lib/reconcile/report.ts";

/** An error that leaves the handler makes Service Bus, Event Grid or the caller try again; it is never swallowed here. */
export const reported = (reporter: Reporter): MiddlewareObj<unknown, unknown, Error, InvocationContext> => ({
  before: ({ context }) => {
    reporter.begin({ functionName: context.functionName, requestId: context.invocationId });
  },
  onError: ({ error }) => {
    reporter.failed(error, { event: "Invocation" }, "retried");
  },
});
