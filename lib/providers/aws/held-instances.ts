/** Finds instances that wait for our hooks although nobody told us: events get lost, the group itself does not forget. */
import type { AutoScalingHook } from "../../api/lifecycle/hold.ts";
import type { LeavingInstance } from "../../api/trigger.ts";
import { wholeSeconds } from "../event-time.ts";
import type { AutoScalingApi, ScalingGroup } from "./auto-scaling-api.ts";
import { TERMINATING } from "./auto-scaling-hold.ts";
import type { HookNames } from "./hook-names.ts";

/** DescribeAutoScalingGroups takes no more names at once. */
const NAMES_PER_CALL = 100;
const WAITING_STATES: readonly string[] = ["Terminating:Wait", "Warmed:Terminating:Wait"];

interface Search {
  readonly api: AutoScalingApi;
  readonly hookNames: HookNames;
  readonly now: Date;
}

/** One call per 100 groups, and one more for each group in which something waits. */
export async function findHeld(groupNames: readonly string[], search: Search): Promise<readonly LeavingInstance[]> {
  const held: LeavingInstance[] = [];
  for (let start = 0; start < groupNames.length; start += NAMES_PER_CALL) {
    const names = groupNames.slice(start, start + NAMES_PER_CALL);
    for await (const page of search.api.describeGroups(names)) {
      for (const group of page) held.push(...(await heldIn(group, search)));
    }
  }
  return held;
}

async function heldIn(group: ScalingGroup, { api, hookNames, now }: Search): Promise<readonly LeavingInstance[]> {
  const waiting = group.members.filter(({ lifecycleState }) => WAITING_STATES.includes(lifecycleState));
  if (waiting.length === 0) return [];
  const live = await api.describeHooks(group.name);
  const ours = live.filter(({ name, transition }) => transition === TERMINATING && hookNames.areOurs(name));
  if (ours.length === 0) return [];
  const hooks = ours.map(
    ({ name, heartbeatTimeoutSeconds }): AutoScalingHook => ({
      name,
      ...(heartbeatTimeoutSeconds === undefined ? {} : { heartbeatTimeoutSeconds }),
    }),
  );
  return waiting.map(({ instanceId }) => ({
    instanceId,
    groupName: group.name,
    cause: "TerminationHook",
    noticeTime: wholeSeconds(now),
    hold: { autoScaling: { groupName: group.name, hooks } },
  }));
}
