/** Numbers that may be shares: 2, "2" and "20%" of how many there shall be. */
import type { IntOrString } from "../../../api/azure/azure-machine-pool.ts";

const SHARE = /^(\d+)%$/;
const NUMBER = /^\d+$/;

/**
 * @param rounding  of a share: upstream rounds surges up and losses down
 * @returns         undefined when the text is neither a number nor a share
 * @source          k8s.io/apimachinery intstr.GetScaledValueFromIntOrPercent
 */
export function scaled(value: IntOrString, of: number, rounding: "up" | "down"): number | undefined {
  if (typeof value === "number") return Number.isInteger(value) && value >= 0 ? value : undefined;
  if (NUMBER.test(value)) return Number(value);
  const share = SHARE.exec(value)?.[1];
  if (share === undefined) return undefined;
  const exact = (Number(share) * of) / 100;
  return rounding === "up" ? Math.ceil(exact) : Math.floor(exact);
}
