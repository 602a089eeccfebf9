/** Virtual machines of scale sets: they boot, run and vanish on the clock, and whoever asked hears of each change. */
import type { Json } from "./json.ts";
import type { Place } from "./place.ts";
import { sameName } from "./place.ts";
import { isFlexible, profileOf, type ScaleSet, type VmProfile } from "./scale-set.ts";

export interface Instance {
  readonly group: string;
  readonly scaleSet: string;
  readonly flexible: boolean;
  /** The resource's name, as scheduled events have it: "<scale set>_<n>" or the VM's name. */
  readonly name: string;
  /** Uniform: "0", "1" ...; Flexible: the VM's name. */
  readonly instanceId: string;
  /** Also the name of the Node. */
  readonly computerName: string;
  readonly vmId: string;
  readonly zone?: string;
  readonly size: string;
  readonly spot: boolean;
  readonly evictionPolicy: "Deallocate" | "Delete";
  readonly createdAt: Date;
  readonly state: "Creating" | "Succeeded" | "Updating" | "Deleting" | "Failed";
  readonly power: "starting" | "running" | "stopped" | "deallocated";
  /** What it was made of, or last updated to. */
  readonly profile: VmProfile;
  readonly model: number;
  readonly protection: { readonly protectFromScaleIn: boolean; readonly protectFromScaleSetActions: boolean };
  readonly tags: Readonly<Record<string, string>>;
}

export interface InstanceChange {
  readonly instance: Instance;
  readonly state: "launched" | "running" | "shutting-down" | "terminated" | "deallocated";
}

export type Fleet = ReturnType<typeof createFleet>;

const keyOf = ({ group, scaleSet, instanceId }: Pick<Instance, "group" | "scaleSet" | "instanceId">) =>
  `${group}/${scaleSet}/${instanceId}`.toLowerCase();

/** Uniform computer names count in base 36, six digits. */
const uniformComputer = (prefix: string, number: number) => `${prefix}${number.toString(36).padStart(6, "0")}`;

const NO_PROTECTION = { protectFromScaleIn: false, protectFromScaleSetActions: false };

export function createFleet({ clock, ids, timing }: Place) {
  const instances = new Map<string, Instance>();
  const listeners = new Set<(change: InstanceChange) => void>();

  const tell = (instance: Instance, state: InstanceChange["state"]) => {
    for (const listener of listeners) listener({ instance, state });
  };
  const current = (one: Instance) => instances.get(keyOf(one));
  const update = (one: Instance, change: Partial<Instance>): Instance | undefined => {
    const old = current(one);
    if (!old) return undefined;
    const changed = { ...old, ...change };
    instances.set(keyOf(old), changed);
    return changed;
  };
  const names = (set: ScaleSet, number: number) => {
    const prefix = profileOf(set).osProfile?.computerNamePrefix ?? set.name;
    if (!isFlexible(set)) {
      const computerName = uniformComputer(prefix, number).toLowerCase();
      return { name: `${set.name}_${number}`, instanceId: String(number), computerName };
    }
    const name = `${set.name}_${ids.hex(8)}`;
    return { name, instanceId: name, computerName: `${prefix}${ids.hex(6)}`.toLowerCase() };
  };
  const run = (one: Instance, done: () => void) => {
    if (current(one)?.state === "Creating") {
      const running = update(one, { state: "Succeeded", power: "running" });
      if (running) tell(running, "running");
    }
    done();
  };

  return {
    /** @param done told when it runs, or when it was deleted before */
    launch: (set: ScaleSet, at: { readonly number: number; readonly zone?: string }, done: () => void): Instance => {
      const profile = profileOf(set);
      const instance: Instance = {
        ...names(set, at.number),
        group: set.group,
        scaleSet: set.name,
        flexible: isFlexible(set),
        vmId: ids.uuid(),
        ...(at.zone !== undefined && { zone: at.zone }),
        size: set.sku.name,
        spot: profile.priority === "Spot" || profile.priority === "Low",
        evictionPolicy: profile.evictionPolicy ?? "Deallocate",
        createdAt: clock.now(),
        state: "Creating",
        power: "starting",
        profile,
        model: set.model,
        protection: NO_PROTECTION,
        tags: set.tags,
      };
      instances.set(keyOf(instance), instance);
      tell(instance, "launched");
      clock.after(timing.bootSeconds, () => run(instance, done));
      return instance;
    },
    /** Stops the machine now and forgets it soon after. */
    end: (one: Instance, done: () => void) => {
      const leaving = update(one, { state: "Deleting", power: "stopped" });
      if (!leaving) return done();
      tell(leaving, "shutting-down");
      clock.after(timing.deleteSeconds, () => {
        instances.delete(keyOf(one));
        tell(leaving, "terminated");
        done();
      });
    },
    deallocate: (one: Instance): void => {
      // Whatever was under way with it has ended.
      const stopped = update(one, { state: "Succeeded", power: "deallocated" });
      if (!stopped) return;
      tell(stopped, "shutting-down");
      tell(stopped, "deallocated");
    },
    /** It stays in its set. */
    stop: (one: Instance): void => {
      const stopped = update(one, { power: "stopped" });
      if (stopped) tell(stopped, "shutting-down");
    },
    /** Down for so long, then the same machine again. */
    restart: (one: Instance, seconds: number): void => {
      const stopped = update(one, { state: "Updating", power: "stopped" });
      if (!stopped) return;
      tell(stopped, "shutting-down");
      clock.after(seconds, () => {
        if (current(one)?.state !== "Updating") return;
        const back = update(one, { state: "Succeeded", power: "running" });
        if (back) tell(back, "running");
      });
    },
    update,
    current,
    all: () => [...instances.values()],
    of: (set: Pick<ScaleSet, "group" | "name">) =>
      [...instances.values()].filter((one) => sameName(one.group, set.group) && sameName(one.scaleSet, set.name)),
    onChange: (listener: (change: InstanceChange) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

export const imageOf = ({ profile }: Instance): Json => profile.storageProfile?.imageReference ?? {};
