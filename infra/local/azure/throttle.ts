/** ARM's token buckets: so many reads, writes and deletes at once per identity, refilled every second. */
import type { Clock } from "../clock.ts";
import { ArmError } from "./errors.ts";

type Kind = "reads" | "writes" | "deletes";

/** @source Request limits and throttling (Azure Resource Manager, limits per region of 2024) */
const LIMITS: Readonly<Record<Kind, { readonly bucket: number; readonly perSecond: number }>> = {
  reads: { bucket: 250, perSecond: 25 },
  writes: { bucket: 200, perSecond: 10 },
  deletes: { bucket: 200, perSecond: 10 },
};

const kindOf = (method: string): Kind => (method === "GET" ? "reads" : method === "DELETE" ? "deletes" : "writes");

export function createThrottle(clock: Clock) {
  const buckets = new Map<string, { left: number; at: number }>();
  return {
    /** @returns the headers that tell what is left. @throws ArmError TooManyRequests 429 */
    take: (who: string, method: string): Readonly<Record<string, string>> => {
      const kind = kindOf(method);
      const { bucket, perSecond } = LIMITS[kind];
      const now = clock.now().getTime() / 1000;
      const old = buckets.get(`${who}/${kind}`) ?? { left: bucket, at: now };
      const left = Math.min(bucket, old.left + (now - old.at) * perSecond) - 1;
      const name = `x-ms-ratelimit-remaining-subscription-${kind}`;
      if (left >= 0) {
        buckets.set(`${who}/${kind}`, { left, at: now });
        return { [name]: String(Math.floor(left)) };
      }
      throw new ArmError(
        "TooManyRequests",
        `Number of '${kind}' for subscription and principal '${who}' exceeded the limit. Please try again later.`,
        429,
        { "retry-after": "1", [name]: "0" },
      );
    },
  };
}
