/** What a person or a function may do about a lifecycle hook, by the SDK. */
import {
  CompleteLifecycleActionCommand,
  DeleteLifecycleHookCommand,
  RecordLifecycleActionHeartbeatCommand,
} from "@aws-sdk/client-auto-scaling";
import { GROUP, type Rig } from "./rig.ts";

type Step = "heartbeat" | "heartbeat by token" | "CONTINUE" | "ABANDON" | "CONTINUE by token" | "delete hook";
export interface Act {
  readonly at: number;
  readonly does: Step;
  readonly hook?: string;
}
export async function act(rig: Rig, id: string, { does, hook = "drain" }: Act): Promise<void> {
  const token = rig.cloud.waiting().find((one) => one.hook === hook)?.token;
  const named = { AutoScalingGroupName: GROUP, LifecycleHookName: hook };
  const who = does.endsWith("by token") ? { LifecycleActionToken: token } : { InstanceId: id };
  if (does.startsWith("heartbeat")) {
    await rig.autoscaling.send(new RecordLifecycleActionHeartbeatCommand({ ...named, ...who }));
  } else if (does === "delete hook") {
    await rig.autoscaling.send(new DeleteLifecycleHookCommand(named));
  } else {
    const LifecycleActionResult = does === "ABANDON" ? "ABANDON" : "CONTINUE";
    await rig.autoscaling.send(new CompleteLifecycleActionCommand({ ...named, ...who, LifecycleActionResult }));
  }
}
