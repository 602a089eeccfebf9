/** Until when a drain may take its time. */
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import { deadlineOf, drainTimeoutSeconds } from "../../../lib/reconcile/decide/deadline.ts";
import type { DrainView } from "../../../lib/reconcile/decide/drain-view.ts";
import { at, quiet, seconds } from "../support/views.ts";

const { hold: _, ...unheld } = quiet;
const held = (hold: Partial<NonNullable<DrainView["hold"]>>): DrainView => ({
  ...unheld,
  hold: { names: [], canHeartbeat: true, ...hold },
});

const cases: { name: string; seen: DrainView; want: [number, string] | undefined }[] = [
  { name: "no deadline and no hold: no limit", seen: unheld, want: undefined },
  {
    name: "a Spot notice ends two minutes after it, less the safety margin",
    seen: { ...unheld, spec: { ...unheld.spec, cause: "SpotInterruption", deadlineTime: at(120) } },
    want: [110, "CloudDeadline"],
  },
  {
    name: "a hold ends at its maximum, less the safety margin, heartbeats or not",
    seen: held({ heartbeatTimeoutSeconds: 30, maximumSeconds: 3000 }),
    want: [2990, "HoldMaximum"],
  },
  {
    name: "a hold that cannot be kept alive ends with its first timer",
    seen: held({ heartbeatTimeoutSeconds: 300, maximumSeconds: 3000, canHeartbeat: false }),
    want: [290, "HoldTimeout"],
  },
  {
    name: "the pool's drain timeout runs from the drain's start",
    seen: { ...unheld, limits: { drainSeconds: 600 } },
    want: [601, "DrainTimeout"],
  },
  {
    name: "before the drain's start the timeout runs from now",
    seen: { ...unheld, status: {}, limits: { drainSeconds: 600 } },
    want: [660, "DrainTimeout"],
  },
  {
    name: "the earliest of policy drain timeout and hold maximum counts",
    seen: { ...held({ maximumSeconds: 3000 }), limits: { drainSeconds: 600 } },
    want: [601, "DrainTimeout"],
  },
  {
    name: "the cloud's deadline wins over a longer drain timeout",
    seen: { ...unheld, spec: { ...unheld.spec, deadlineTime: at(120) }, limits: { drainSeconds: 600 } },
    want: [110, "CloudDeadline"],
  },
];
for (const { name, seen, want } of cases) {
  test(name, () => {
    const expected = want && { atSeconds: seconds(want[0]), because: want[1] };
    deepStrictEqual(deadlineOf(seen), expected);
  });
}

const timeouts: { name: string; own?: number; pool?: number; want: number | undefined }[] = [
  { name: "the record's own drain timeout wins over the pool's", own: 20, pool: 600, want: 20 },
  { name: "a drain timeout of 0 is no limit, as in Cluster API", pool: 0, want: undefined },
  { name: "an own drain timeout of 0 leaves the pool's in force", own: 0, pool: 600, want: 600 },
];
for (const { name, own, pool, want } of timeouts) {
  test(name, () => {
    const spec = { ...quiet.spec, ...(own !== undefined && { drain: { timeoutSeconds: own } }) };
    deepStrictEqual(drainTimeoutSeconds({ spec, limits: pool === undefined ? {} : { drainSeconds: pool } }), want);
  });
}
