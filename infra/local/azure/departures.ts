/** How instances leave: announced where a terminate notification is on, then stopped, then gone. */
import type { Fleet, Instance } from "./fleet.ts";
import { noticeMinutes, publishesEvents, type ScaleSet } from "./scale-set.ts";
import type { ScheduledEvents } from "./scheduled-events.ts";

export interface Leaving {
  readonly set: ScaleSet;
  /** Instances of one operation wait for each other's acknowledgement. */
  readonly operation: string;
  /** Without notice. */
  readonly force: boolean;
}

export type Departures = ReturnType<typeof createDepartures>;

/** @returns calls `done` when called so many times; at once for none */
export function afterAll(count: number, done: () => void): () => void {
  let left = count;
  if (left === 0) done();
  return () => {
    left--;
    if (left === 0) done();
  };
}

export function createDepartures(fleet: Fleet, events: ScheduledEvents) {
  /** Who waits for the end of an instance, by VM id. */
  const waiting = new Map<string, (() => void)[]>();
  const options = { oneEventPerOperation: false };

  const end = (one: Instance, gone: () => void = () => {}) =>
    fleet.end(one, () => {
      gone();
      const told = waiting.get(one.vmId) ?? [];
      waiting.delete(one.vmId);
      for (const done of told) done();
    });
  const announce = ({ set, operation }: Leaving, minutes: number, instances: readonly [Instance, ...Instance[]]) => {
    const start = () => {
      const gone = afterAll(instances.length, () => events.complete(id));
      for (const one of instances) end(one, gone);
    };
    const id = events.schedule({
      type: "Terminate",
      instances,
      afterSeconds: minutes * 60,
      description: "Virtual machine is being deleted.",
      published: publishesEvents(set),
      operation,
      start,
    });
  };
  const depart = (leaving: Leaving, instances: readonly Instance[]) => {
    const noticed = instances.filter(({ profile }) => !leaving.force && noticeMinutes(profile) !== undefined);
    for (const one of instances) if (!noticed.includes(one)) end(one);
    const [first, ...others] = noticed;
    if (!first) return;
    const minutes = noticeMinutes(first.profile) ?? 0;
    if (options.oneEventPerOperation) return announce(leaving, minutes, [first, ...others]);
    for (const one of noticed) announce(leaving, minutes, [one]);
  };

  return {
    /** Of several VMs in one operation: one event that names all, or one event each. */
    setOneEventPerOperation: (on: boolean): void => {
      options.oneEventPerOperation = on;
    },
    /** @param done told when the last of them is gone; those already on their way are waited for */
    leave: (leaving: Leaving, instances: readonly Instance[], done: () => void): void => {
      const oneGone = afterAll(instances.length, done);
      for (const { vmId } of instances) waiting.set(vmId, [...(waiting.get(vmId) ?? []), oneGone]);
      const starting = instances.filter((one) => fleet.current(one)?.state !== "Deleting");
      for (const one of starting) fleet.update(one, { state: "Deleting" });
      depart(leaving, starting);
    },
  };
}
