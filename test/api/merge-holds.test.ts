/** Several notices for one instance become one hold. */
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { AutoScalingHook, AzureScheduledEvent, Hold } from "../../lib/api/lifecycle/hold.ts";
import { holdsAnew, mergeHolds } from "../../lib/api/lifecycle/merge-holds.ts";

const hold = (groupName: string, ...hooks: AutoScalingHook[]): Hold => ({ autoScaling: { groupName, hooks } });
const event = (eventId: string, more: Partial<AzureScheduledEvent> = {}): Hold => ({
  azureScheduledEvent: {
    eventId,
    resourceId: "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachineScaleSets/w",
    eventType: "Redeploy",
    notBefore: "2026-11-20T10:15:00Z",
    machines: ["w_4"],
    ...more,
  },
});
const terminate = event("t", { eventType: "Terminate", notBefore: "2026-11-20T10:05:00Z" });

const cases: { name: string; before?: Hold; notice: Hold; want: Hold }[] = [
  {
    name: "the first hold stands, sorted by hook",
    notice: hold("g", { name: "b" }, { name: "a" }),
    want: hold("g", { name: "a" }, { name: "b" }),
  },
  {
    name: "another hook joins",
    before: hold("g", { name: "a", token: "1" }),
    notice: hold("g", { name: "b", token: "2" }),
    want: hold("g", { name: "a", token: "1" }, { name: "b", token: "2" }),
  },
  {
    name: "a new token replaces the old",
    before: hold("g", { name: "a", token: "1" }),
    notice: hold("g", { name: "a", token: "2" }),
    want: hold("g", { name: "a", token: "2" }),
  },
  {
    name: "what a later notice does not know is not forgotten",
    before: hold("g", { name: "a", token: "1", heartbeatTimeoutSeconds: 300 }),
    notice: hold("g", { name: "a" }),
    want: hold("g", { name: "a", token: "1", heartbeatTimeoutSeconds: 300 }),
  },
  {
    name: "a hold of another group replaces the whole",
    before: hold("g", { name: "a" }),
    notice: hold("h", { name: "b" }),
    want: hold("h", { name: "b" }),
  },
  {
    name: "a hold of nothing changes nothing",
    before: hold("g", { name: "a" }),
    notice: {},
    want: hold("g", { name: "a" }),
  },
  {
    name: "a scheduled event stands, its machines sorted",
    notice: event("e", { machines: ["w_5", "w_4"] }),
    want: event("e", { machines: ["w_4", "w_5"] }),
  },
  { name: "the same event told again is the same hold", before: event("e"), notice: event("e"), want: event("e") },
  { name: "the end of a machine replaces its maintenance", before: event("e"), notice: terminate, want: terminate },
  { name: "its maintenance does not replace its end", before: terminate, notice: event("e"), want: terminate },
  {
    name: "of two maintenances the one that comes first counts",
    before: event("e"),
    notice: event("f", { notBefore: "2026-11-20T11:00:00Z" }),
    want: event("e"),
  },
  {
    name: "a maintenance that comes before the one that is known counts",
    before: event("f", { notBefore: "2026-11-20T11:00:00Z" }),
    notice: event("e"),
    want: event("e"),
  },
  {
    name: "an end that was planned anew is not undone by an echo of the first",
    before: event("u", { eventType: "Terminate", notBefore: "2026-11-20T11:00:00Z" }),
    notice: terminate,
    want: event("u", { eventType: "Terminate", notBefore: "2026-11-20T11:00:00Z" }),
  },
];
for (const { name, before, notice, want } of cases) test(name, () => deepStrictEqual(mergeHolds(before, notice), want));

const news: { name: string; before?: Hold; notice: Hold; want: boolean }[] = [
  {
    name: "a hook that nobody knows holds anew",
    before: hold("g", { name: "a" }),
    notice: hold("g", { name: "b" }),
    want: true,
  },
  {
    name: "a hook that is known does not, whatever its token",
    before: hold("g", { name: "a", token: "1" }),
    notice: hold("g", { name: "a" }),
    want: false,
  },
  { name: "the first scheduled event holds anew", notice: event("e"), want: true },
  { name: "a scheduled event that is known does not", before: event("e"), notice: event("e"), want: false },
  { name: "a maintenance beside the end does not", before: terminate, notice: event("e"), want: false },
  { name: "the end beside a maintenance does", before: event("e"), notice: terminate, want: true },
  { name: "nothing holds nothing", notice: {}, want: false },
];
for (const { name, before, notice, want } of news) test(name, () => deepStrictEqual(holdsAnew(before, notice), want));
