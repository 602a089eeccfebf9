/** Posts the part of an audit batch that concerns another deployment on to it: the same protocol, the same authentication. */

import { splitEvents } from "../../../lib/kubernetes/audit-forwarding.ts";
import { readSecretText, type SecretClients } from "../../../lib/providers/aws/secret-source.ts";
import { ProviderError } from "../../../lib/providers/errors.ts";
import type { Forward } from "./settings.ts";

/** Set on what is posted on: what two deployments forward to each other must not go round for ever. */
export const FORWARDED_HEADER = "x-lifeguard-forwarded";
const KEPT_SECONDS = 60;

export interface AuditForwarder {
  /**
   * @returns the events that are ours
   * @throws  ProviderError when somebody did not take his part: the API server sends all of it again, which does no harm
   */
  forward(events: readonly unknown[], signal: AbortSignal): Promise<readonly unknown[]>;
}

export interface ForwarderOptions {
  readonly forwards: readonly Forward[];
  readonly clients: SecretClients;
  readonly now: () => Date;
}

export function auditForwarder({ forwards, clients, now }: ForwarderOptions): AuditForwarder {
  const kept = new Map<string, { readonly token: string; readonly until: number }>();
  const tokenOf = async ({ tokenReference }: Forward): Promise<string> => {
    const known = kept.get(tokenReference);
    if (known && now().getTime() < known.until) return known.token;
    // Two while they are changed: the first is as good as the second.
    const [token = ""] = (await readSecretText(tokenReference, clients)).trim().split(/\s+/);
    kept.set(tokenReference, { token, until: now().getTime() + KEPT_SECONDS * 1000 });
    return token;
  };
  return {
    forward: async (events, signal) => {
      const { ours, others } = splitEvents(events, forwards);
      await Promise.all(
        others.map(async (part) => post(part.forward.url, { ...part, token: await tokenOf(part.forward), signal })),
      );
      return ours;
    },
  };
}

interface Part {
  readonly events: readonly unknown[];
  readonly token: string;
  readonly signal: AbortSignal;
}

async function post(url: string, { events, token, signal }: Part): Promise<void> {
  const operation = `audit forward to ${new URL(url).host}`;
  const request = {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}`, [FORWARDED_HEADER]: "1" },
    body: JSON.stringify({ kind: "EventList", apiVersion: "audit.k8s.io/v1", metadata: {}, items: events }),
    redirect: "error" as const,
    signal,
  };
  const { ok, status } = await fetch(url, request).catch((cause: unknown) => {
    throw new ProviderError("unavailable", operation, "is the address in LIFEGUARD_AUDIT_FORWARDS right?", cause);
  });
  if (ok) return;
  const advice = status === 401 ? "its token has changed: write the new one into the secret of this forward" : "";
  throw new ProviderError(status === 401 ? "denied" : "unavailable", operation, advice, `answered ${status}`);
}
