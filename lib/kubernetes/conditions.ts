/** Sets one condition in a list the way the API conventions ask: its time moves only when its status does. */
import type { Condition } from "../api/kubernetes/meta.ts";

export type NewCondition = Omit<Condition, "lastTransitionTime">;

/**
 * @param now  becomes lastTransitionTime when the condition is new or its status changed (seconds, as the server keeps them)
 * @returns    a new list sorted by type; other conditions are untouched
 * @source     sig-architecture api-conventions.md "Typical status properties"; cluster-api util/conditions/setter.go
 */
export function setCondition(
  conditions: readonly Condition[] | undefined,
  next: NewCondition,
  now: Date,
): readonly Condition[] {
  const before = conditions?.find(({ type }) => type === next.type);
  const lastTransitionTime = before?.status === next.status ? before.lastTransitionTime : toTime(now);
  const others = conditions?.filter(({ type }) => type !== next.type) ?? [];
  return [...others, { ...next, lastTransitionTime }].sort((a, b) => (a.type < b.type ? -1 : a.type > b.type ? 1 : 0));
}

/** meta/v1 Time: RFC 3339 in whole seconds. */
export const toTime = (date: Date): string => date.toISOString().replace(/\.\d+Z$/, "Z");
