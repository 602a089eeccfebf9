/** What an Event Grid subscription lets through, by type and by what stands in the event. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { GridEvent } from "../../../../infra/local/azure/event-grid.ts";
import { passes, type Subscriber } from "../../../../infra/local/host/azure/event-subscription.ts";

const event: GridEvent = {
  id: "1",
  topic: "/subscriptions/s",
  subject: "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachineScaleSets/a",
  eventType: "Microsoft.Resources.ResourceWriteSuccess",
  eventTime: "2026-11-20T08:00:00.0000000Z",
  dataVersion: "1",
  metadataVersion: "1",
  data: { operationName: "Microsoft.Compute/virtualMachineScaleSets/write" },
};
const begins = (key: string, ...values: string[]) => [{ key, operator: "StringBeginsWith" as const, values }];

const rows: { name: string; wants: Omit<Subscriber["wants"], "minutes" | "topic">; passes: boolean }[] = [
  { name: "no type and no filter lets everything through", wants: { types: [], filters: [] }, passes: true },
  {
    name: "a type counts in any case",
    wants: { types: ["microsoft.resources.resourcewritesuccess"], filters: [] },
    passes: true,
  },
  {
    name: "another type does not",
    wants: { types: ["Microsoft.Resources.ResourceDeleteSuccess"], filters: [] },
    passes: false,
  },
  {
    name: "a filter looks at what stands in the event",
    wants: { types: [], filters: begins("data.operationName", "microsoft.storage", "MICROSOFT.COMPUTE") },
    passes: true,
  },
  {
    name: "of several filters each must hold",
    wants: { types: [], filters: [...begins("data.operationName", "Microsoft.Compute"), ...begins("data.none", "x")] },
    passes: false,
  },
];
for (const { name, wants, passes: want } of rows)
  test(name, () => assert.equal(passes(event, { topic: "resources", ...wants, minutes: 15 }), want));

test("a topic has its own events only, in whatever spelling", () => {
  const everything = { types: [], filters: [], minutes: 15 };
  const of = (eventType: string, topic: Subscriber["wants"]["topic"]) =>
    passes({ ...event, eventType }, { ...everything, topic });
  const spellings = [
    "Microsoft.ResourceNotifications.MaintenanceResources.ScheduledEventEmitted",
    "microsoft.maintenance/scheduledevents/write",
    "Microsoft.Maintenance.ScheduledEvents",
  ];
  for (const spelling of spellings)
    assert.deepEqual([of(spelling, "maintenance"), of(spelling, "resources")], [true, false]);
  assert.equal(of(event.eventType, "maintenance"), false);
  assert.equal(of("Microsoft.ResourceNotifications.HealthResources.ResourceAnnotated", "health"), true);
});
