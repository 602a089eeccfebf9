/** The kinds of failure a cloud can answer with: code branches on `kind`, people read the message, `cause` keeps the vendor's own. */

export type ErrorKind = "not-found" | "conflict" | "throttled" | "denied" | "invalid" | "unavailable";

export class ProviderError extends Error {
  override readonly name = "ProviderError";
  readonly kind: ErrorKind;
  readonly retryAfterSeconds?: number;
  /**
   * @param kind       what code may branch on
   * @param operation  "asg.complete": who failed, for messages
   * @param advice     what a person should do next; empty for passing faults
   * @param cause      the vendor's own error
   */
  constructor(kind: ErrorKind, operation: string, advice: string, cause: unknown) {
    const said = cause instanceof Error ? cause.message : String(cause);
    super(`${operation}: ${kind}: ${said}${advice ? ` (${advice})` : ""}`, { cause });
    this.kind = kind;
  }
}
