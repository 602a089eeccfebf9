/** One log line and the metrics for everything a function did, in the forms of CloudWatch. */
import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import {
  type About,
  describeError,
  fieldsOf,
  lineOf,
  type Metric,
  outcomeMetrics,
  type Reporter,
} from "../../../lib/reconcile/report.ts";

export type { About, Reporter } from "../../../lib/reconcile/report.ts";

export function createReporter(): Reporter {
  const logger = new Logger();
  const metrics = new Metrics({ namespace: "Lifeguard" });
  const said = new WeakSet<Error>();
  const count = ({ name, value, dimensions }: Metric) => {
    const metric = metrics.singleMetric();
    metric.addDimensions(dimensions);
    metric.addMetric(name, name.endsWith("Seconds") ? MetricUnit.Seconds : MetricUnit.Count, value);
  };
  const lineFor = (about: About) => logger.createChild({ persistentKeys: fieldsOf(about) });

  return {
    begin: (invocation) => {
      logger.resetKeys();
      logger.appendKeys({ function: invocation.functionName, requestId: invocation.requestId });
    },
    done: (outcome, about) => {
      const { message, fields } = lineOf(outcome);
      lineFor({ ...about, key: outcome.object ?? about.key }).info(message, fields);
      outcomeMetrics(outcome, about).forEach(count);
    },
    failed: (error, about, answer) => {
      if (error instanceof Error && said.has(error)) return;
      if (error instanceof Error) said.add(error);
      const { name, kind, message } = describeError(error);
      lineFor(about).error(message, { error: name, kind, answer });
      count({ name: "Failures", value: 1, dimensions: { event: about.event, kind } });
    },
    warn: (message, about) => lineFor(about).warn(message),
  };
}
