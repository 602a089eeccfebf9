/** What a request of a webhook comes to: an answer, and the keys of what somebody changed. */
import { clusters } from "../api/core/cluster.ts";
import type { Key } from "../api/key.ts";
import { nodes } from "../api/kubernetes/node.ts";
import { nodeNoticeKey } from "../api/node-notice.ts";
import { EVERY_NAME } from "../api/pool-hint.ts";
import { admissionReviewOf, allowed } from "./admission-event.ts";
import { announcingNodes } from "./announcing-nodes.ts";
import { type AuditHints, auditEventsOf, auditHints, type WatchedKind } from "./audit-event.ts";
import type { AuditForwarder } from "./audit-forwarder.ts";
import { type AuditRequest, fromJson, type Gate, refusalOf, workloadOf } from "./audit-request.ts";

/** A review comes before its object is stored. */
const ADMISSION_DELAY_SECONDS = 2;

export interface AuditDesk extends Gate {
  readonly ownUsers: readonly string[];
  readonly kinds: readonly WatchedKind[];
  readonly forwarder: AuditForwarder;
  /** Types of Node conditions by which agents tell that their machine will leave; absent: this cloud has none. */
  readonly announcing?: readonly string[];
}

/** What to answer once the keys are on their way, and what to say of it. */
export interface AuditIntake {
  readonly statusCode: number;
  readonly contentType: string;
  readonly body: string;
  readonly keys: readonly Key[];
  /** Seconds until the keys are worth a look. */
  readonly delaySeconds: number;
  readonly outcome: {
    readonly did: "queued" | "refused";
    readonly because?: string;
    readonly counted?: Readonly<Record<string, number>>;
  };
}

/** @throws what the token source throws, and KubernetesError of a forward: answer 503, the API server sends it again */
export async function takeAudit(desk: AuditDesk, given: AuditRequest, signal: AbortSignal): Promise<AuditIntake> {
  const refusal = await refusalOf(given, desk);
  if (refusal) return refused(refusal.statusCode, refusal.because, refusal.says);
  const body = fromJson(await given.text());
  const review = admissionReviewOf(body);
  if (review) {
    const reduced = ofManagement(desk, [review.event]);
    const json = { contentType: "application/json", body: JSON.stringify(allowed(review.uid)) };
    return { ...queued(reduced), ...json, delaySeconds: ADMISSION_DELAY_SECONDS };
  }
  const events = auditEventsOf(body);
  if (!events) return refused(400, "NotAnEventList", "expected an audit.k8s.io EventList");
  const ours = given.isForwarded ? events : await desk.forwarder.forward(events, signal);
  const { keys, counted } = workloadOf(given) ? ofWorkload(desk, given, ours) : ofManagement(desk, ours);
  return queued({ keys, counted: { ...counted, forwarded: events.length - ours.length } });
}

const refused = (statusCode: number, because: string, body: string): AuditIntake => ({
  statusCode,
  contentType: "text/plain",
  body,
  keys: [],
  delaySeconds: 0,
  outcome: { did: "refused", because },
});

const queued = ({ keys, counted }: Reduced): AuditIntake => ({
  statusCode: 200,
  contentType: "text/plain",
  body: "",
  keys,
  delaySeconds: 0,
  outcome: { did: "queued", counted: { keys: keys.length, ...auditCounters(counted) } },
});

interface Reduced {
  readonly keys: readonly Key[];
  readonly counted: Readonly<Record<string, number>>;
}

function ofManagement({ ownUsers, kinds }: AuditDesk, events: readonly unknown[]): Reduced {
  const { counted, ...found } = auditHints(events, { ownUsers, kinds });
  return { keys: keysOf(found), counted };
}

/** Whatever Nodes: the pools of their cluster are to be looked at; and those themselves whose machines will leave. */
function ofWorkload(
  { ownUsers, announcing = [] }: AuditDesk,
  given: AuditRequest,
  events: readonly unknown[],
): Reduced {
  const { counted } = auditHints(events, { ownUsers, kinds: [nodes] });
  const cluster = workloadOf(given);
  if (!cluster) return { keys: [], counted };
  const { namespace, name } = cluster;
  const leaving = announcingNodes(events, announcing).map((node) => nodeNoticeKey({ namespace, cluster: name, node }));
  const pools = counted.hint > 0 ? [{ kind: clusters.kind, ...cluster }] : [];
  return { keys: [...leaving, ...pools], counted };
}

/** Events that name no object are about all of their kind in a namespace. */
const keysOf = ({ keys, everywhereIn }: Pick<AuditHints, "keys" | "everywhereIn">): readonly Key[] => [
  ...keys,
  ...everywhereIn
    .filter(({ namespace }) => namespace !== "")
    .map(({ kind, namespace }) => ({ kind, namespace, name: EVERY_NAME })),
];

/** "hint" -> auditEventsHint: their sum is the size of the batch. */
const auditCounters = (counted: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(counted)
      .filter(([, count]) => count > 0)
      .map(([verdict, count]) => [`auditEvents${verdict.charAt(0).toUpperCase()}${verdict.slice(1)}`, count]),
  );
