/** One JSON line for everything a function did, numbers included: Application Insights keeps it as a trace, and queries read it. */
import type { InvocationContext } from "@azure/functions";
import {
  type About,
  describeError,
  fieldsOf,
  lineOf,
  type Metric,
  outcomeMetrics,
  type Reporter,
} from "../../../lib/reconcile/report.ts";

export const LOG_LEVELS = ["DEBUG", "INFO", "WARN", "ERROR"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Traces of one invocation; what is less than `level` is not written, but what was counted is. */
export function createReporter(context: InvocationContext, level: LogLevel): Reporter {
  const said = new WeakSet<Error>();
  let invocation: Readonly<Record<string, string>> = {};
  const write = (at: LogLevel, message: string, fields: Readonly<Record<string, unknown>>) => {
    const metrics = Array.isArray(fields.metrics) ? fields.metrics : [];
    if (LOG_LEVELS.indexOf(at) < LOG_LEVELS.indexOf(level) && metrics.length === 0) return;
    const line = JSON.stringify({ level: at, message, ...invocation, ...fields });
    if (at === "ERROR") context.error(line);
    else if (at === "WARN") context.warn(line);
    else context.log(line);
  };
  return {
    begin: ({ functionName, requestId }) => {
      invocation = { function: functionName, requestId };
    },
    done: (outcome, about) => {
      const { message, fields } = lineOf(outcome);
      const named = fieldsOf({ ...about, key: outcome.object ?? about.key });
      write("INFO", message, { ...named, ...fields, metrics: outcomeMetrics(outcome, about) });
    },
    failed: (error, about: About, answer) => {
      if (error instanceof Error && said.has(error)) return;
      if (error instanceof Error) said.add(error);
      const { name, kind, message } = describeError(error);
      const failures: Metric = { name: "Failures", value: 1, dimensions: { event: about.event, kind } };
      write("ERROR", message, { ...fieldsOf(about), error: name, kind, answer, metrics: [failures] });
    },
    warn: (message, about) => write("WARN", message, fieldsOf(about)),
  };
}
