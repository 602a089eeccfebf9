/** A lifecycle hook as its group keeps it: the members of the SDK, with Auto Scaling's defaults. */
import { z } from "zod";
import { whole } from "./action.ts";

export const TERMINATING = "autoscaling:EC2_INSTANCE_TERMINATING";
export const LAUNCHING = "autoscaling:EC2_INSTANCE_LAUNCHING";
export type Transition = typeof TERMINATING | typeof LAUNCHING;

export const hookResult = z.enum(["CONTINUE", "ABANDON"]);
export type HookResult = z.output<typeof hookResult>;

export const hookSpecification = z
  .object({
    LifecycleHookName: z.string().min(1),
    LifecycleTransition: z.enum([TERMINATING, LAUNCHING]),
    HeartbeatTimeout: whole(30, 7200).default(3600),
    DefaultResult: hookResult.default("ABANDON"),
    NotificationMetadata: z.string().exactOptional(),
    /** A queue that is told directly, besides the event bus. */
    NotificationTargetARN: z.string().exactOptional(),
    RoleARN: z.string().exactOptional(),
  })
  .refine((hook) => !hook.NotificationTargetARN || hook.RoleARN, "RoleARN is needed with NotificationTargetARN.");
export type Hook = z.output<typeof hookSpecification>;

const MOST_SECONDS = 172_800;
/** No heartbeat leads beyond. */
export const globalTimeoutOf = ({ HeartbeatTimeout }: Hook) => Math.min(MOST_SECONDS, 100 * HeartbeatTimeout);
