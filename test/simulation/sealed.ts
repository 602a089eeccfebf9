/** Closes the two doors through which a real clock or real chance would come into a run: uids and the client's deadlines. */
import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";

/** The client gives each call a deadline; here the wire says when a call has taken too long. */
const NEVER = new AbortController().signal;

/**
 * For a process that does nothing but simulate. Every run starts its own row of uids.
 * @returns starts the next row
 */
export function seal(): () => void {
  let made = 0;
  crypto.randomUUID = () => {
    const [high, low] = [(++made >>> 12).toString(16), (made & 0xfff).toString(16)];
    return `00000000-0000-4000-8000-${high.padStart(9, "0")}${low.padStart(3, "0")}` as ReturnType<
      typeof crypto.randomUUID
    >;
  };
  syncBuiltinESMExports();
  AbortSignal.timeout = () => NEVER;
  return () => {
    made = 0;
  };
}
