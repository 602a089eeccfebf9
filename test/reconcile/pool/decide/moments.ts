/** A settled group of three, for tables that change one thing in it. */
import type {
  GroupInstance,
  GroupMoment,
  GroupSeen,
  LeavingSeen,
} from "../../../../lib/reconcile/decide/group-view.ts";

export const instance = (number: number, more: Partial<GroupInstance> = {}): GroupInstance => ({
  providerID: `memory:///zone-a/i-${number}`,
  instanceId: `i-${number}`,
  state: "running",
  upToDate: true,
  healthy: true,
  launchTime: `2026-03-01T12:0${number}:00Z`,
  ...more,
});
export const group = (more: Partial<GroupSeen> = {}): GroupSeen => ({
  desired: 3,
  minimum: 1,
  maximum: 5,
  instances: [instance(1), instance(2), instance(3)],
  deleting: false,
  replacing: false,
  ...more,
});
export const settled: GroupMoment = {
  deleting: false,
  externallyManaged: false,
  replicas: 3,
  group: group(),
  leaving: new Map(),
  surge: 1,
  told: false,
};
export const removal: LeavingSeen = { record: "open", removal: { decrement: true } };
export const replacement: LeavingSeen = { record: "open", removal: { decrement: false } };
export const byCloud: LeavingSeen = { record: "open" };

export const leaving = (...entries: readonly (readonly [number, LeavingSeen])[]): ReadonlyMap<string, LeavingSeen> =>
  new Map(entries.map(([number, seen]) => [instance(number).providerID, seen]));
