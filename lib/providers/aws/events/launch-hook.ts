/** A lifecycle hook holds an instance that has just been launched: recognised, never completed by us. */

import { nothing } from "../../event-reading.ts";
import { readHookNotification } from "./hook-notification.ts";
import type { Parser } from "./parser.ts";

const LAUNCHING = "autoscaling:EC2_INSTANCE_LAUNCHING";

export const parseLaunchHook: Parser = (event) =>
  readHookNotification(event)?.says === LAUNCHING ? nothing("LaunchHook", "NotGated") : undefined;
