/** Reduces a batch of audit events (audit.k8s.io/v1) to the objects that somebody changed: hints to look, nothing more. */
import type { Key } from "../api/key.ts";
import type { Resource } from "../api/kubernetes/meta.ts";
import { instanceTerminations } from "../api/lifecycle/instance-termination.ts";
import { POOL_HINT_KINDS } from "../api/pool-hint.ts";

/** Group and plural count, any version; `kind` is what the key will say. */
export interface WatchedKind extends Resource {
  /** What others write into its status matters too. */
  readonly status?: boolean;
}

/**
 * What a deployment listens to: drains, and where pools are reconciled, everything that leads to pools.
 * @param ofCloud kinds of the cloud's own; undefined: a hint about pools would only wake a function for nothing
 */
export const watchedKinds = (ofCloud: readonly WatchedKind[] | undefined): readonly WatchedKind[] =>
  ofCloud ? [instanceTerminations, ...ofCloud, ...POOL_HINT_KINDS] : [instanceTerminations];

export interface AuditOptions {
  /** Exact user names of our own functions: their writes start no pass. */
  readonly ownUsers: readonly string[];
  /** Kinds that somebody looks at. */
  readonly kinds: readonly WatchedKind[];
}

/** Why an event gave no hint; `hint` for one that did. */
const VERDICTS = [
  "hint",
  "foreign",
  "read",
  "unfinished",
  "own",
  "statusOnly",
  "dryRun",
  "failed",
  "malformed",
] as const;
export type Verdict = (typeof VERDICTS)[number];

export interface KindInNamespace {
  readonly kind: string;
  /** "" for all namespaces, or for kinds that live in none. */
  readonly namespace: string;
}

export interface AuditHints {
  /** Distinct; by kind and namespace, then in the order first seen. Cluster-scoped objects have namespace "". */
  readonly keys: readonly Key[];
  /** Where the events do not name the object (deletecollection, generateName): look at all of the kind there. */
  readonly everywhereIn: readonly KindInNamespace[];
  /** Events by verdict. */
  readonly counted: Readonly<Record<Verdict, number>>;
}

/** The events in an EventList; undefined when the body is something else. */
export function auditEventsOf(body: unknown): readonly unknown[] | undefined {
  if (!isRecord(body) || body.kind !== "EventList") return undefined;
  if (typeof body.apiVersion !== "string" || !body.apiVersion.startsWith("audit.k8s.io/")) return undefined;
  return Array.isArray(body.items) ? body.items : undefined;
}

/**
 * Never throws: an event that cannot be read is counted. Batches may be late, doubled and out of order.
 * @source  kubernetes staging/src/k8s.io/apiserver/pkg/apis/audit/v1/types.go
 */
export function auditHints(events: readonly unknown[], { ownUsers, kinds }: AuditOptions): AuditHints {
  const seen = kinds.map(({ apiVersion, plural, kind, status }) => ({
    group: groupOf(apiVersion),
    plural,
    kind,
    subresources: status ? WITH_STATUS : CHANGING_SUBRESOURCES,
    names: new Map(),
  }));
  const own = new Set<unknown>(ownUsers);
  const counted = Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0])) as Record<Verdict, number>;
  for (const event of events) counted[judge(event, seen, own)]++;
  const found = seen.flatMap(({ kind, names }) =>
    [...names].flatMap(([namespace, inIt]) => [...inIt].map((name) => ({ kind, namespace, name }))),
  );
  return {
    keys: found.filter(({ name }) => name !== ""),
    everywhereIn: found.filter(({ name }) => name === "").map(({ kind, namespace }) => ({ kind, namespace })),
    counted,
  };
}

/** What was seen of one kind: namespace -> names, "" for events that name no object. */
interface Seen {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
  readonly subresources: ReadonlySet<unknown>;
  readonly names: Map<string, Set<string>>;
}

const groupOf = (apiVersion: string) => (apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "");

type Fields = Readonly<Record<string, unknown>>;
const isRecord = (value: unknown): value is Fields => typeof value === "object" && value !== null;
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

const WRITES = new Set<unknown>(["create", "update", "patch", "delete", "deletecollection"]);
/** scale changes the spec; an eviction is the end of a pod. Anything else below an object leaves its spec alone. */
const CHANGING_SUBRESOURCES = new Set<unknown>(["scale", "eviction"]);
const WITH_STATUS = new Set<unknown>([...CHANGING_SUBRESOURCES, "status"]);
/** A DNS subdomain, as every name of our kinds is. */
const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

/** The cheapest questions come first: most events of a busy cluster are about something else. */
function judge(event: unknown, kinds: readonly Seen[], own: ReadonlySet<unknown>): Verdict {
  if (!isRecord(event) || typeof event.verb !== "string") return "malformed";
  const object = event.objectRef;
  if (object === undefined) return "foreign";
  if (!isRecord(object) || typeof object.resource !== "string") return "malformed";
  const group = object.apiGroup ?? "";
  // Comparing with a few strings is quicker here than hashing fresh ones for a Map.
  const kind = kinds.find((one) => one.plural === object.resource && one.group === group);
  if (kind === undefined) return "foreign";
  return withoutEffect(event, object, { own, subresources: kind.subresources }) ?? note(kind.names, object, event);
}

interface Counting {
  readonly own: ReadonlySet<unknown>;
  readonly subresources: ReadonlySet<unknown>;
}

function withoutEffect(event: Fields, object: Fields, { own, subresources }: Counting): Verdict | undefined {
  if (!WRITES.has(event.verb)) return "read";
  if (event.stage !== "ResponseComplete") return "unfinished";
  if (own.has(userOf(event))) return "own";
  if (object.subresource && !subresources.has(object.subresource)) return "statusOnly";
  if (isDryRun(event)) return "dryRun";
  return isFailure(event.responseStatus) ? "failed" : undefined;
}

/** Names are checked when they are new: a batch is mostly many events about few objects. */
function note(names: Seen["names"], object: Fields, event: Fields): "hint" | "malformed" {
  const namespace = textOf(object.namespace);
  const name = textOf(object.name) || (event.verb === "create" ? nameIn(event.responseObject) : "");
  const inIt = names.get(namespace);
  if (inIt?.has(name)) return "hint";
  if (name !== "" && !NAME.test(name)) return "malformed";
  if (inIt) {
    inIt.add(name);
    return "hint";
  }
  if (namespace !== "" && !NAME.test(namespace)) return "malformed";
  names.set(namespace, new Set([name]));
  return "hint";
}

/** With generateName the URL names nothing; the answer does, where the audit policy keeps it. */
function nameIn(object: unknown): string {
  const metadata = isRecord(object) ? object.metadata : undefined;
  return isRecord(metadata) ? textOf(metadata.name) : "";
}

/** Who the write counts as: the impersonated user, where there is one. */
function userOf(event: Fields): unknown {
  const user = event.impersonatedUser ?? event.user;
  return isRecord(user) ? user.username : undefined;
}

/** In the query, or (kubectl delete, evictions) in the body, which only some policies keep. */
function isDryRun({ requestURI, requestObject }: Fields): boolean {
  if (
    typeof requestURI === "string" &&
    requestURI.includes("dryRun=", requestURI.indexOf("?") + 1 || requestURI.length)
  )
    return true;
  if (!isRecord(requestObject)) return false;
  const options = isRecord(requestObject.deleteOptions) ? requestObject.deleteOptions : requestObject;
  return Array.isArray(options.dryRun) && options.dryRun.length > 0;
}

const isFailure = (status: unknown): boolean =>
  isRecord(status) && typeof status.code === "number" && status.code >= 400;
