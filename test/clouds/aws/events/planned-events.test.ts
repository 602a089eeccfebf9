/** What AWS plans for instances long before it happens, and what it means. */
import type { LeavingInstance, Trigger } from "../../../../lib/api/trigger.ts";
import { readScheduledChange } from "../../../../lib/providers/aws/events/index.ts";
import { checkEvents, type EventCase, leaving, nothing, readBlock } from "./event-case.ts";

const maintained = (instanceId: string): LeavingInstance => ({
  instanceId,
  cause: "ScheduledMaintenance",
  noticeTime: "2026-11-20T00:00:00Z",
  deadlineTime: "2026-12-03T02:00:00Z",
});
const one = leaving("ScheduledChange", maintained("i-0d4e5f60718293a4b"));
const three = leaving(
  "ScheduledChange",
  ...["i-0d4e5f60718293a4b", "i-0e5f60718293a4b5c", "i-0f60718293a4b5c6d"].map(maintained),
);
const change = (name: string, but: EventCase["but"], want: Trigger | undefined): EventCase => ({
  name,
  read: readScheduledChange,
  event: "scheduled-change",
  ...(but ? { but } : {}),
  want,
});

checkEvents([
  change("a scheduled change has its start as deadline", undefined, one),
  {
    name: "a scheduled change of three instances is three departures",
    read: readScheduledChange,
    event: "scheduled-change-three-instances",
    want: three,
  },
  change("the second page of a long list stands for itself", { "detail.page": "2", "detail.totalPages": "2" }, one),
  change(
    "an entity that is no instance, is resolved or stands there twice is left out",
    {
      "detail.affectedEntities": [
        { entityValue: "vol-0a" },
        { entityValue: "i-0f", status: "RESOLVED" },
        { entityValue: "i-0d4e5f60718293a4b" },
        { entityValue: "i-0d4e5f60718293a4b" },
      ],
    },
    one,
  ),
  change("a start in RFC 3339 is read too", { "detail.startTime": "2026-12-03T02:00:00.000Z" }, one),
  change(
    "a scheduled change without a readable start has no deadline",
    { "detail.startTime": "soon" },
    leaving("ScheduledChange", {
      instanceId: "i-0d4e5f60718293a4b",
      cause: "ScheduledMaintenance",
      noticeTime: "2026-11-20T00:00:00Z",
    }),
  ),
  change(
    "a scheduled change without instances",
    { "detail.affectedEntities": [] },
    nothing("ScheduledChange", "NoInstances"),
  ),
  change("another service's maintenance", { "detail.service": "RDS" }, nothing("ScheduledChange", "OtherService")),
  change(
    "a Health event of another category",
    { "detail.eventTypeCategory": "issue" },
    nothing("ScheduledChange", "OtherCategory"),
  ),
  change("a scheduled change that is over", { "detail.statusCode": "closed" }, nothing("ScheduledChange", "Closed")),
  {
    name: "with policy Ignore a scheduled change waits",
    read: readScheduledChange,
    event: "scheduled-change",
    with: { maintenancePolicy: "Ignore" },
    want: nothing("ScheduledChange", "PolicyIgnore"),
  },
  change("entities of the wrong type", { "detail.affectedEntities": "i-0a" }, undefined),
  change("a Health event without a service", { "detail.service": undefined }, undefined),
]);

const inBlock = (instanceId: string): LeavingInstance => ({
  instanceId,
  cause: "ScheduledMaintenance",
  noticeTime: "2026-11-21T10:50:00Z",
  deadlineTime: "2026-11-21T11:00:00Z",
});
const both = leaving("CapacityBlockExpiry", inBlock("i-0a"), inBlock("i-0b"));
const block = (name: string, but: EventCase["but"], want: Trigger | undefined): EventCase => ({
  name,
  read: readBlock,
  event: "capacity-block-expiry",
  ...(but ? { but } : {}),
  want,
});

checkEvents([
  block("a capacity block that ends takes every instance in it, when AWS begins to end them", undefined, both),
  block(
    "a capacity block whose keys are spelt with underscores",
    { detail: { capacity_reservation_id: "cr-0f60718293a4b5c6d", end_date: "2026-11-21T11:30:00Z" } },
    both,
  ),
  block(
    "an empty capacity block",
    { "detail.capacity-reservation-id": "cr-0a" },
    nothing("CapacityBlockExpiry", "NoInstances"),
  ),
  block(
    "a capacity block that is delivered",
    { "detail-type": "Capacity Block Reservation Delivered" },
    nothing("CapacityBlockExpiry", "NotLeaving"),
  ),
  block("a capacity block without an id", { "detail.capacity-reservation-id": undefined }, undefined),
  block("a capacity block whose id is a filter of its own", { "detail.capacity-reservation-id": "*" }, undefined),
]);
