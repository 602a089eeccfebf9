/** Posts the part of an audit batch that concerns another deployment on to it: the same protocol, the same authentication. */
import { type Concern, splitEvents } from "./audit-forwarding.ts";
import { FORWARDED_HEADER } from "./audit-request.ts";
import { KubernetesError } from "./errors.ts";

export interface Forward extends Concern {
  readonly url: string;
}

export interface AuditForwarder {
  /**
   * @returns the events that are ours
   * @throws  KubernetesError when somebody did not take his part: the API server sends all of it again, which does no harm
   */
  forward(events: readonly unknown[], signal: AbortSignal): Promise<readonly unknown[]>;
}

export interface ForwarderOptions<Target extends Forward> {
  readonly forwards: readonly Target[];
  /** The text that holds the other deployment's bearer token; two while they are changed, the first is as good. */
  readonly secretOf: (forward: Target) => Promise<string>;
  readonly now: () => Date;
}

const KEPT_SECONDS = 60;

export function auditForwarder<Target extends Forward>(options: ForwarderOptions<Target>): AuditForwarder {
  const { forwards, secretOf, now } = options;
  const kept = new Map<Target, { readonly token: string; readonly until: number }>();
  const tokenOf = async (forward: Target): Promise<string> => {
    const known = kept.get(forward);
    if (known && now().getTime() < known.until) return known.token;
    const [token = ""] = (await secretOf(forward)).trim().split(/\s+/);
    kept.set(forward, { token, until: now().getTime() + KEPT_SECONDS * 1000 });
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
    const message = `${operation}: no answer (is the address in LIFEGUARD_AUDIT_FORWARDS right?)`;
    throw new KubernetesError("unreachable", message, { cause });
  });
  if (ok) return;
  const advice = status === 401 ? " (its token has changed: write the new one into the secret of this forward)" : "";
  throw new KubernetesError(status === 401 ? "unauthorized" : "server", `${operation}: answered ${status}${advice}`, {
    code: status,
  });
}
