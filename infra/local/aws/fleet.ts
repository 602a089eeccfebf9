/** EC2 instances: they boot, run, shut down and vanish on the clock, and whoever asked hears of each change. */
import type { Clock } from "../clock.ts";
import type { Ids } from "../ids.ts";
import { createVersions } from "../versions.ts";
import type { Bus } from "./bus.ts";

/** What an Auto Scaling group knows of its instance. */
export interface Membership {
  readonly group: string;
  /** As Auto Scaling spells it: "Pending", "Pending:Wait", "InService", "Terminating:Wait" ... */
  readonly lifecycleState: string;
  readonly protectedFromScaleIn: boolean;
  readonly healthy: boolean;
  readonly template: {
    readonly LaunchTemplateId: string;
    readonly LaunchTemplateName: string;
    readonly Version: string;
  };
}

export interface Instance {
  /** "i-" and 17 hexadecimal digits. */
  readonly id: string;
  readonly state: "pending" | "running" | "shutting-down" | "terminated";
  readonly zone: string;
  readonly subnetId: string;
  readonly privateIp: string;
  /** Also the usual name of the Node. */
  readonly privateDnsName: string;
  readonly launchTime: Date;
  readonly instanceType: string;
  readonly imageId: string;
  readonly spot: boolean;
  readonly capacityReservationId?: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Absent: never in a group, or no longer. */
  readonly member?: Membership;
}

export interface InstanceChange {
  readonly instance: Instance;
  readonly state: "launched" | "running" | "shutting-down" | "terminated";
}

export type InstanceSpec = Pick<Instance, "zone" | "subnetId" | "instanceType" | "imageId" | "spot" | "tags"> &
  Partial<Pick<Instance, "capacityReservationId" | "member">>;

export interface Timing {
  /** From launch to running. */
  readonly bootSeconds: number;
  /** From shutting-down to terminated. */
  readonly shutdownSeconds: number;
  /** From the death of a group's instance to the group's noticing. */
  readonly healthCheckSeconds: number;
}

export interface Place {
  readonly clock: Clock;
  readonly region: string;
  readonly accountId: string;
  readonly ids: Ids;
  readonly bus: Bus;
  readonly timing: Timing;
}

/** A terminated instance can be described for about an hour. */
const REMEMBERED_SECONDS = 3600;

export type Fleet = ReturnType<typeof createFleet>;

export function createFleet({ clock, region, accountId, ids, bus, timing }: Place) {
  const instances = createVersions<Instance>(clock);
  const listeners = new Set<(change: InstanceChange) => void>();
  let launched = 0;

  const update = (id: string, change: Partial<Instance>): Instance | undefined => {
    const old = instances.get(id);
    return old && instances.put(id, { ...old, ...change });
  };
  const tell = (instance: Instance, state: InstanceChange["state"]) => {
    bus.emit({
      source: "aws.ec2",
      detailType: "EC2 Instance State-change Notification",
      resources: [`arn:aws:ec2:${region}:${accountId}:instance/${instance.id}`],
      detail: { "instance-id": instance.id, state: instance.state },
    });
    for (const listener of listeners) listener({ instance, state });
  };
  const domain = region === "us-east-1" ? "ec2.internal" : `${region}.compute.internal`;

  const run = (id: string) => {
    if (instances.get(id)?.state !== "pending") return;
    const running = update(id, { state: "running" });
    if (running) tell(running, "running");
  };
  const end = (id: string) => {
    const ended = update(id, { state: "terminated" });
    if (ended) tell(ended, "terminated");
    clock.after(REMEMBERED_SECONDS, () => instances.remove(id));
  };

  return {
    launch: (spec: InstanceSpec): Instance => {
      const host = ++launched + 3;
      const address = [10, 0, 1 + Math.floor(host / 250), host % 250];
      const instance: Instance = {
        ...spec,
        id: `i-${ids.hex(17)}`,
        state: "pending",
        privateIp: address.join("."),
        privateDnsName: `ip-${address.join("-")}.${domain}`,
        launchTime: clock.now(),
      };
      instances.put(instance.id, instance);
      tell(instance, "launched");
      clock.after(timing.bootSeconds, () => run(instance.id));
      return instance;
    },
    /** Starts the shutdown; no hook is waited for. A second call changes nothing. */
    terminate: (id: string): void => {
      const state = instances.get(id)?.state;
      if (state !== "pending" && state !== "running") return;
      const leaving = update(id, { state: "shutting-down" });
      clock.after(timing.shutdownSeconds, () => end(id));
      if (leaving) tell(leaving, "shutting-down");
    },
    get: instances.get,
    all: instances.all,
    seen: instances.seen,
    /** Changes what the group knows of its instance; nothing when it is in none. */
    setMember: (id: string, change: Partial<Membership>): void => {
      const member = instances.get(id)?.member;
      if (member) update(id, { member: { ...member, ...change } });
    },
    setTags: (id: string, tags: Readonly<Record<string, string>>): void => void update(id, { tags }),
    /** The group no longer knows the instance. */
    leaveGroup: (id: string): void => {
      const old = instances.get(id);
      if (!old) return;
      const { member: _, ...rest } = old;
      instances.put(id, rest);
    },
    onChange: (listener: (change: InstanceChange) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
