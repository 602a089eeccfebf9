/** The audit webhook's function: what a batch comes to, and the keys that go on the queues. */
import { SQSClient } from "@aws-sdk/client-sqs";
import { awsMachines } from "../../../lib/api/aws/aws-machine.ts";
import { awsMachinePools } from "../../../lib/api/aws/aws-machine-pool.ts";
import { watchedKinds } from "../../../lib/kubernetes/audit-event.ts";
import { auditForwarder } from "../../../lib/kubernetes/audit-forwarder.ts";
import { type AuditDesk, takeAudit } from "../../../lib/kubernetes/audit-intake.ts";
import { bearerTokens } from "../../../lib/kubernetes/bearer-tokens.ts";
import { readSecretText } from "../../../lib/providers/aws/secret-source.ts";
import { sendDelayed } from "../../../lib/reconcile/key-queues.ts";
import { entry, type Invocation } from "../entry.ts";
import { MAX_BODY_BYTES, readRequest } from "./audit-request.ts";
import { secretClients, timeLimits } from "./clients.ts";
import { keyQueues, type QueueUrls } from "./queues.ts";
import { type Environment, readAuditSettings } from "./settings.ts";

const EVENT = "AuditBatch";
/** Whose changes lead to pools, beside core's. */
export const KINDS_OF_CLOUD = [awsMachinePools, awsMachines] as const;

export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Desk extends AuditDesk {
  readonly queues: QueueUrls;
  readonly sqs: SQSClient;
}

function openDesk(environment: Environment): Desk {
  const { tokenReference, ownUsers, forwards, reconcilesPools, ...queues } = readAuditSettings(environment);
  const clients = secretClients();
  const now = () => new Date();
  const read = (reference: string) => readSecretText(reference, clients);
  const tokens = bearerTokens({ read: () => read(tokenReference), now });
  const forwarder = auditForwarder({ forwards, secretOf: (forward) => read(forward.tokenReference), now });
  const kinds = watchedKinds(reconcilesPools ? KINDS_OF_CLOUD : undefined);
  return { tokens, maxBodyBytes: MAX_BODY_BYTES, queues, ownUsers, kinds, forwarder, sqs: new SQSClient(timeLimits()) };
}

/** The API server sends a batch again after a 5xx, and only then. */
export const auditEntry = () =>
  entry(openDesk, async (desk, event, invocation): Promise<HttpAnswer> => {
    try {
      return await take(desk, event, invocation);
    } catch (error) {
      invocation.reporter.failed(error, { event: EVENT }, "503, to be sent again");
      return answer(503, "try again");
    }
  });

async function take(desk: Desk, event: unknown, { signal, reporter }: Invocation): Promise<HttpAnswer> {
  const given = readRequest(event);
  if (!given) {
    reporter.done({ did: "refused", because: "NotHttp" }, { event: EVENT });
    return answer(400, "not a request");
  }
  const { statusCode, contentType, body, keys, delaySeconds, outcome } = await takeAudit(desk, given, signal);
  await sendDelayed(keyQueues(desk.sqs, desk.queues, signal), keys, delaySeconds);
  reporter.done(outcome, { event: EVENT });
  return answer(statusCode, body, contentType);
}

const answer = (statusCode: number, body: string, contentType = "text/plain"): HttpAnswer => ({
  statusCode,
  headers: { "content-type": contentType },
  body,
});
