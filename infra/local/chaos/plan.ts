/** What befalls a connection, and when: pure, from the dice alone. */
import type { Dice } from "./dice.ts";

/** On the wire; a crash of the function itself comes beside them. */
export const WIRE_FAULTS = ["latency", "reset", "half-open", "blackhole"] as const;
export type WireFault = (typeof WIRE_FAULTS)[number];

export interface Strike {
  readonly fault: Exclude<WireFault, "half-open">;
  /** "request": what the function sends is struck, so nothing took effect; "answer": it did, and nobody hears of it. */
  readonly on: "request" | "answer";
  /** So many bytes pass before, both directions together. */
  readonly afterBytes: number;
  /** Of latency; real ones. */
  readonly milliseconds: number;
}

export interface Rates {
  /** Of new connections. */
  readonly halfOpen: number;
  /** Shares of the strikes on a connection; latency has what is left. */
  readonly reset: number;
  readonly blackhole: number;
  /** Between two strikes at most. A handshake has about 3 kB, a call 1 to 10. */
  readonly bytes: number;
}

export const USUAL: Rates = { halfOpen: 0.03, reset: 0.4, blackhole: 0.06, bytes: 40_000 };
const LEAST_BYTES = 1_000;
const MILLISECONDS = { least: 20, most: 250 };

/** Accepted, and never answered. */
export const isHalfOpen = ({ roll }: Dice, connection: string, { halfOpen }: Rates): boolean =>
  roll(`${connection} opens`) < halfOpen;

/** @param strike its name: the connection's, and its number there */
export function nextStrike({ roll, whole }: Dice, strike: string, { reset, blackhole, bytes }: Rates): Strike {
  const name = (what: string) => `${strike} ${what}`;
  const share = roll(name("fault"));
  const isReset = share < reset;
  const isBlackhole = !isReset && share < reset + blackhole;
  return {
    fault: isReset ? "reset" : isBlackhole ? "blackhole" : "latency",
    on: roll(name("side")) < 0.5 ? "request" : "answer",
    afterBytes: whole(name("bytes"), LEAST_BYTES, bytes),
    milliseconds: whole(name("delay"), MILLISECONDS.least, MILLISECONDS.most),
  };
}
