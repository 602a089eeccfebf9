/** What every cloud's deployment is told in the same words, and how a wrong word is refused: by the name of its variable, without its value. */
import * as z from "zod";

export type Environment = Readonly<Record<string, string | undefined>>;

export const text = z.string().trim().min(1);
export const seconds = (least: number) => z.coerce.number().int().min(least);
/** An unset variable of a deployment is often an empty one. */
export const optional = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (value === "" ? undefined : value), schema.optional());
export const or = <Schema extends z.ZodType>(schema: Schema, fallback: z.input<Schema>) =>
  z.preprocess((value) => (value === "" || value === undefined ? fallback : value), schema);

/** @throws Error that names each variable and what is wrong with it */
export function check<Schema extends z.ZodType>(schema: Schema, environment: Environment): z.output<Schema> {
  const read = schema.safeParse(environment, { reportInput: false });
  if (read.success) return read.data;
  const problems = read.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new Error(`the function's environment is incomplete: ${problems.join("; ")}`);
}

interface ReconcileVariables {
  readonly LIFEGUARD_DRY_RUN: boolean;
  readonly LIFEGUARD_FINISHED_TTL_SECONDS: number;
  readonly LIFEGUARD_SAFETY_MARGIN_SECONDS: number;
  readonly LIFEGUARD_EVICTION_PARALLELISM: number;
  readonly LIFEGUARD_NODE_NOT_FOUND_SECONDS: number;
  readonly LIFEGUARD_WATCH_FILTER: string;
  readonly LIFEGUARD_SURGE: number;
}

/** Settings of lib/reconcile. */
export const reconcileSettings = (read: ReconcileVariables) => ({
  dryRun: read.LIFEGUARD_DRY_RUN,
  finishedTtlSeconds: read.LIFEGUARD_FINISHED_TTL_SECONDS,
  safetyMarginSeconds: read.LIFEGUARD_SAFETY_MARGIN_SECONDS,
  evictionParallelism: read.LIFEGUARD_EVICTION_PARALLELISM,
  nodeNotFoundSeconds: read.LIFEGUARD_NODE_NOT_FOUND_SECONDS,
  watchFilter: read.LIFEGUARD_WATCH_FILTER,
  surge: read.LIFEGUARD_SURGE,
});

/** User names of our functions, separated by commas. */
export const userList = (names: string): readonly string[] =>
  names
    .split(",")
    .map((user) => user.trim())
    .filter((user) => user !== "");

const forwards = z.array(
  z.strictObject({
    /** All that happens in these namespaces. */
    namespaces: z.array(text).default([]),
    /** All that says which of these clusters it belongs to. */
    clusterNames: z.array(text).default([]),
    url: z.url({ protocol: /^https$/ }),
    /** Where the bearer token of the other deployment is kept, in this cloud's words. */
    tokenReference: text,
  }),
);
export type ForwardTarget = z.output<typeof forwards>[number];

/** LIFEGUARD_AUDIT_FORWARDS. @throws Error that says what is wrong with it */
export function forwardsOf(json: string): readonly ForwardTarget[] {
  const problem = (why: string) => new Error(`LIFEGUARD_AUDIT_FORWARDS is no list of forwards: ${why}`);
  let read: unknown;
  try {
    read = JSON.parse(json);
  } catch {
    throw problem("it is no JSON");
  }
  const { data, error } = forwards.safeParse(read, { reportInput: false });
  if (!data) throw problem(error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "));
  return data;
}
