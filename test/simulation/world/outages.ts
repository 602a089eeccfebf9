/** Whole servers that nobody answers for, for a while. */
import type { Place } from "../wire.ts";
import type { Happening } from "./cloud-happenings.ts";

/** After it the sweep has to find what was missed. */
const SWEEP_SECONDS = 100;

const outage =
  (place: Place): Happening =>
  async ({ wire, time, chance, disturbed }, name) => {
    if (wire.away.has(place)) return undefined;
    const seconds = chance.pick(`${name} for`, [20, 120, 600]);
    wire.away.add(place);
    disturbed(seconds + SWEEP_SECONDS);
    time.after(seconds, () => void wire.away.delete(place));
    return `the ${place} does not answer for ${seconds} s`;
  };

export const outages: Readonly<Record<string, Happening>> = {
  "management cluster away": outage("management"),
  "workload cluster away": outage("workload"),
  "cloud away": outage("cloud"),
};
