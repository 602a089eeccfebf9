/** The audit webhook's function: what a batch comes to, and the keys that go on the queues. */
import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import { azureMachinePools } from "../../../lib/api/azure/azure-machine-pool.ts";
import { azureMachinePoolMachines } from "../../../lib/api/azure/azure-machine-pool-machine.ts";
import type { KeyQueue } from "../../../lib/api/key.ts";
import { watchedKinds } from "../../../lib/kubernetes/audit-event.ts";
import { auditForwarder } from "../../../lib/kubernetes/audit-forwarder.ts";
import { type AuditDesk, takeAudit } from "../../../lib/kubernetes/audit-intake.ts";
import { type AuditRequest, FORWARDED_HEADER } from "../../../lib/kubernetes/audit-request.ts";
import { bearerTokens } from "../../../lib/kubernetes/bearer-tokens.ts";
import { ANNOUNCING_CONDITIONS } from "../../../lib/providers/azure/announced-by-node.ts";
import { sendDelayed } from "../../../lib/reconcile/key-queues.ts";
import { entry } from "../entry.ts";
import { openQueues, ownIdentity } from "./clients.ts";
import { type Environment, readAuditSettings } from "./settings.ts";

const EVENT = "AuditBatch";
/** Whose changes lead to pools, beside core's. */
export const KINDS_OF_CLOUD = [azureMachinePools, azureMachinePoolMachines] as const;
/** Where the route of the function begins. */
const ROUTE = /^\/api\/audit(?=\/|$)/;
/** Far above what an API server sends; the host itself takes 100 MB. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

interface Desk extends AuditDesk {
  readonly queues: (signal: AbortSignal) => KeyQueue;
}

function openDesk(environment: Environment): Desk {
  const settings = readAuditSettings(environment);
  const { ownUsers, forwards, forwardTokens, reconcilesPools } = settings;
  const now = () => new Date();
  const tokens = bearerTokens({ read: async () => settings.tokens, now });
  const secretOf = async ({ tokenReference }: { readonly tokenReference: string }) => {
    const token = forwardTokens[tokenReference];
    if (token !== undefined) return token;
    throw new Error(`LIFEGUARD_AUDIT_FORWARD_TOKENS has no token named ${tokenReference}`);
  };
  const forwarder = auditForwarder({ forwards, secretOf, now });
  const kinds = watchedKinds(reconcilesPools ? KINDS_OF_CLOUD : undefined);
  const queues = openQueues(settings, ownIdentity(settings.clientId));
  const announcing = ANNOUNCING_CONDITIONS;
  return { tokens, maxBodyBytes: MAX_BODY_BYTES, ownUsers, kinds, forwarder, announcing, queues };
}

/** The API server sends a batch again after a 5xx, and only then. */
export const auditEntry = () =>
  entry(openDesk, async (desk, request: HttpRequest, { signal, reporter }): Promise<HttpResponseInit> => {
    try {
      const intake = await takeAudit(desk, given(request), signal);
      const { statusCode, contentType, body, keys, delaySeconds, outcome } = intake;
      await sendDelayed(desk.queues(signal), keys, delaySeconds);
      reporter.done(outcome, { event: EVENT });
      return answer(statusCode, body, contentType);
    } catch (error) {
      reporter.failed(error, { event: EVENT }, "503, to be sent again");
      return answer(503, "try again");
    }
  });

/** The host has the whole body by now; its length is in the header. */
const given = (request: HttpRequest): AuditRequest => ({
  method: request.method,
  path: new URL(request.url).pathname.replace(ROUTE, "") || "/",
  authorization: request.headers.get("authorization") ?? undefined,
  contentType: request.headers.get("content-type") ?? undefined,
  isForwarded: request.headers.has(FORWARDED_HEADER),
  bodyBytes: Number(request.headers.get("content-length") ?? 0),
  text: () => request.text(),
});

const answer = (status: number, body: string, contentType = "text/plain"): HttpResponseInit => ({
  status,
  headers: { "content-type": contentType },
  body,
});
