/** What a machine and the scheduled event that holds it mean: the event's own word counts, until we have agreed to it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Held, heldState, machineState } from "../../../lib/providers/azure/machine-state.ts";

const notBefore = "2026-11-20T08:05:00Z";
const event = { eventId: "E1", resourceId: "/set", eventType: "Terminate", notBefore, machines: ["workers_1"] };
const seen = (status: string) => ({
  eventId: "E1",
  type: "Terminate" as const,
  status,
  resourceId: "/set",
  machines: ["workers_1"],
});
const quiet: Held = {
  event,
  seen: seen("Scheduled"),
  noticeTime: "2026-11-20T08:00:00Z",
  now: new Date("2026-11-20T08:01:00Z"),
};
const late = new Date("2026-11-20T08:03:00Z");

const rows: { readonly name: string; readonly held: Held; readonly machine?: "gone"; readonly want: string }[] = [
  { name: "an event that waits holds its machine", held: quiet, want: "held" },
  { name: "one that has begun takes it", held: { ...quiet, seen: seen("Started") }, want: "leaving" },
  { name: "one that is over leaves it", held: { ...quiet, seen: seen("Canceled") }, want: "running" },
  { name: "one that nobody shows yet holds it", held: { ...quiet, seen: undefined }, want: "held" },
  { name: "one that nobody shows any more does not", held: { ...quiet, seen: undefined, now: late }, want: "running" },
  {
    name: "one that we agreed to, and that still seems to wait, holds nothing",
    held: { ...quiet, released: true },
    want: "leaving",
  },
  {
    name: "one that we agreed to before anybody showed it holds nothing",
    held: { ...quiet, seen: undefined, released: true },
    want: "leaving",
  },
  { name: "a shell without a host waits for our word too", held: quiet, machine: "gone", want: "held" },
  {
    name: "of a shell nothing is believed that nobody shows",
    held: { ...quiet, seen: undefined },
    machine: "gone",
    want: "gone",
  },
  { name: "a shell whose end we agreed to is gone", held: { ...quiet, released: true }, machine: "gone", want: "gone" },
  {
    name: "one that was canceled although we agreed leaves it",
    held: { ...quiet, seen: seen("Canceled"), released: true },
    want: "running",
  },
];
for (const { name, held, machine = "running", want } of rows)
  test(name, () => {
    assert.equal(heldState({ state: machine, cloudState: "as Azure spells it" }, held).state, want);
  });

for (const { name, eventType, machine, want } of [
  { name: "maintenance gives its machine back", eventType: "Redeploy", machine: "running", want: true },
  { name: "not one that is deleted besides", eventType: "Redeploy", machine: "leaving", want: undefined },
  { name: "a termination gives none back", eventType: "Terminate", machine: "running", want: undefined },
] as const)
  test(name, () => {
    const held = { ...quiet, event: { ...event, eventType }, seen: seen("Started"), released: true };
    const { state, comesBack } = heldState({ state: machine, cloudState: "as Azure spells it" }, held);
    assert.deepEqual([state, comesBack], ["leaving", want]);
  });

const shell = { provisioningState: "Succeeded", powerState: "deallocated" };
for (const [name, removal, want] of [
  ["a machine without a host is gone: its Node is", false, "gone"],
  ["for whoever takes it out it is there until it is deleted", true, "running"],
] as const)
  test(name, () => {
    assert.equal(machineState(shell as Parameters<typeof machineState>[0], removal).state, want);
  });

test("a machine without a host may be started again, one that Azure does not know may not", () => {
  assert.equal(machineState(shell as Parameters<typeof machineState>[0]).mayReturn, true);
  assert.equal(machineState(undefined).mayReturn, undefined);
});
