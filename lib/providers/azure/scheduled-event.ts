/** One scheduled event of a scale set's machines, from the maintenance resource that Event Grid and Resource Graph both show. */
import * as z from "zod";
import { readTime } from "../event-time.ts";
import { groupNameOfMachine, groupNameOfSet } from "./group-name.ts";
import { machineId, machineNameOf, parseMachineId, parseScaleSetId, scaleSetId } from "./provider-id.ts";

export const EVENT_TYPES = ["Terminate", "Preempt", "Redeploy", "Reboot", "Freeze"] as const;
export type ScheduledEventType = (typeof EVENT_TYPES)[number];

export interface ScheduledEvent {
  readonly eventId: string;
  readonly type: ScheduledEventType;
  /** Scheduled, Started, Completed, Canceled, as Azure spells it. */
  readonly status: string;
  /** RFC 3339; absent once it has begun. */
  readonly notBefore?: string;
  /** ARM id of what the event hangs on, in our spelling. */
  readonly resourceId: string;
  /** Absent: it hangs on a machine that does not tell its scale set. */
  readonly groupName?: string;
  /** Names in small letters, sorted; never empty. */
  readonly machines: readonly string[];
}

const resource = z.object({
  id: z.string(),
  name: z.string().optional(),
  type: z.string(),
  properties: z.object({
    EventId: z.string().min(1).optional(),
    EventType: z.string(),
    EventStatus: z.string(),
    NotBefore: z.string().optional(),
    Resources: z.array(z.string()).default([]),
  }),
});

const TYPE = "microsoft.maintenance/scheduledevents";
const OWNED = /^(.+)\/providers\/microsoft\.maintenance\/scheduledevents\/([^/]+)$/i;

/** Whether the resource is a scheduled event at all: the type alone routes, since Azure spells its event's name in three ways. */
export const isScheduledEvent = (type: string): boolean => type.toLowerCase() === TYPE;

/** "other": a scheduled event of something, or of a type, that is not ours. undefined: malformed, or no scheduled event. */
export function readScheduledEvent(value: unknown): ScheduledEvent | "other" | undefined {
  const { data } = resource.safeParse(value);
  if (!data || !isScheduledEvent(data.type)) return undefined;
  const [, ownerId = "", name = ""] = OWNED.exec(data.id) ?? [];
  const {
    EventId: eventId = data.name ?? name,
    EventType,
    EventStatus: status,
    NotBefore,
    Resources,
  } = data.properties;
  if (ownerId === "" || eventId === "") return undefined;
  const type = EVENT_TYPES.find((one) => one.toLowerCase() === EventType.toLowerCase());
  const owner = ownerOf(ownerId);
  const machines = machinesOf(Resources, owner?.machine);
  if (!type || !owner || machines.length === 0) return "other";
  const notBefore = readTime(NotBefore);
  const { resourceId, groupName } = owner;
  return {
    eventId,
    type,
    status,
    resourceId,
    machines,
    ...(notBefore && { notBefore }),
    ...(groupName && { groupName }),
  };
}

interface Owner {
  readonly resourceId: string;
  readonly groupName?: string;
  /** Where the event hangs on one machine. */
  readonly machine?: string;
}

function ownerOf(armId: string): Owner | undefined {
  const set = parseScaleSetId(armId);
  if (set) return { resourceId: scaleSetId(set), groupName: groupNameOfSet(set) };
  const machine = parseMachineId(armId);
  if (!machine) return undefined;
  const found = { resourceId: machineId(machine), machine: machineNameOf(machine) };
  return machine.mode === "Uniform" ? { ...found, groupName: groupNameOfMachine(machine) } : found;
}

/** Names, or ids here and there; an event that names nobody is about what it hangs on. */
function machinesOf(resources: readonly string[], machine: string | undefined): readonly string[] {
  const named = resources.flatMap((text) => {
    const id = parseMachineId(text);
    if (id) return machineNameOf(id);
    return text === "" || text.includes("/") ? [] : text;
  });
  const all = named.length > 0 || machine === undefined ? named : [machine];
  return [...new Set(all.map((name) => name.toLowerCase()))].sort();
}
