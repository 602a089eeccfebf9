/** What a scheduled event means for each of its machines. */
import type { LeavingInstance } from "../../api/trigger.ts";
import type { NoticePolicy } from "../event-reading.ts";
import { secondsAfter } from "../event-time.ts";
import type { ScheduledEvent, ScheduledEventType } from "./scheduled-event.ts";
import { asHold, holdOf } from "./scheduled-event-hold.ts";

/** What host maintenance does; the end of a machine always drains. */
export interface EventPolicies {
  readonly redeploy: NoticePolicy;
  readonly reboot: NoticePolicy;
  readonly freeze: NoticePolicy;
}

/** @source "Scheduled Events for Linux VMs": the least notice of each type */
const LEAST_NOTICE_SECONDS: Readonly<Record<ScheduledEventType, number>> = {
  Terminate: 300,
  Preempt: 30,
  Redeploy: 600,
  Reboot: 900,
  Freeze: 900,
};
/** What an operating system takes to go down. */
const SHUTDOWN_SECONDS = 30;

export function policyFor(type: ScheduledEventType, policies: EventPolicies): NoticePolicy {
  if (type === "Redeploy") return policies.redeploy;
  if (type === "Reboot") return policies.reboot;
  return type === "Freeze" ? policies.freeze : "Drain";
}

const causeOf = (type: ScheduledEventType): LeavingInstance["cause"] =>
  type === "Terminate" ? "TerminationHook" : type === "Preempt" ? "Preemption" : "ScheduledMaintenance";

/**
 * An event that has begun without a notice (a failing host) leaves no time, and nothing to agree to.
 * @param noticeTime RFC 3339
 * @returns          none for an event that is over, or that the policy ignores
 */
export function leavingBy(
  event: ScheduledEvent,
  noticeTime: string,
  policies: EventPolicies,
): readonly LeavingInstance[] {
  const policy = policyFor(event.type, policies);
  const status = event.status.toLowerCase();
  if (policy === "Ignore" || (status !== "scheduled" && status !== "started")) return [];
  const notBefore = event.notBefore ?? secondsAfter(noticeTime, LEAST_NOTICE_SECONDS[event.type]);
  const deadlineTime = status === "started" ? secondsAfter(noticeTime, SHUTDOWN_SECONDS) : notBefore;
  const hold = policy === "Drain" ? holdOf(event, notBefore) : undefined;
  return event.machines.map((instanceId) => ({
    instanceId,
    ...(event.groupName !== undefined && { groupName: event.groupName }),
    cause: causeOf(event.type),
    noticeTime,
    deadlineTime,
    ...(hold && { hold }),
    ...(status === "started" && { begun: asHold(event, notBefore) }),
    ...(policy === "Cordon" && { mode: "CordonOnly" as const }),
  }));
}
