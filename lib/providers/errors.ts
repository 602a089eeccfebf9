/** The kinds of failure a cloud can answer with: code branches on `kind`, people read the message, `cause` keeps the vendor's own. */

export type ErrorKind = "not-found" | "conflict" | "throttled" | "denied" | "invalid" | "unavailable";

export interface Hint {
  /** What a person should do next; empty for passing faults. */
  readonly advice: string;
  /** The cloud asked not to be asked earlier. */
  readonly retryAfterSeconds?: number;
}

export class ProviderError extends Error {
  override readonly name = "ProviderError";
  readonly kind: ErrorKind;
  readonly retryAfterSeconds?: number;
  /**
   * @param kind       what code may branch on
   * @param operation  "asg.complete": who failed, for messages
   * @param hint       the advice alone, or more
   * @param cause      the vendor's own error
   */
  constructor(kind: ErrorKind, operation: string, hint: string | Hint, cause: unknown) {
    const { advice, retryAfterSeconds }: Hint = typeof hint === "string" ? { advice: hint } : hint;
    const said = cause instanceof Error ? cause.message : String(cause);
    super(`${operation}: ${kind}: ${said}${advice ? ` (${advice})` : ""}`, { cause });
    this.kind = kind;
    if (retryAfterSeconds !== undefined) this.retryAfterSeconds = retryAfterSeconds;
  }
}
