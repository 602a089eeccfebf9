/** The audit webhook's function: what a batch comes to, and the keys that go on the queues. */
import { SQSClient } from "@aws-sdk/client-sqs";
import { clusters } from "../../../lib/api/core/cluster.ts";
import type { Key } from "../../../lib/api/key.ts";
import { nodes } from "../../../lib/api/kubernetes/node.ts";
import { EVERY_NAME } from "../../../lib/api/pool-hint.ts";
import { admissionReviewOf, allowed } from "../../../lib/kubernetes/admission-event.ts";
import { type AuditHints, auditEventsOf, auditHints, type WatchedKind } from "../../../lib/kubernetes/audit-event.ts";
import { readSecretText } from "../../../lib/providers/aws/secret-source.ts";
import { entry, type Invocation } from "../entry.ts";
import { type AuditForwarder, auditForwarder } from "./audit-forwarding.ts";
import { auditKinds } from "./audit-kinds.ts";
import { type AuditRequest, fromJson, isForwarded, readRequest, workloadOf } from "./audit-request.ts";
import { type BearerTokens, bearerTokens } from "./bearer-tokens.ts";
import { secretClients, timeLimits } from "./clients.ts";
import { keyQueues, type QueueUrls } from "./queues.ts";
import { type Environment, readAuditSettings } from "./settings.ts";

const EVENT = "AuditBatch";
/** A review comes before its object is stored. */
const ADMISSION_DELAY_SECONDS = 2;

export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Desk {
  readonly tokens: BearerTokens;
  readonly queues: QueueUrls;
  readonly ownUsers: readonly string[];
  readonly kinds: readonly WatchedKind[];
  readonly forwarder: AuditForwarder;
  readonly sqs: SQSClient;
}

function openDesk(environment: Environment): Desk {
  const { tokenReference, ownUsers, forwards, reconcilesPools, ...queues } = readAuditSettings(environment);
  const clients = secretClients();
  const now = () => new Date();
  const tokens = bearerTokens({ read: () => readSecretText(tokenReference, clients), now });
  const forwarder = auditForwarder({ forwards, clients, now });
  return { tokens, queues, ownUsers, kinds: auditKinds(reconcilesPools), forwarder, sqs: new SQSClient(timeLimits()) };
}

/** The API server sends a batch again after a 5xx, and only then; a refusal says no more than it must. */
export const auditEntry = () =>
  entry(openDesk, async (desk, event, invocation): Promise<HttpAnswer> => {
    try {
      const read = await readRequest(event, desk.tokens);
      if ("given" in read) return await take(desk, read.given, invocation);
      const { statusCode, because, says } = read.refusal;
      invocation.reporter.done({ did: "refused", because }, { event: EVENT });
      return answer(statusCode, says);
    } catch (error) {
      invocation.reporter.failed(error, { event: EVENT }, "503, to be sent again");
      return answer(503, "try again");
    }
  });

async function take(desk: Desk, given: AuditRequest, invocation: Invocation): Promise<HttpAnswer> {
  const { signal, reporter } = invocation;
  const body = fromJson(given);
  const review = admissionReviewOf(body);
  if (review) return takeReview(desk, review, invocation);
  const events = auditEventsOf(body);
  if (!events) {
    reporter.done({ did: "refused", because: "NotAnEventList" }, { event: EVENT });
    return answer(400, "expected an audit.k8s.io EventList");
  }
  const ours = isForwarded(given) ? events : await desk.forwarder.forward(events, signal);
  const { keys, counted } = workloadOf(given) ? ofWorkload(desk, given, ours) : ofManagement(desk, ours);
  await keyQueues(desk.sqs, desk.queues, signal).sendAll(keys);
  const counters = auditCounters({ ...counted, forwarded: events.length - ours.length });
  reporter.done({ did: "queued", counted: { keys: keys.length, ...counters } }, { event: EVENT });
  return answer(200, "");
}

interface Reduced {
  readonly keys: readonly Key[];
  readonly counted: Readonly<Record<string, number>>;
}

function ofManagement({ ownUsers, kinds }: Desk, events: readonly unknown[]): Reduced {
  const { counted, ...found } = auditHints(events, { ownUsers, kinds });
  return { keys: keysOf(found), counted };
}

/** Whatever Nodes: the pools of their cluster are to be looked at. */
function ofWorkload({ ownUsers }: Desk, given: AuditRequest, events: readonly unknown[]): Reduced {
  const { counted } = auditHints(events, { ownUsers, kinds: [nodes] });
  const cluster = workloadOf(given);
  return { keys: cluster && counted.hint > 0 ? [{ kind: clusters.kind, ...cluster }] : [], counted };
}

/** Always allowed; the look comes a little later, when the object is stored. */
async function takeReview(
  desk: Desk,
  { uid, event }: { readonly uid: string; readonly event: unknown },
  { signal, reporter }: Invocation,
): Promise<HttpAnswer> {
  const { keys, counted } = ofManagement(desk, [event]);
  const queue = keyQueues(desk.sqs, desk.queues, signal);
  for (const key of keys) await queue.again(key, ADMISSION_DELAY_SECONDS);
  reporter.done({ did: "queued", counted: { keys: keys.length, ...auditCounters(counted) } }, { event: EVENT });
  return { ...answer(200, JSON.stringify(allowed(uid))), headers: { "content-type": "application/json" } };
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

const answer = (statusCode: number, body: string): HttpAnswer => ({
  statusCode,
  headers: { "content-type": "text/plain" },
  body,
});
