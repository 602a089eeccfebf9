/** When the cloud must hear that a hold is still needed. */
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { DrainView } from "../../../lib/reconcile/decide/drain-view.ts";
import { heartbeatDueSeconds, heartbeatIsDue } from "../../../lib/reconcile/decide/heartbeat.ts";
import { at, quiet, seconds } from "../support/views.ts";

const hold = { names: ["h"], heartbeatTimeoutSeconds: 300, maximumSeconds: 30_000, canHeartbeat: true };
const view: DrainView = { ...quiet, hold };
const { hold: _, ...unheld } = quiet;

const cases: { name: string; seen: DrainView; want: number | undefined }[] = [
  { name: "the first heartbeat is due half a timeout after the notice", seen: view, want: 150 },
  {
    name: "the next heartbeat is due half a timeout after the last",
    seen: { ...view, status: { lastHeartbeatTime: at(160) } },
    want: 310,
  },
  {
    name: "a hold that replaced an older one has a timer of its own",
    seen: { ...view, spec: { ...view.spec, noticeTime: at(500) }, status: { lastHeartbeatTime: at(160) } },
    want: 650,
  },
  { name: "without a hold there is no heartbeat", seen: unheld, want: undefined },
  {
    name: "a cloud without the verb gets no heartbeat",
    seen: { ...view, hold: { ...hold, canHeartbeat: false } },
    want: undefined,
  },
  {
    name: "no heartbeat when the timer already reaches the maximum",
    seen: { ...view, status: { lastHeartbeatTime: at(29_800) } },
    want: undefined,
  },
  {
    name: "no heartbeat when the deadline is earlier than the present timer",
    seen: { ...view, spec: { ...view.spec, deadlineTime: at(120) } },
    want: undefined,
  },
  {
    name: "CordonOnly keeps the hold alive beyond a deadline",
    seen: { ...view, spec: { ...view.spec, deadlineTime: at(120), drain: { mode: "CordonOnly" } } },
    want: 150,
  },
  { name: "no heartbeat after the release", seen: { ...view, status: { releaseTime: at(50) } }, want: undefined },
  { name: "no heartbeat after the end", seen: { ...view, status: { finishTime: at(50) } }, want: undefined },
  { name: "no heartbeat for a cancelled drain", seen: { ...view, deleting: true }, want: undefined },
  { name: "a dry run sends no heartbeat", seen: { ...view, spec: { ...view.spec, dryRun: true } }, want: undefined },
  {
    name: "an undeclared timeout is taken for the shortest there is",
    seen: { ...view, hold: { names: ["h"], canHeartbeat: true } },
    want: 15,
  },
];
for (const { name, seen, want } of cases) {
  test(name, () => deepStrictEqual(heartbeatDueSeconds(seen), want === undefined ? undefined : seconds(want)));
}

test("a heartbeat is due at its second, not before", () => {
  deepStrictEqual(heartbeatIsDue({ ...view, nowSeconds: seconds(149.9) }), false);
  deepStrictEqual(heartbeatIsDue({ ...view, nowSeconds: seconds(150) }), true);
});
