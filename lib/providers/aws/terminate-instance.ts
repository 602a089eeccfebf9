/** Takes a drained instance out of its Auto Scaling group; asked twice, the second time changes nothing. */
import { ProviderError } from "../errors.ts";
import type { AutoScalingApi } from "./auto-scaling-api.ts";
import { groupState } from "./instance-state.ts";

/** An instance in these states is on its way already, and AWS answers a second wish with an error. */
const LEAVES: readonly string[] = ["held", "leaving", "gone"];

/**
 * Never by EC2's TerminateInstances: the group would launch a replacement, and its hooks would hold nothing.
 * @throws ProviderError, "invalid" when the group's minimum forbids one less
 */
export async function terminate(api: AutoScalingApi, instanceId: string, decrement: boolean): Promise<void> {
  const member = await api.describeInstance(instanceId);
  if (!member || LEAVES.includes(groupState(instanceId, member.lifecycleState, true).state)) return;
  try {
    await api.terminate(instanceId, decrement);
  } catch (error) {
    if (!isOnItsWay(error)) throw forPeople(error, member.groupName);
  }
}

/** Between the look and the call: AWS has one code for all of these. */
const isOnItsWay = (error: unknown): boolean =>
  error instanceof ProviderError && /not found|already terminating|is not in service/i.test(error.message);

function forPeople(error: unknown, groupName: string): unknown {
  if (!(error instanceof ProviderError) || !/min size/i.test(error.message)) return error;
  const advice = `lower minSize of group ${groupName}, or raise the MachinePool's replicas again`;
  return new ProviderError("invalid", "autoscaling:TerminateInstanceInAutoScalingGroup", advice, error.cause);
}
