/** One log line and the metrics for everything a function did: structured for people, of low cardinality for graphs. */
import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { Key } from "../../../lib/api/key.ts";
import { KubernetesError } from "../../../lib/kubernetes/errors.ts";
import { ProviderError } from "../../../lib/providers/errors.ts";
import type { Outcome } from "../../../lib/reconcile/step.ts";

/** What an outcome or a failure is about; goes into the line, not into the metrics (but for `event`). */
export interface About {
  /** "TerminateHook", "SpotInterruption", "Look" ... */
  readonly event: string;
  readonly key?: Key | undefined;
  readonly instanceId?: string | undefined;
  readonly groupName?: string | undefined;
  /** Names of the hooks that hold the instance. */
  readonly hooks?: readonly string[] | undefined;
  /** How often this message has been received. */
  readonly attempt?: number | undefined;
}

export interface Reporter {
  /** Every line from now on belongs to this invocation. */
  begin(invocation: { readonly functionName: string; readonly requestId: string }): void;
  done(outcome: Outcome, about: About): void;
  /**
   * Says one error once, however many hands it passes through.
   * @param answer what becomes of it, e.g. "retried"
   */
  failed(error: unknown, about: About, answer: string): void;
  warn(message: string, about: About): void;
}

const UNKNOWN = "unknown";

export function createReporter(): Reporter {
  const logger = new Logger();
  const metrics = new Metrics({ namespace: "Lifeguard" });
  const said = new WeakSet<Error>();
  const count = (name: string, value: number, dimensions: Readonly<Record<string, string>>) => {
    const metric = metrics.singleMetric();
    metric.addDimensions(dimensions);
    metric.addMetric(name, name.endsWith("Seconds") ? MetricUnit.Seconds : MetricUnit.Count, value);
  };
  const lineFor = (about: About) => logger.createChild({ persistentKeys: keysOf(about) });

  return {
    begin: (invocation) => {
      logger.resetKeys();
      logger.appendKeys({ function: invocation.functionName, requestId: invocation.requestId });
    },
    done: (outcome, about) => {
      const { did, because, object, againSeconds, counted = {} } = outcome;
      lineFor({ ...about, key: object ?? about.key }).info(because ? `${did}: ${because}` : did, {
        did,
        ...definedOnly({ because, againSeconds }),
        ...(Object.keys(counted).length > 0 ? { counted } : {}),
      });
      count("Outcomes", 1, { event: about.event, did, because: because ?? "none" });
      for (const [name, value] of Object.entries(counted)) count(...metricOf(name, value));
    },
    failed: (error, about, answer) => {
      if (error instanceof Error && said.has(error)) return;
      if (error instanceof Error) said.add(error);
      const { name, kind, message } = describe(error);
      lineFor(about).error(message, { error: name, kind, answer });
      count("Failures", 1, { event: about.event, kind });
    },
    warn: (message, about) => lineFor(about).warn(message),
  };
}

function keysOf({ event, key, instanceId, groupName, hooks, attempt }: About) {
  const object = key && `${key.namespace}/${key.name}`;
  const named =
    key?.kind === "InstanceTermination" ? { instanceTermination: object } : { objectKind: key?.kind, object };
  return definedOnly({ event, ...named, instanceId, groupName, hooks, attempt });
}

/** Only what is meant for people: no cause, since a library's own error may quote a request. */
function describe(error: unknown): { readonly name: string; readonly kind: string; readonly message: string } {
  if (error instanceof KubernetesError || error instanceof ProviderError) {
    return { name: error.name, kind: error.kind, message: error.message };
  }
  if (error instanceof Error) return { name: error.name, kind: UNKNOWN, message: error.message };
  return { name: UNKNOWN, kind: UNKNOWN, message: "something that is no Error was thrown" };
}

/** "drainSeconds" -> DrainSeconds; "evictions429" -> Evictions with its code as dimension. */
function metricOf(name: string, value: number): [string, number, Readonly<Record<string, string>>] {
  const [, code] = /^evictions(\w+)$/.exec(name) ?? [];
  if (code !== undefined) return ["Evictions", value, { code }];
  return [`${name.charAt(0).toUpperCase()}${name.slice(1)}`, value, {}];
}

const definedOnly = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
