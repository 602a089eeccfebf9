/** Hints: what happens to scale sets and machines through ARM, and what their health says. */
import { readHealthChanges, readResourceChanges } from "../../../../lib/providers/azure/events/index.ts";
import { checkEvents, nothing } from "./event-case.ts";

const GROUP = "edge-pools/edge-mp-0";
const changedGroup = { kind: "group", event: "ResourceChange", groupName: GROUP } as const;
const read = readResourceChanges;

checkEvents([
  { name: "a scale set that was written is its pool's business", read, event: "scale-set-written", want: changedGroup },
  { name: "a write that failed as well", read, event: "scale-set-write-failed", want: changedGroup },
  { name: "a scale set that was deleted as well", read, event: "scale-set-deleted", want: changedGroup },
  {
    name: "instances deleted by name, as a CloudEvent: ARM does not say which",
    read,
    event: "instances-deleted-by-name",
    want: changedGroup,
  },
  {
    name: "a Uniform instance that was deleted: its record and its pool, the group in capitals",
    read,
    event: "uniform-instance-deleted",
    want: { kind: "look", event: "ResourceChange", instanceIds: ["edge-mp-0_4"], groupName: GROUP },
  },
  {
    name: "a Flexible machine that was deleted: its record, and the pool that its name tells of",
    read,
    event: "flexible-machine-deleted",
    want: {
      kind: "look",
      event: "ResourceChange",
      instanceIds: ["edge-flex_4f2a9c1d"],
      groupName: "edge-pools/edge-flex",
    },
  },
  {
    name: "a Flexible machine that was written is its pool's business",
    read,
    event: "flexible-machine-deleted",
    but: { eventType: "Microsoft.Resources.ResourceWriteSuccess" },
    want: { kind: "group", event: "ResourceChange", groupName: "edge-pools/edge-flex" },
  },
  {
    name: "a machine of another name that was written is nobody's",
    read,
    event: "flexible-machine-deleted",
    but: {
      eventType: "Microsoft.Resources.ResourceWriteSuccess",
      subject:
        "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/edge-pools/providers/Microsoft.Compute/virtualMachines/bastion",
    },
    want: nothing("ResourceChange", "NoScaleSet"),
  },
  {
    name: "another resource is counted",
    read,
    event: "scale-set-written",
    but: {
      subject:
        "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/edge/providers/Microsoft.Network/virtualNetworks/edge",
    },
    want: nothing("ResourceChange", "OtherResource"),
  },
  {
    name: "a change without an operation is malformed",
    read,
    event: "scale-set-written",
    but: { "data.operationName": undefined },
    want: undefined,
  },
  { name: "a scheduled event is no change", read, event: "terminate-scheduled", want: undefined },
  {
    name: "a machine that became unavailable is looked at",
    read: readHealthChanges,
    event: "availability-status-changed",
    want: { kind: "look", event: "HealthChange", instanceIds: ["edge-flex_4f2a9c1d"] },
  },
  {
    name: "a Spot machine that was reclaimed is looked at, and so is its pool",
    read: readHealthChanges,
    event: "resource-annotated",
    want: { kind: "look", event: "HealthChange", instanceIds: ["edge-mp-0_4"], groupName: GROUP },
  },
  {
    name: "the health of another resource is counted",
    read: readHealthChanges,
    event: "availability-status-changed",
    but: {
      "data.resourceInfo.properties.targetResourceId":
        "/subscriptions/1/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/s",
    },
    want: nothing("HealthChange", "OtherResource"),
  },
  {
    name: "a health event without a target is malformed",
    read: readHealthChanges,
    event: "availability-status-changed",
    but: { "data.resourceInfo.properties.targetResourceId": undefined },
    want: undefined,
  },
]);
