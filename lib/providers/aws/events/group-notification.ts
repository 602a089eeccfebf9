/** What a notification target also receives: the test message of a new hook, and a group's ordinary notifications. */

import { nothing } from "../../event-reading.ts";
import { readHookNotification } from "./hook-notification.ts";
import type { Parser } from "./parser.ts";

const TEST = "autoscaling:TEST_NOTIFICATION";
/** Types of PutNotificationConfiguration: they tell what has happened, nothing waits. */
const RESULT = /^autoscaling:EC2_INSTANCE_(LAUNCH|TERMINATE)(_ERROR)?$/;

/** The test message names itself in `Event`, sometimes in `LifecycleTransition`; the reader looks at both. */
export const parseGroupNotification: Parser = (event) => {
  const says = readHookNotification(event)?.says;
  if (says === TEST) return nothing("TestNotification", "TestNotification");
  return says !== undefined && RESULT.test(says) ? nothing("GroupNotification", "AlreadyHappened") : undefined;
};
