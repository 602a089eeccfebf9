/** How an API server says no: the kind to branch on, and the Status it came with. */

export type KubernetesErrorKind =
  | "not-found" // 404 with a Status that names what is missing; only this says that an object is gone
  | "already-exists" // 409 AlreadyExists
  | "conflict" // 409: stale resourceVersion or another uid; come again
  | "too-many-requests" // 429: overload, or a disruption budget
  | "unauthorized" // 401 twice, or no credential to be had
  | "forbidden" // 403
  | "invalid" // 400, 405, 406, 413, 415, 422; 404 of a path that is not served; a kubeconfig that cannot be used
  | "expired" // 410
  | "server" // 5xx, or an answer that is no API server's
  | "unreachable"; // no answer: network, TLS, timeout

export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

export class KubernetesError extends Error {
  override readonly name = "KubernetesError";
  readonly kind: KubernetesErrorKind;
  /** HTTP status; 0 without an answer. */
  readonly code: number;
  /** Status.reason, e.g. "TooManyRequests"; empty when the server gave none. */
  readonly reason: string;
  readonly causes: readonly StatusCause[];
  /** From Retry-After or Status.details.retryAfterSeconds. */
  readonly retryAfterSeconds: number | undefined;
  constructor(
    kind: KubernetesErrorKind,
    message: string,
    detail: {
      readonly code?: number;
      readonly reason?: string;
      readonly causes?: readonly StatusCause[];
      readonly retryAfterSeconds?: number | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause: detail.cause });
    this.kind = kind;
    this.code = detail.code ?? 0;
    this.reason = detail.reason ?? "";
    this.causes = detail.causes ?? [];
    this.retryAfterSeconds = detail.retryAfterSeconds;
  }
}
