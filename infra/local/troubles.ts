/** Events that get lost, doubled, late or swapped on request, before they reach those who listen. */
import type { Clock } from "./clock.ts";

/** What happens to the next `times` events that match. */
export interface Trouble<Event> {
  readonly match: (event: Event) => boolean;
  readonly times: number;
  /** reorder: the `times` events arrive together, last one first. */
  readonly trouble: "drop" | "duplicate" | "delay" | "reorder";
  /** For delay, and for the second copy of a duplicate; default 0. */
  readonly seconds?: number;
}

/** @returns gives an event its way, troubled or not */
export function troubledWay<Event>(clock: Clock, deliver: (event: Event) => void) {
  const troubles = new Set<{ spec: Trouble<Event>; left: number; swapped: Event[] }>();
  const send = (event: Event) => {
    const trouble = [...troubles].find(({ spec, left }) => left > 0 && spec.match(event));
    if (!trouble) return deliver(event);
    trouble.left--;
    const { trouble: kind, seconds = 0 } = trouble.spec;
    if (kind === "duplicate") deliver(event);
    if (kind === "duplicate" || kind === "delay") clock.after(seconds, () => deliver(event));
    if (kind !== "reorder") return;
    trouble.swapped.unshift(event);
    if (trouble.left === 0) trouble.swapped.forEach(deliver);
  };
  return { send, disturb: (spec: Trouble<Event>) => void troubles.add({ spec, left: spec.times, swapped: [] }) };
}
