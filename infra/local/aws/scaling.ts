/** Auto Scaling at work: keeps each group at its desired size, launches, takes out, replaces what died, through the hooks. */

import type { Queues } from "../queues.ts";
import { createVersions } from "../versions.ts";
import { createActivities } from "./activities.ts";
import { validationError } from "./errors.ts";
import type { Fleet, Instance, Place } from "./fleet.ts";
import {
  chooseVictim,
  counts,
  type Group,
  isMember,
  type Member,
  onlySpot,
  retainsAbandoned,
  zoneCounts,
} from "./group.ts";
import { type HookResult, LAUNCHING, TERMINATING } from "./hook.ts";
import { createHookActions } from "./hook-actions.ts";
import type { Images } from "./images.ts";
import { createLaunches } from "./launches.ts";
import type { Templates } from "./templates.ts";

export interface Parts {
  readonly place: Place;
  readonly fleet: Fleet;
  readonly queues: Queues;
  readonly templates: Templates;
  readonly images: Images;
}

export type Scaling = ReturnType<typeof createScaling>;

export function createScaling({ place, fleet, queues, templates, images }: Parts) {
  const { clock, timing } = place;
  const groups = createVersions<Group>(clock);
  const hooks = createHookActions(place, fleet, queues);
  const activities = createActivities(place);
  /** Spot instances that are to be replaced before they are taken. */
  const atRisk = new Set<string>();
  /** How many more than desired a group may have while an instance refresh launches before it terminates. */
  const surges = new Map<string, number>();
  const launches = createLaunches({ place, templates, images, activities });

  const members = (name: string) =>
    fleet
      .all()
      .filter(isMember)
      .filter(({ member }) => member.group === name);
  const groupOf = (name: string): Group => {
    const group = groups.get(name);
    if (group) return group;
    throw validationError(`AutoScalingGroup name not found - AutoScalingGroup '${name}' not found`);
  };

  const launchOne = (group: Group, cause: string) => {
    const standing = members(group.AutoScalingGroupName).filter(counts);
    const { subnet } = zoneCounts(group, standing).reduce((best, one) => (one.count < best.count ? one : best));
    const { spec, version } = templates.resolve(group.template);
    const passedOn = group.Tags.filter((tag) => tag.PropagateAtLaunch).map((tag) => [tag.Key, tag.Value]);
    const instance = fleet.launch({
      ...spec,
      zone: subnet.zone,
      subnetId: subnet.id,
      spot: onlySpot(group) || spec.spot,
      tags: { ...spec.tags, ...Object.fromEntries(passedOn), "aws:autoscaling:groupName": group.AutoScalingGroupName },
      member: {
        group: group.AutoScalingGroupName,
        lifecycleState: "Pending",
        protectedFromScaleIn: group.NewInstancesProtectedFromScaleIn,
        healthy: true,
        template: { ...group.template, Version: String(version) },
      },
    });
    activities.start("Launch", { group, instance, cause });
  };

  /** Runs the terminate hooks and lets the instance go; `cause` is for people. */
  const takeOut = (instance: Instance, cause: string) => {
    const group = groupOf(instance.member?.group ?? "");
    atRisk.delete(instance.id);
    hooks.forget(instance.id);
    fleet.setMember(instance.id, { lifecycleState: "Terminating" });
    const activity = activities.start("Terminate", { group, instance, cause });
    hooks.hold(instance.id, group, TERMINATING, (result) => afterTerminateHooks(instance.id, result));
    if (fleet.get(instance.id)?.member?.lifecycleState === "Terminating:Wait") activities.waits(instance.id);
    return activity;
  };
  const afterTerminateHooks = (id: string, result: HookResult) => {
    const group = groups.get(fleet.get(id)?.member?.group ?? "");
    if (result === "ABANDON" && group && retainsAbandoned(group))
      fleet.setMember(id, { lifecycleState: "Terminating:Retained" });
    else proceed(id);
  };
  /** No hook is asked (any more). */
  const proceed = (id: string) => {
    hooks.forget(id);
    fleet.setMember(id, { lifecycleState: "Terminating:Proceed" });
    fleet.terminate(id);
    const instance = fleet.get(id);
    if (instance?.state === "terminated") gone(instance);
  };
  const gone = (instance: Instance) => {
    const group = groups.get(instance.member?.group ?? "");
    hooks.forget(instance.id);
    atRisk.delete(instance.id);
    fleet.leaveGroup(instance.id);
    if (!group) return;
    activities.end("Terminate", { group, instance, ok: true });
    if (group.Status && members(group.AutoScalingGroupName).length === 0) groups.remove(group.AutoScalingGroupName);
    else settle(group.AutoScalingGroupName, "An instance was taken out of service.");
  };

  const afterLaunchHooks = (id: string, result: HookResult) => {
    const instance = fleet.get(id);
    const group = groups.get(instance?.member?.group ?? "");
    if (!instance || !group) return;
    activities.end("Launch", { group, instance, ok: result === "CONTINUE" });
    if (result === "CONTINUE") fleet.setMember(id, { lifecycleState: "InService" });
    else proceed(id);
    settle(
      group.AutoScalingGroupName,
      result === "CONTINUE" ? "An instance came into service." : "A launch was abandoned by its hook.",
    );
  };
  const died = (id: string) => {
    const instance = fleet.get(id);
    const { suspended } = groups.get(instance?.member?.group ?? "") ?? { suspended: ["HealthCheck"] };
    if (instance?.member?.lifecycleState !== "InService") return;
    if (suspended.includes("HealthCheck") || suspended.includes("ReplaceUnhealthy")) return;
    fleet.setMember(id, { healthy: false });
    takeOut(instance, "An instance was taken out of service in response to an EC2 health check.");
    settle(instance.member.group, "An unhealthy instance needed to be replaced.");
  };

  const safe = (name: string) => members(name).filter((one) => counts(one) && !atRisk.has(one.id));
  const wanted = (group: Group) => group.DesiredCapacity + (surges.get(group.AutoScalingGroupName) ?? 0);
  const launchMissing = (group: Group, cause: string) => {
    const missing = wanted(group) - safe(group.AutoScalingGroupName).length;
    if (missing <= 0) return;
    const isRefused = launches.refuses(group, cause, () => {
      settle(group.AutoScalingGroupName, "A launch that failed was tried again.");
    });
    if (isRefused) return;
    for (let launched = 0; launched < missing; launched++) launchOne(group, cause);
  };
  const takeSurplus = (group: Group, cause: string) => {
    const standing = safe(group.AutoScalingGroupName);
    const victim = standing.length > wanted(group) && chooseVictim(group, standing, clock.now());
    if (!victim) return;
    takeOut(victim, cause);
    takeSurplus(group, cause);
  };
  const takeReplaced = (group: Group) => {
    const inService = safe(group.AutoScalingGroupName).filter(({ member }) => member.lifecycleState === "InService");
    if (inService.length < group.DesiredCapacity) return;
    for (const one of members(group.AutoScalingGroupName).filter(({ id }) => atRisk.has(id))) {
      takeOut(one, "Capacity rebalancing replaced a Spot instance.");
    }
  };
  const settle = (name: string, cause: string): void => {
    const group = groups.get(name);
    if (!group || group.Status) return;
    if (!group.suspended.includes("Launch")) launchMissing(group, cause);
    if (group.suspended.includes("Terminate")) return;
    takeReplaced(group);
    takeSurplus(group, cause);
  };

  fleet.onChange(({ instance, state }) => {
    const lifecycle = instance.member?.lifecycleState;
    const group = groups.get(instance.member?.group ?? "");
    if (!group || lifecycle === undefined) return;
    if (state === "running")
      hooks.hold(instance.id, group, LAUNCHING, (result) => afterLaunchHooks(instance.id, result));
    if (state === "shutting-down" && lifecycle === "InService")
      clock.after(timing.healthCheckSeconds, () => died(instance.id));
    if (state === "terminated" && lifecycle !== "InService") gone(instance);
  });

  return {
    groups,
    hooks,
    activities,
    groupOf,
    members,
    settle,
    takeOut,
    proceed,
    setSurge: (name: string, size: number): void => void surges.set(name, size),
    /** Writes a group and brings it to its size. */
    write: (group: Group, cause: string): void => {
      groups.put(group.AutoScalingGroupName, group);
      settle(group.AutoScalingGroupName, cause);
    },
    /** A Spot instance may go soon; with capacity rebalancing the group replaces it, at once when its end is certain. */
    risk: (instance: Instance, certain: boolean): void => {
      const { member } = instance;
      if (member?.lifecycleState !== "InService" || !groups.get(member.group)?.CapacityRebalance) return;
      if (certain) takeOut(instance, "A Spot interruption notice was received.");
      else atRisk.add(instance.id);
      settle(member.group, "Capacity rebalancing replaces a Spot instance.");
    },
    detach: (instance: Member): void => {
      const group = groupOf(instance.member.group);
      activities.start("Detach", { group, instance, cause: "A user request detached the instance." });
      fleet.leaveGroup(instance.id);
      activities.end("Detach", { group, instance, ok: true });
    },
  };
}
