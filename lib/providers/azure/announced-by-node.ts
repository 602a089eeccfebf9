/** What agents on Azure machines say on their Nodes: AKS's node problem detector, and whoever copies the machine's own metadata. */
import * as z from "zod";
import type { Node, NodeCondition } from "../../api/kubernetes/node.ts";
import type { LeavingInstance } from "../../api/trigger.ts";
import { readTime, wholeSeconds } from "../event-time.ts";
import { groupNameOfMachine } from "./group-name.ts";
import { type EventPolicies, leavingBy } from "./notice.ts";
import { machineId, machineNameOf, parseProviderId, scaleSetId } from "./provider-id.ts";
import { EVENT_TYPES, type ScheduledEvent, type ScheduledEventType } from "./scheduled-event.ts";

/**
 * VMEventScheduled is set for events of all types, PreemptionScheduled for one ("Node Problem Detector in AKS");
 * MachinePoolScheduledEvent is for an agent of one's own: reason = the event's type, message = the event as the instance
 * metadata has it, in JSON.
 */
const PREEMPTION = "PreemptionScheduled";
export const ANNOUNCING_CONDITIONS = [PREEMPTION, "VMEventScheduled", "MachinePoolScheduledEvent"] as const;

const metadata = z.object({
  EventId: z.string().min(1).optional(),
  EventType: z.string().optional(),
  NotBefore: z.string().optional(),
  Resources: z.array(z.string()).default([]),
});

/** "Preempt Scheduled: Fri, 20 Nov 2026 10:00:35 GMT. ... EventId: D2B7A6C1" */
const TYPE_IN_WORDS = new RegExp(`\\b(${EVENT_TYPES.join("|")})\\b`, "i");
const TIME_IN_WORDS = /\w{3}, \d{1,2} \w{3} \d{4} \d\d:\d\d:\d\d GMT|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[\d.]*Z/;

/**
 * Without the list of all machines that an event is about nothing is acknowledged: it would let others go undrained.
 * @returns undefined: nothing is announced, the policy ignores it, or it is no machine of Azure's
 */
export function announcedBy(node: Node, policies: EventPolicies, now: Date): LeavingInstance | undefined {
  const id = parseProviderId(node.spec?.providerID ?? "");
  const conditions = node.status?.conditions ?? [];
  if (!id) return undefined;
  const name = machineNameOf(id).toLowerCase();
  const [first] = conditions.flatMap((condition) => {
    const said = saidIn(condition);
    if (!said) return [];
    const { eventId = "", type, notBefore, machines } = said;
    const event: ScheduledEvent = {
      eventId,
      type,
      status: "Scheduled",
      resourceId: id.mode === "Uniform" ? scaleSetId({ ...id, name: id.scaleSet }) : machineId(id),
      machines: [name],
      ...(notBefore !== undefined && { notBefore }),
      ...(id.mode === "Uniform" && { groupName: groupNameOfMachine(id) }),
    };
    const noticeTime = readTime(condition.lastTransitionTime) ?? wholeSeconds(now);
    const isWhole = eventId !== "" && machines.length > 0;
    return leavingBy(event, noticeTime, policies).map(({ hold, ...notice }): LeavingInstance => {
      const own = isWhole && hold?.azureScheduledEvent;
      return own ? { ...notice, hold: { azureScheduledEvent: { ...own, machines } } } : notice;
    });
  });
  return first;
}

interface Said {
  readonly type: ScheduledEventType;
  readonly eventId?: string | undefined;
  /** RFC 3339. */
  readonly notBefore?: string | undefined;
  /** Small letters, sorted; empty: not told. */
  readonly machines: readonly string[];
}

function saidIn({ type, status, reason, message = "" }: NodeCondition): Said | undefined {
  if (status !== "True" || !ANNOUNCING_CONDITIONS.some((one) => one === type)) return undefined;
  const read = metadata.safeParse(fromJson(message)).data;
  const words = read?.EventType ?? TYPE_IN_WORDS.exec(`${reason ?? ""} ${message}`)?.[1];
  const found = EVENT_TYPES.find((one) => one.toLowerCase() === words?.toLowerCase());
  const kind = found ?? (type === PREEMPTION ? "Preempt" : undefined);
  if (!kind) return undefined;
  return {
    type: kind,
    eventId: read?.EventId ?? /EventId:\s*([\w-]+)/i.exec(message)?.[1],
    notBefore: readTime(read?.NotBefore ?? TIME_IN_WORDS.exec(message)?.[0]),
    machines: [...new Set(read?.Resources.map((one) => one.toLowerCase()))].sort(),
  };
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
