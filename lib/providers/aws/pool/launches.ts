/** Instances that a launch hook of ours holds: let into service once their Node is Ready. */
import type { PoolMember } from "../../pool-provider.ts";
import { providerIdOf } from "../provider-id.ts";
import type { AwsChange } from "./changes.ts";
import type { AwsSight, GroupFacts, HookFacts } from "./sight.ts";

const WAITING = "Pending:Wait";

const isLaunchHook = ({ transition }: HookFacts): boolean => transition === "autoscaling:EC2_INSTANCE_LAUNCHING";

/** Who is Ready is asked for only where somebody waits for it. */
export async function joinedInstances(
  { instances }: GroupFacts,
  hooks: readonly HookFacts[],
  members: (() => Promise<readonly PoolMember[]>) | undefined,
): Promise<readonly string[]> {
  const waiting = instances.filter(({ lifecycleState }) => lifecycleState === WAITING);
  if (waiting.length === 0 || !members || !hooks.some(isLaunchHook)) return [];
  const ready = new Set((await members()).filter((one) => one.ready).map(({ providerID }) => providerID));
  return waiting
    .filter(({ zone, instanceId }) => ready.has(providerIdOf(zone, instanceId)))
    .map(({ instanceId }) => instanceId);
}

const LOOK_SECONDS = 15;

/** No event tells that a Node is Ready where workload clusters send no audit: seconds until a look, while somebody waits, or will. */
export function launchLookSeconds({ group, hooks }: AwsSight, prefix: string): number | undefined {
  const waits = group?.instances.some(({ lifecycleState }) => lifecycleState.startsWith("Pending"));
  return waits && hooks.some((hook) => isLaunchHook(hook) && hook.name.startsWith(prefix)) ? LOOK_SECONDS : undefined;
}

const TURN_MILLISECONDS = 1000;

/**
 * One hook of one instance. Which of several AWS still waits for cannot be asked: they are completed in turn, as looks come.
 * @param prefix  of our hooks' names: what others wait for is theirs to complete
 */
export const completeLaunch =
  (prefix: string) =>
  ({ name, now, hooks, joined = [] }: AwsSight): AwsChange | undefined => {
    const ours = hooks.filter((hook) => isLaunchHook(hook) && hook.name.startsWith(prefix));
    const waits = joined.flatMap((InstanceId) => ours.map((hook) => ({ InstanceId, LifecycleHookName: hook.name })));
    const wait = waits[Math.floor(now.getTime() / TURN_MILLISECONDS) % Math.max(1, waits.length)];
    if (!wait) return undefined;
    const input = { AutoScalingGroupName: name, ...wait, LifecycleActionResult: "CONTINUE" };
    return { do: "CompleteLifecycleAction", because: "NodeReady", input };
  };
