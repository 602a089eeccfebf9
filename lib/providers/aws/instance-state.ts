/** What a lifecycle state of Auto Scaling, or of EC2 where the group knows the instance no more, means for a drain. */
import type { InstanceState, InstanceView } from "../provider.ts";

/** @source EC2 Auto Scaling API, Instance.LifecycleState; states that are not listed leave nothing to us: running */
const GROUP_STATES: ReadonlyMap<string, InstanceState> = new Map([
  ["Terminating", "leaving"],
  ["Terminating:Wait", "held"],
  ["Terminating:Proceed", "leaving"],
  ["Terminating:Retained", "retained"],
  ["Terminated", "gone"],
  ["Detaching", "leaving"],
  ["Detached", "retained"],
  ["Warmed:Pending", "leaving"],
  ["Warmed:Pending:Wait", "leaving"],
  ["Warmed:Pending:Proceed", "leaving"],
  ["Warmed:Pending:Retained", "retained"],
  // In the warm pool it is no member that serves: its Node goes, and kubelet registers anew when the instance is back.
  ["Warmed:Running", "gone"],
  ["Warmed:Stopped", "gone"],
  ["Warmed:Hibernated", "gone"],
  ["Warmed:Terminating", "leaving"],
  ["Warmed:Terminating:Wait", "held"],
  ["Warmed:Terminating:Proceed", "leaving"],
  ["Warmed:Terminating:Retained", "retained"],
  ["Warmed:Terminated", "gone"],
]);

/**
 * @param expectsHold  a notice said that a hook waits: `Terminating` is then the moment before `Terminating:Wait`, since
 *                     what is past its hooks shows `Terminating:Proceed`
 */
export function groupState(instanceId: string, lifecycleState: string, expectsHold: boolean): InstanceView {
  const arriving = expectsHold && (lifecycleState === "Terminating" || lifecycleState === "Warmed:Terminating");
  const state = arriving ? "held" : (GROUP_STATES.get(lifecycleState) ?? "running");
  const call = lifecycleState === "Detached" ? "TerminateInstances" : "TerminateInstanceInAutoScalingGroup";
  return { state, cloudState: lifecycleState, ...(state === "retained" && endingBy(call, instanceId)) };
}

/** A retained instance costs money until somebody ends it; its group never does. */
const endingBy = (call: string, instanceId: string) => ({ advice: `call ${call} for ${instanceId} to end it` });

/** An instance that its group has forgotten may live on, detached: its Node is then not ours to delete. */
export function stateOutsideGroup(instanceId: string, ec2State: string | undefined): InstanceView {
  if (ec2State === undefined) return { state: "gone", cloudState: "unknown to EC2" };
  const cloudState = `in no Auto Scaling group, ${ec2State} in EC2`;
  if (ec2State === "terminated") return { state: "gone", cloudState };
  if (ec2State === "shutting-down") return { state: "leaving", cloudState };
  return { state: "retained", cloudState, ...endingBy("TerminateInstances", instanceId) };
}
