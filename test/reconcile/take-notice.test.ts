/** What comes on the queue of a notice: one look, and where minutes are left a second one behind it. */
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { LeavingInstance } from "../../lib/api/trigger.ts";
import { takeNotice } from "../../lib/reconcile/take-notice.ts";
import { startRig } from "./support/rig.ts";

const cases = [
  { name: "a notice without an end brings one look", wanted: [0] },
  { name: "an end that is far away brings one look", leftSeconds: 1800, wanted: [0] },
  { name: "two minutes bring a second look, in a pass of its own", leftSeconds: 120, wanted: [0, 4] },
  { name: "told again, it brings no third", leftSeconds: 120, times: 2, wanted: [0, 4, 0] },
];
for (const { name, leftSeconds, times = 1, wanted } of cases)
  test(name, async (t) => {
    const rig = await startRig(t);
    const now = rig.clock.now();
    const deadlineTime = new Date(now.getTime() + (leftSeconds ?? 0) * 1000).toISOString();
    const instance: LeavingInstance = {
      ...rig.cloud.beginTermination("i-1"),
      noticeTime: now.toISOString(),
      ...(leftSeconds !== undefined && { deadlineTime }),
    };
    const delays: number[] = [];
    const queue = { again: async (_: object, seconds: number) => void delays.push(seconds), sendAll: async () => {} };
    const reporter = { begin: () => {}, done: () => {}, failed: () => {}, warn: () => {} };
    const site = { world: rig.world, queue, asked: new Map(), reporter };
    for (let time = 0; time < times; time++)
      await takeNotice(site, { kind: "leaving", event: "Test", instances: [instance] });
    deepStrictEqual(delays, wanted);
  });
