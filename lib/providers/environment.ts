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

/** Of every function that reconciles. */
export const reconcileVariables = {
  LIFEGUARD_DRY_RUN: or(z.stringbool(), "false"),
  LIFEGUARD_FINISHED_TTL_SECONDS: or(seconds(0), 86_400),
  LIFEGUARD_SAFETY_MARGIN_SECONDS: or(seconds(0), 10),
  LIFEGUARD_EVICTION_PARALLELISM: or(seconds(1), 10),
  LIFEGUARD_NODE_NOT_FOUND_SECONDS: or(seconds(0), 600),
  /** Instances of one pool that are taken out at the same time. */
  LIFEGUARD_SURGE: or(seconds(1), 1),
};

/** Of every function. */
export const watchVariables = {
  /** Pools with this value of the label cluster.x-k8s.io/watch-filter are reconciled here; empty: none, only drains. */
  LIFEGUARD_WATCH_FILTER: or(z.string().trim(), ""),
};

/** Of the function that receives audit events. */
export const auditVariables = {
  /** User names of our functions in the management cluster, separated by commas: their writes start no pass. */
  LIFEGUARD_OWN_USERS: or(z.string(), ""),
  /** JSON list of {namespaces, clusterNames, url, tokenReference}: what concerns another deployment is posted on to it. */
  LIFEGUARD_AUDIT_FORWARDS: or(z.string(), "[]"),
};

const reconciling = z.object({ ...reconcileVariables, ...watchVariables });

/** Settings of lib/reconcile. */
export const reconcileSettings = (read: z.output<typeof reconciling>) => ({
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
