/** Around every function: its lines carry the invocation, and what fails as a whole is said before Lambda retries it. */
import type { MiddlewareObj } from "@middy/core";
import type { Reporter } from "./runtime/reporter.ts";

/** An error that leaves the handler makes Lambda, SQS or the caller try again; it is never swallowed here. */
export const reported = (reporter: Reporter): MiddlewareObj => ({
  before: ({ context }) => {
    reporter.begin({ functionName: context.functionName, requestId: context.awsRequestId });
  },
  onError: ({ error }) => {
    reporter.failed(error, { event: "Invocation" }, "retried");
  },
});
