/** Asks once more, on another connection, what may be asked twice: a connection that dies without a word costs seconds, not the call. */
import type { ApiRequest } from "./exchange.ts";

/** Whether asking twice is asking once: writes carry a resourceVersion or a uid, or say the same the second time. */
export const mayRepeat = ({ method, headers }: Pick<ApiRequest, "method" | "headers">): boolean =>
  method !== "POST" && headers["content-type"] !== "application/json-patch+json";

export interface Tries<T> {
  readonly first: (signal: AbortSignal) => Promise<T>;
  readonly second: (signal: AbortSignal) => Promise<T>;
  readonly isAnswer: (result: T) => boolean;
  /** The way failed, and another may not. */
  readonly isLost: (result: T) => boolean;
}

/**
 * The second try begins when the first is lost, or has been silent for so long; a server that is slow and not dead may
 * answer the first still, and whoever answers first is heard.
 */
export async function trySecond<T>(tries: Tries<T>, signal: AbortSignal, silentMilliseconds: number): Promise<T> {
  const heard = new AbortController();
  const until = AbortSignal.any([signal, heard.signal]);
  const silence = silenceOf(silentMilliseconds);
  try {
    const first = tries.first(until);
    const early = await Promise.race([first, silence.over]);
    if (early !== undefined && (!tries.isLost(early) || signal.aborted)) return early;
    const second = tries.second(until);
    if (early !== undefined) return await second;
    const orOf = (one: Promise<T>, other: Promise<T>) => one.then((result) => (tries.isAnswer(result) ? one : other));
    return await Promise.race([orOf(first, second), orOf(second, first)]);
  } finally {
    silence.forget();
    heard.abort();
  }
}

/** Forgotten, or else each answer would be kept until its silence is over: pages of thousands of Nodes at the same time. */
function silenceOf(milliseconds: number) {
  const limit = AbortSignal.timeout(milliseconds);
  const { promise: over, resolve } = Promise.withResolvers<undefined>();
  const end = () => resolve(undefined);
  limit.addEventListener("abort", end, { once: true });
  return { over, forget: () => limit.removeEventListener("abort", end) };
}
