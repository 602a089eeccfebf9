/** The audit webhook of the management cluster: who may post, what a batch comes to, and the keys that go on the queue. */
import { SQSClient } from "@aws-sdk/client-sqs";
import * as z from "zod";
import { instanceTerminations } from "../../../lib/api/lifecycle/instance-termination.ts";
import { auditEventsOf, auditHints } from "../../../lib/kubernetes/audit-event.ts";
import { keyQueue } from "../../../lib/providers/aws/requeue.ts";
import { readSecretText } from "../../../lib/providers/aws/secret-source.ts";
import { entry, type Invocation } from "../entry.ts";
import { type BearerTokens, bearerTokens } from "./bearer-tokens.ts";
import { secretClients } from "./clients.ts";
import { type Environment, readAuditSettings } from "./settings.ts";

/** Lambda takes no more; an API server's `--audit-webhook-batch-max-size` keeps batches far below. */
const MAX_BODY_BYTES = 6 * 1024 * 1024;
const EVENT = "AuditBatch";

export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const request = z.object({
  headers: z.object({ authorization: z.string().optional() }).default({}),
  requestContext: z.object({ http: z.object({ method: z.string() }) }),
  body: z.string().default(""),
  isBase64Encoded: z.boolean().default(false),
});
type Request = z.output<typeof request>;

interface Desk {
  readonly tokens: BearerTokens;
  readonly queueUrl: string;
  readonly ownUsers: readonly string[];
  readonly sqs: SQSClient;
}

function openDesk(environment: Environment): Desk {
  const { queueUrl, tokenReference, ownUsers } = readAuditSettings(environment);
  const clients = secretClients();
  const tokens = bearerTokens({ read: () => readSecretText(tokenReference, clients), now: () => new Date() });
  return { tokens, queueUrl, ownUsers, sqs: new SQSClient({}) };
}

/** The API server sends a batch again after a 5xx, and only then; a refusal says no more than it must. */
export const auditEntry = () =>
  entry(openDesk, async (desk, event, invocation): Promise<HttpAnswer> => {
    try {
      const refused = await refusalOf(desk, event);
      if (!refused) return await take(desk, request.parse(event), invocation);
      invocation.reporter.done({ did: "refused", because: refused.because }, { event: EVENT });
      return answer(refused.statusCode, refused.says);
    } catch (error) {
      invocation.reporter.failed(error, { event: EVENT }, "503, to be sent again");
      return answer(503, "try again");
    }
  });

interface Refusal {
  readonly statusCode: number;
  readonly because: string;
  readonly says: string;
}

async function refusalOf({ tokens }: Desk, event: unknown): Promise<Refusal | undefined> {
  const { data } = request.safeParse(event);
  if (!data) return { statusCode: 400, because: "NotHttp", says: "not a request" };
  const { method } = data.requestContext.http;
  if (method !== "POST") return { statusCode: 405, because: "WrongMethod", says: "POST audit event lists here" };
  if (!(await tokens.areIn(data.headers.authorization))) {
    return { statusCode: 401, because: "WrongToken", says: "unauthorized" };
  }
  if (bytesOf(data) > MAX_BODY_BYTES) return { statusCode: 413, because: "TooLarge", says: "the batch is too large" };
  return undefined;
}

const bytesOf = ({ body, isBase64Encoded }: Request): number =>
  isBase64Encoded ? Math.floor((body.length * 3) / 4) : Buffer.byteLength(body);

async function take(desk: Desk, given: Request, { signal, reporter }: Invocation): Promise<HttpAnswer> {
  const events = auditEventsOf(fromJson(given));
  if (!events) {
    reporter.done({ did: "refused", because: "NotAnEventList" }, { event: EVENT });
    return answer(400, "expected an audit.k8s.io EventList");
  }
  const { keys, counted } = auditHints(events, { ownUsers: desk.ownUsers, kinds: [instanceTerminations] });
  await keyQueue(desk.sqs, desk.queueUrl, signal).sendAll(keys);
  reporter.done({ did: "queued", counted: { keys: keys.length, ...auditCounters(counted) } }, { event: EVENT });
  return answer(200, "");
}

/** "hint" -> auditEventsHint: their sum is the size of the batch. */
const auditCounters = (counted: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(counted)
      .filter(([, count]) => count > 0)
      .map(([verdict, count]) => [`auditEvents${verdict.charAt(0).toUpperCase()}${verdict.slice(1)}`, count]),
  );

function fromJson({ body, isBase64Encoded }: Request): unknown {
  try {
    return JSON.parse(isBase64Encoded ? Buffer.from(body, "base64").toString("utf8") : body);
  } catch {
    return undefined;
  }
}

const answer = (statusCode: number, body: string): HttpAnswer => ({
  statusCode,
  headers: { "content-type": "text/plain" },
  body,
});
