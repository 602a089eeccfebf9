/** The CRD of InstanceTermination refuses what would make no sense and names the field. */
import { deepStrictEqual, match, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import type { InstanceTerminationSpec } from "../../lib/api/lifecycle/instance-termination.ts";
import { KubernetesError } from "../../lib/kubernetes/errors.ts";
import { create, holds, patch, spec, status, T0, T1, withDefinition } from "./support/sample-termination.ts";

withDefinition();

/** Refused with a cause that names the field. */
const refuses = (field: string, says?: RegExp) => (error: unknown) => {
  ok(error instanceof KubernetesError, String(error));
  deepStrictEqual([error.kind, error.code], ["invalid", 422], error.message);
  const cause = error.causes.find((one) => one.field === field);
  ok(cause, `no cause names ${field}: ${JSON.stringify(error.causes)}`);
  if (says) match(cause.message ?? "", says);
  return true;
};

const event = (but: object) => ({ hold: { azureScheduledEvent: { ...holds.azureScheduledEvent, ...but } } });
const hooks = (hook: object) => ({ hold: { autoScaling: { groupName: "g", hooks: [{ name: "h", ...hook }] } } });
const refusedSpecs: { name: string; given: object; field: string; says?: RegExp }[] = [
  ...["clusterName", "machinePoolName", "providerID", "cause", "noticeTime"].map((field) => ({
    name: `a spec without ${field}`,
    given: { [field]: undefined },
    field: `spec.${field}`,
    says: /Required value/,
  })),
  ...["clusterName", "machinePoolName", "machineName", "providerID"].map((field) => ({
    name: `an empty ${field}`,
    given: { [field]: "" },
    field: `spec.${field}`,
  })),
  { name: "a cluster's name of 64 letters", given: { clusterName: "a".repeat(64) }, field: "spec.clusterName" },
  { name: "a pool's name of 254 letters", given: { machinePoolName: "a".repeat(254) }, field: "spec.machinePoolName" },
  { name: "a machine's name of 254 letters", given: { machineName: "a".repeat(254) }, field: "spec.machineName" },
  { name: "a providerID of 513 letters", given: { providerID: "a".repeat(513) }, field: "spec.providerID" },
  { name: "an unknown cause", given: { cause: "Boredom" }, field: "spec.cause", says: /Unsupported value: "Boredom"/ },
  { name: "a notice at no time", given: { noticeTime: "yesterday" }, field: "spec.noticeTime" },
  { name: "a deadline at no time", given: { deadlineTime: "soon" }, field: "spec.deadlineTime" },
  {
    name: "a deadline before the notice",
    given: { deadlineTime: "2026-11-25T09:59:59Z" },
    field: "spec",
    says: /deadlineTime must not lie before noticeTime/,
  },
  {
    name: "a deadline before the notice across time zones",
    given: { deadlineTime: "2026-11-25T11:59:59+02:00" },
    field: "spec",
    says: /must not lie before/,
  },
  { name: "a hold of nothing", given: { hold: {} }, field: "spec.hold" },
  { name: "a hold of another cloud's name", given: { hold: { other: {} } }, field: "spec.hold" },
  {
    name: "a hold without its group",
    given: { hold: { autoScaling: { hooks: [{ name: "h" }] } } },
    field: "spec.hold.autoScaling.groupName",
  },
  {
    name: "a hold with an empty group",
    given: { hold: { autoScaling: { groupName: "", hooks: [{ name: "h" }] } } },
    field: "spec.hold.autoScaling.groupName",
  },
  {
    name: "a hold without hooks",
    given: { hold: { autoScaling: { groupName: "g" } } },
    field: "spec.hold.autoScaling.hooks",
  },
  {
    name: "a hold with no hook",
    given: { hold: { autoScaling: { groupName: "g", hooks: [] } } },
    field: "spec.hold.autoScaling.hooks",
  },
  {
    name: "51 hooks",
    given: {
      hold: { autoScaling: { groupName: "g", hooks: Array.from({ length: 51 }, (_, i) => ({ name: `h${i}` })) } },
    },
    field: "spec.hold.autoScaling.hooks",
  },
  {
    name: "two hooks of one name",
    given: { hold: { autoScaling: { groupName: "g", hooks: [{ name: "h" }, { name: "h" }] } } },
    field: "spec.hold.autoScaling.hooks[1]",
    says: /Duplicate value/,
  },
  { name: "two holds at once", given: { hold: holds }, field: "spec.hold" },
  {
    name: "a scheduled event without its id",
    given: event({ eventId: undefined }),
    field: "spec.hold.azureScheduledEvent.eventId",
  },
  {
    name: "a scheduled event of no known type",
    given: event({ eventType: "Party" }),
    field: "spec.hold.azureScheduledEvent.eventType",
  },
  {
    name: "a scheduled event that nothing hangs on",
    given: event({ resourceId: "" }),
    field: "spec.hold.azureScheduledEvent.resourceId",
  },
  {
    name: "a scheduled event of no machine",
    given: event({ machines: [] }),
    field: "spec.hold.azureScheduledEvent.machines",
  },
  {
    name: "a scheduled event that names a machine twice",
    given: event({ machines: ["w_4", "w_4"] }),
    field: "spec.hold.azureScheduledEvent.machines[1]",
  },
  {
    name: "a scheduled event at no time",
    given: event({ notBefore: "soon" }),
    field: "spec.hold.azureScheduledEvent.notBefore",
  },
  { name: "a hook without a name", given: hooks({ name: undefined }), field: "spec.hold.autoScaling.hooks[0].name" },
  { name: "an empty token", given: hooks({ token: "" }), field: "spec.hold.autoScaling.hooks[0].token" },
  {
    name: "a heartbeat below 30 s",
    given: hooks({ heartbeatTimeoutSeconds: 29 }),
    field: "spec.hold.autoScaling.hooks[0].heartbeatTimeoutSeconds",
  },
  {
    name: "a heartbeat above 2 h",
    given: hooks({ heartbeatTimeoutSeconds: 7201 }),
    field: "spec.hold.autoScaling.hooks[0].heartbeatTimeoutSeconds",
  },
  { name: "an unknown mode", given: { drain: { mode: "drain" } }, field: "spec.drain.mode" },
  { name: "an unknown onDeadline", given: { drain: { onDeadline: "Keep" } }, field: "spec.drain.onDeadline" },
  ...["timeoutSeconds", "volumeDetachTimeoutSeconds", "waitBeforeReleaseSeconds"].flatMap((field) => [
    { name: `a negative ${field}`, given: { drain: { [field]: -1 } }, field: `spec.drain.${field}` },
    { name: `a ${field} in words`, given: { drain: { [field]: "5m" } }, field: `spec.drain.${field}` },
  ]),
  { name: "a dryRun in words", given: { dryRun: "yes" }, field: "spec.dryRun" },
];
for (const { name, given, field, says } of refusedSpecs) {
  test(`${name} is refused`, () => rejects(create(given), refuses(field, says)));
}

const refusedChanges: { name: string; change: object; field: string; says: RegExp }[] = [
  {
    name: "another cluster",
    change: { clusterName: "other" },
    field: "spec.clusterName",
    says: /clusterName is immutable/,
  },
  {
    name: "another pool",
    change: { machinePoolName: "other" },
    field: "spec.machinePoolName",
    says: /machinePoolName is immutable/,
  },
  {
    name: "another instance",
    change: { providerID: "aws:///b/i-1" },
    field: "spec.providerID",
    says: /providerID is immutable/,
  },
  {
    name: "another machine",
    change: { machineName: "other" },
    field: "spec.machineName",
    says: /machineName is immutable/,
  },
  {
    name: "no machine any more",
    change: { machineName: null },
    field: "spec",
    says: /machineName must not be removed/,
  },
  {
    name: "a later deadline",
    change: { deadlineTime: "2026-11-25T10:02:01Z" },
    field: "spec.deadlineTime",
    says: /may only be brought forward/,
  },
  {
    name: "no deadline any more",
    change: { deadlineTime: null },
    field: "spec",
    says: /deadlineTime must not be removed/,
  },
];
for (const { name, change, field, says } of refusedChanges) {
  test(`a change to ${name} is refused`, async () =>
    rejects(patch(await create(), { spec: change }), refuses(field, says)));
}

const allowedChanges: { name: string; first: object; change: object }[] = [
  { name: "a deadline that comes first", first: { deadlineTime: undefined }, change: { deadlineTime: T1 } },
  { name: "an earlier deadline", first: {}, change: { deadlineTime: "2026-11-25T10:01:59Z" } },
  { name: "the same deadline in another time zone", first: {}, change: { deadlineTime: "2026-11-25T12:02:00+02:00" } },
  { name: "a deadline with the notice", first: {}, change: { deadlineTime: T0 } },
  { name: "a machine that is found later", first: { machineName: undefined }, change: { machineName: "m" } },
  { name: "a hold that comes later", first: { hold: undefined }, change: { hold: spec.hold } },
  {
    name: "a second hook",
    first: {},
    change: {
      hold: { autoScaling: { groupName: "workers", hooks: [...holds.autoScaling.hooks, { name: "second" }] } },
    },
  },
  { name: "another cause", first: {}, change: { cause: "ScaleIn" } },
  { name: "the end of a dry run", first: { dryRun: true }, change: { dryRun: false } },
  {
    name: "other wishes for the drain",
    first: { drain: undefined },
    change: { drain: { mode: "CordonOnly", onDeadline: "Delete" } },
  },
];
for (const { name, first, change } of allowedChanges) {
  test(`a change to ${name} is accepted`, async () => {
    const changed = await patch(await create(first), { spec: change });
    for (const [field, value] of Object.entries(change)) {
      deepStrictEqual(changed.spec[field as keyof InstanceTerminationSpec], value);
    }
  });
}

const condition = status.conditions[0];
const refusedStatuses: { name: string; given: object; field: string }[] = [
  { name: "an unknown phase", given: { phase: "Done" }, field: "status.phase" },
  { name: "a Node without a uid", given: { nodeRef: { name: "n" } }, field: "status.nodeRef.uid" },
  { name: "a Node without a name", given: { nodeRef: { name: "", uid: "u" } }, field: "status.nodeRef.name" },
  { name: "counts that are not whole", given: { pods: { total: 1 } }, field: "status.pods.evicted" },
  {
    name: "a negative count",
    given: { pods: { total: 1, evicted: 0, remaining: -1 } },
    field: "status.pods.remaining",
  },
  {
    name: "a pod that waits without a reason",
    given: { waitingFor: [{ pod: "a/b", reason: "", message: "" }] },
    field: "status.waitingFor[0].reason",
  },
  { name: "a retry at no time", given: { retryTimes: { u: "later" } }, field: "status.retryTimes.u" },
  { name: "an empty claim", given: { drainedClaims: [""] }, field: "status.drainedClaims[0]" },
  { name: "an empty plan", given: { plan: [""] }, field: "status.plan[0]" },
  {
    name: "a condition whose reason is a sentence",
    given: { conditions: [{ ...condition, reason: "no words" }] },
    field: "status.conditions[0].reason",
  },
  {
    name: "a condition that is true, in small letters",
    given: { conditions: [{ ...condition, status: "true" }] },
    field: "status.conditions[0].status",
  },
  {
    name: "a condition without a time",
    given: { conditions: [{ ...condition, lastTransitionTime: undefined }] },
    field: "status.conditions[0].lastTransitionTime",
  },
  { name: "two conditions of one type", given: { conditions: [condition, condition] }, field: "status.conditions[1]" },
  { name: "a negative generation", given: { observedGeneration: -1 }, field: "status.observedGeneration" },
  ...["drainStartTime", "volumeWaitStartTime", "lastHeartbeatTime", "releaseTime", "finishTime", "nextLookTime"].map(
    (field) => ({
      name: `a ${field} at no time`,
      given: { [field]: "now" },
      field: `status.${field}`,
    }),
  ),
];
for (const { name, given, field } of refusedStatuses) {
  test(`${name} is refused`, async () => rejects(patch(await create(), { status: given }, "status"), refuses(field)));
}
