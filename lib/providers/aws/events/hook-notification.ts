/** Brings the three wire shapes of a lifecycle hook's message to one: EventBridge, the plain notification, and SNS around it. */
import * as z from "zod";
import { parsed } from "../../event-reading.ts";
import { readEnvelope } from "./parser.ts";

const content = z.object({
  LifecycleTransition: z.string().optional(),
  Event: z.string().optional(),
  AutoScalingGroupName: z.string().optional(),
  LifecycleHookName: z.string().optional(),
  EC2InstanceId: z.string().optional(),
  LifecycleActionToken: z.string().optional(),
  Origin: z.string().optional(),
  Destination: z.string().optional(),
  Time: z.string().optional(),
});

/** SNS delivers the notification as a JSON text, never as an object. */
const snsEnvelope = z.object({ Message: z.string(), Timestamp: z.string().optional() });

export interface HookNotification {
  /** "autoscaling:EC2_INSTANCE_TERMINATING" ..., or the name of a plain notification such as TEST_NOTIFICATION. */
  readonly says: string;
  readonly time: string | undefined;
  readonly groupName: string | undefined;
  readonly hookName: string | undefined;
  readonly instanceId: string | undefined;
  readonly token: string | undefined;
}

/** undefined: no message of Auto Scaling's hooks in any shape. */
export function readHookNotification(event: unknown): HookNotification | undefined {
  const fromBus = readEnvelope(event);
  if (fromBus) {
    const isHook = fromBus.source === "aws.autoscaling" && fromBus.detailType.endsWith(" Lifecycle Action");
    return isHook ? toNotification(fromBus.detail, fromBus.time) : undefined;
  }
  const sns = parsed(snsEnvelope, event);
  return sns ? toNotification(fromJson(sns.Message), sns.Timestamp) : toNotification(event, undefined);
}

function toNotification(value: unknown, sentAt: string | undefined): HookNotification | undefined {
  const read = parsed(content, value);
  const says = read?.LifecycleTransition ?? read?.Event;
  if (!read || says === undefined) return undefined;
  return {
    says,
    time: read.Time ?? sentAt,
    groupName: read.AutoScalingGroupName,
    hookName: read.LifecycleHookName,
    instanceId: read.EC2InstanceId,
    token: read.LifecycleActionToken,
  };
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
