/** How what was done is told: one line of fields for people, and numbers of low cardinality for graphs; each cloud has its own pen. */
import type { Key } from "../api/key.ts";
import { instanceTerminations } from "../api/lifecycle/instance-termination.ts";
import { KubernetesError } from "../kubernetes/errors.ts";
import { ProviderError } from "../providers/errors.ts";
import type { Outcome } from "./step.ts";

/** What an outcome or a failure is about; goes into the line, not into the metrics (but for `event`). */
export interface About {
  /** "TerminateHook", "SpotInterruption", "Look" ... */
  readonly event: string;
  readonly key?: Key | undefined;
  readonly instanceId?: string | undefined;
  readonly groupName?: string | undefined;
  /** What holds the instance, in the cloud's words. */
  readonly holds?: readonly string[] | undefined;
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

type Fields = Readonly<Record<string, unknown>>;

export const definedOnly = (fields: Fields): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

export function fieldsOf({ event, key, instanceId, groupName, holds, attempt }: About): Record<string, unknown> {
  const object = key && `${key.namespace}/${key.name}`;
  const isDrain = key?.kind === instanceTerminations.kind;
  const named = isDrain ? { instanceTermination: object } : { objectKind: key?.kind, object };
  return definedOnly({ event, ...named, instanceId, groupName, holds, attempt });
}

/** The words of an outcome, and what else its line carries. */
export function lineOf({ did, because, againSeconds, counted = {} }: Outcome): {
  readonly message: string;
  readonly fields: Fields;
} {
  return {
    message: because ? `${did}: ${because}` : did,
    fields: {
      did,
      ...definedOnly({ because, againSeconds }),
      ...(Object.keys(counted).length > 0 ? { counted } : {}),
    },
  };
}

export interface Metric {
  readonly name: string;
  readonly value: number;
  readonly dimensions: Readonly<Record<string, string>>;
}

export const outcomeMetrics = ({ did, because, counted = {} }: Outcome, { event }: About): readonly Metric[] => [
  { name: "Outcomes", value: 1, dimensions: { event, did, because: because ?? "none" } },
  ...Object.entries(counted).map(([name, value]) => metricOf(name, value)),
];

/** "drainSeconds" -> DrainSeconds; "evictions429" -> Evictions with its code as dimension. */
function metricOf(name: string, value: number): Metric {
  const [, code] = /^evictions(\w+)$/.exec(name) ?? [];
  if (code !== undefined) return { name: "Evictions", value, dimensions: { code } };
  return { name: `${name.charAt(0).toUpperCase()}${name.slice(1)}`, value, dimensions: {} };
}

/** Only what is meant for people: no cause, since a library's own error may quote a request. */
export function describeError(error: unknown): {
  readonly name: string;
  readonly kind: string;
  readonly message: string;
} {
  if (error instanceof KubernetesError || error instanceof ProviderError) {
    return { name: error.name, kind: error.kind, message: error.message };
  }
  if (error instanceof Error) return { name: error.name, kind: UNKNOWN, message: error.message };
  return { name: UNKNOWN, kind: UNKNOWN, message: "something that is no Error was thrown" };
}
