/** Scheduled events of machines, in every spelling and state. */
import { readScheduledEvents as read } from "../../../../lib/providers/azure/events/index.ts";
import { EVENT, hold, PROPERTIES, SET, TERMINATE, terminated, unheld } from "./edge-pool.ts";
import { checkEvents, leaving, nothing } from "./event-case.ts";

checkEvents([
  {
    name: "a Terminate event in the Event Grid schema",
    read,
    event: "terminate-scheduled",
    want: leaving(EVENT, terminated),
  },
  {
    name: "the same as a CloudEvent of another name, its time in RFC 1123",
    read,
    event: "terminate-cloud-event",
    want: leaving(EVENT, terminated),
  },
  { name: "the same under the third name", read, event: "terminate-third-spelling", want: leaving(EVENT, terminated) },
  {
    name: "an event of two machines is two departures under one hold",
    read,
    event: "terminate-two-machines",
    want: leaving(
      EVENT,
      ...["edge-mp-0_4", "edge-mp-0_7"].map((instanceId) => ({
        ...terminated,
        instanceId,
        hold: hold("Terminate", TERMINATE, "2026-11-20T10:15:00Z", ["edge-mp-0_4", "edge-mp-0_7"]),
      })),
    ),
  },
  {
    name: "an event that hangs on a machine names no scale set",
    read,
    event: "terminate-of-one-machine",
    want: leaving(EVENT, {
      instanceId: "edge-flex_4f2a9c1d",
      cause: "TerminationHook",
      noticeTime: "2026-11-20T10:00:05Z",
      deadlineTime: "2026-11-20T10:05:00Z",
      hold: {
        azureScheduledEvent: {
          eventId: TERMINATE,
          resourceId: SET.replace("virtualMachineScaleSets/edge-mp-0", "virtualMachines/edge-flex_4f2a9c1d"),
          eventType: "Terminate",
          notBefore: "2026-11-20T10:05:00Z",
          machines: ["edge-flex_4f2a9c1d"],
        },
      },
    }),
  },
  {
    name: "an event that names nobody is about the machine it hangs on",
    read,
    event: "terminate-of-one-machine",
    but: { [`${PROPERTIES}.Resources`]: [] },
    want: leaving(EVENT, {
      instanceId: "edge-flex_4f2a9c1d",
      cause: "TerminationHook",
      noticeTime: "2026-11-20T10:00:05Z",
      deadlineTime: "2026-11-20T10:05:00Z",
      hold: {
        azureScheduledEvent: {
          eventId: TERMINATE,
          resourceId: SET.replace("virtualMachineScaleSets/edge-mp-0", "virtualMachines/edge-flex_4f2a9c1d"),
          eventType: "Terminate",
          notBefore: "2026-11-20T10:05:00Z",
          machines: ["edge-flex_4f2a9c1d"],
        },
      },
    }),
  },
  {
    name: "ids in capitals are the same machine",
    read,
    event: "terminate-scheduled",
    but: {
      "data.resourceInfo.id": `${SET.replace("edge-pools", "EDGE-POOLS").replace("/resourceGroups", "/resourcegroups")}/providers/Microsoft.Maintenance/ScheduledEvents/${TERMINATE}`,
      "data.resourceInfo.type": "Microsoft.Maintenance/scheduledEvents",
      [`${PROPERTIES}.Resources`]: ["EDGE-MP-0_4"],
    },
    want: leaving(EVENT, terminated),
  },
  {
    name: "without its resource's id the subject tells it",
    read,
    event: "terminate-scheduled",
    but: { "data.resourceInfo.id": undefined },
    want: leaving(EVENT, terminated),
  },
  {
    name: "machines that are named by ids are named",
    read,
    event: "terminate-scheduled",
    but: { [`${PROPERTIES}.Resources`]: [`${SET}/virtualMachines/4`] },
    want: leaving(EVENT, terminated),
  },
  {
    name: "a Terminate event without a time leaves the least that Azure grants",
    read,
    event: "terminate-scheduled",
    but: { [`${PROPERTIES}.NotBefore`]: "" },
    want: leaving(EVENT, {
      ...terminated,
      deadlineTime: "2026-11-20T10:05:05Z",
      hold: hold("Terminate", TERMINATE, "2026-11-20T10:05:05Z"),
    }),
  },
  {
    name: "an event without a time of its own counts from its arrival, and says so",
    read,
    event: "terminate-scheduled",
    but: { eventTime: undefined },
    want: {
      ...leaving(EVENT, { ...terminated, noticeTime: "2026-11-20T12:00:00Z" }),
      warnings: ["the event carries no readable time: counted from its arrival"],
    } as ReturnType<typeof leaving>,
  },
  {
    name: "a canceled event is a reason to look",
    read,
    event: "terminate-canceled",
    want: { kind: "look", event: EVENT, instanceIds: ["edge-mp-0_4"] },
  },
  {
    name: "a completed event is a reason to look",
    read,
    event: "terminate-completed",
    want: { kind: "look", event: EVENT, instanceIds: ["edge-mp-0_4"] },
  },
  {
    name: "an event that has begun leaves half a minute and asks for nothing; whoever released it knows it by its name",
    read,
    event: "terminate-started",
    want: leaving(EVENT, {
      ...unheld,
      noticeTime: "2026-11-20T10:15:01Z",
      deadlineTime: "2026-11-20T10:15:31Z",
      begun: hold("Terminate", TERMINATE, "2026-11-20T10:20:01Z"),
    }),
  },
  {
    name: "an event of an unknown status is no reason to drain",
    read,
    event: "terminate-scheduled",
    but: { [`${PROPERTIES}.EventStatus`]: "Pondering" },
    want: nothing(EVENT, "UnknownStatus"),
  },
  {
    name: "a Preempt event leaves thirty seconds, and nobody agrees to it",
    read,
    event: "preempt-scheduled",
    want: leaving(EVENT, { ...unheld, cause: "Preemption", deadlineTime: "2026-11-20T10:00:35Z" }),
  },
  {
    name: "an event of a new type is counted",
    read,
    event: "terminate-scheduled",
    but: { [`${PROPERTIES}.EventType`]: "Teleport" },
    want: nothing(EVENT, "NotOurs"),
  },
  {
    name: "an event of an availability set is counted",
    read,
    event: "terminate-scheduled",
    but: {
      "data.resourceInfo.id": `${SET.replace("virtualMachineScaleSets", "availabilitySets")}/providers/microsoft.maintenance/scheduledevents/${TERMINATE}`,
    },
    want: nothing(EVENT, "NotOurs"),
  },
  {
    name: "another maintenance resource under the same name is counted",
    read,
    event: "terminate-scheduled",
    but: { "data.resourceInfo.type": "microsoft.maintenance/updates" },
    want: nothing(EVENT, "OtherResource"),
  },
  {
    name: "an event without its resource is malformed",
    read,
    event: "terminate-scheduled",
    but: { "data.resourceInfo": undefined },
    want: undefined,
  },
  {
    name: "an event whose resource says nothing is malformed",
    read,
    event: "terminate-scheduled",
    but: { [PROPERTIES]: undefined },
    want: undefined,
  },
  {
    name: "a node pool that AKS rolls is counted as not ours",
    read,
    event: "aks-node-pool-rolling",
    want: nothing("ManagedCluster", "NotOurs"),
  },
  {
    name: "a maintenance of AKS is counted as not ours",
    read,
    event: "aks-maintenance",
    want: nothing("ManagedCluster", "NotOurs"),
  },
  { name: "another event is unknown", read, event: "scale-set-written", want: undefined },
]);
