/** Turns an answer that says no into a KubernetesError: kind, reason, causes, and when to come again. */
import { KubernetesError, type KubernetesErrorKind, type StatusCause } from "./errors.ts";
import type { ApiAnswer, ApiRequest } from "./exchange.ts";

interface Status {
  readonly message: string;
  readonly reason: string;
  /** Which object the server speaks of; empty when it does not say. */
  readonly name: string;
  readonly causes: readonly StatusCause[];
  readonly retryAfterSeconds: number | undefined;
}

/** The server's own words are the message where there are any (meta/v1 Status). */
export function statusError(asked: Pick<ApiRequest, "method" | "path">, answer: ApiAnswer): KubernetesError {
  const status = readStatus(answer.body);
  const kind = kindOf(answer.status, status);
  const message = status?.message || withoutStatus(asked, answer);
  return new KubernetesError(kind, message, {
    code: answer.status,
    reason: status?.reason ?? "",
    causes: status?.causes ?? [],
    retryAfterSeconds: retryAfterOf(answer.headers) ?? status?.retryAfterSeconds,
  });
}

/** Only a Status that names the missing object says that it is gone: a proxy or a missing CRD also answers 404. */
function kindOf(code: number, status: Status | undefined): KubernetesErrorKind {
  switch (code) {
    case 401:
      return "unauthorized";
    case 403:
      return "forbidden";
    case 404:
      return status?.reason === "NotFound" && status.name !== "" ? "not-found" : "invalid";
    case 409:
      return status?.reason === "AlreadyExists" ? "already-exists" : "conflict";
    case 410:
      return "expired";
    case 429:
      return "too-many-requests";
    default:
      return code >= 400 && code < 500 ? "invalid" : "server";
  }
}

function withoutStatus({ method, path }: Pick<ApiRequest, "method" | "path">, { status, body }: ApiAnswer): string {
  const said = body.trim().slice(0, 200);
  const advice =
    status === 404
      ? "the server does not serve this path: is the CRD installed, is the server's address right?"
      : status < 400
        ? "this is no API server's answer: does a proxy or a login page stand before it?"
        : "";
  return [`${method} ${path.replace(/\?.*/, "")}: HTTP ${status}`, said, advice].filter((part) => part).join(": ");
}

function readStatus(body: string): Status | undefined {
  const status = record(parsed(body));
  if (status?.kind !== "Status") return undefined;
  const details = record(status.details);
  const causes = details?.causes;
  const seconds = details?.retryAfterSeconds;
  return {
    message: text(status.message) ?? "",
    reason: text(status.reason) ?? "",
    name: text(details?.name) ?? "",
    causes: Array.isArray(causes) ? causes.map(toCause) : [],
    retryAfterSeconds: typeof seconds === "number" && seconds > 0 ? seconds : undefined,
  };
}

function toCause(value: unknown): StatusCause {
  const cause = record(value);
  const reason = text(cause?.reason);
  const message = text(cause?.message);
  const field = text(cause?.field);
  return {
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
    ...(field === undefined ? {} : { field }),
  };
}

/** RFC 9110 10.2.3: seconds, or a date that is read against the answer's own Date, so that our clock does not matter. */
function retryAfterOf(headers: ApiAnswer["headers"]): number | undefined {
  const value = header(headers, "retry-after")?.trim();
  if (!value) return undefined;
  if (/^\d+$/.test(value)) return Number(value);
  const seconds = (Date.parse(value) - Date.parse(header(headers, "date") ?? "")) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}

const header = (headers: ApiAnswer["headers"], name: string): string | undefined => {
  const value = headers[name];
  return typeof value === "string" ? value : value?.[0];
};

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

const record = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
