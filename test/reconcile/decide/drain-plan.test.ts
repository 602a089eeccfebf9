/** What a dry run says it would do. */
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import { drainPlan } from "../../../lib/reconcile/decide/drain-plan.ts";
import type { DrainView } from "../../../lib/reconcile/decide/drain-view.ts";
import { aPodView, at, ordered, quiet } from "../support/views.ts";

const { hold: _, ...unheld } = quiet;
const END = "release hook drain of workers";
const MAXIMUM = `stop waiting at ${at(29_990)} (HoldMaximum)`;
const pods = [
  aPodView("web", { claims: ["default/data"] }),
  aPodView("dns", { critical: true }),
  aPodView("first", ordered(-2)),
  aPodView("job", ordered(0, "WaitCompleted")),
  aPodView("agent", ordered(0, "Skip")),
  aPodView("naked", {
    verdict: { behavior: "Drain", order: 0, because: "Default", warnings: ["no controller will replace it"] },
  }),
];
const cases: { name: string; seen: DrainView; want: readonly string[] }[] = [
  {
    name: "tiers, waits and the end are told in order",
    seen: { ...quiet, pods, limits: { drainSeconds: 60 } },
    want: [
      "cordon Node node-1",
      "evict 1 pods of order -2: default/first",
      "evict 2 pods of order 0: default/naked, default/web",
      "evict 1 pods of order 0, system-critical: default/dns",
      "wait for the completion of default/job",
      "leave 1 pods alone: default/agent",
      "note that default/naked: no controller will replace it",
      MAXIMUM,
      "stop waiting 60 s after the cordon (DrainTimeout)",
      "wait until the volumes of default/data are detached",
      END,
    ],
  },
  {
    name: "an opt-out is told",
    seen: { ...quiet, excluded: "Node node-1" },
    want: ["not drain: Node node-1 asks so", END],
  },
  {
    name: "a missing Node is told",
    seen: { ...quiet, node: { seen: "missing" } },
    want: ["wait for the Node, which is not there", END],
  },
  {
    name: "CordonOnly is told",
    seen: { ...quiet, spec: { ...quiet.spec, drain: { mode: "CordonOnly" } } },
    want: ["cordon Node node-1", "evict nothing and release nothing"],
  },
  {
    name: "nothing held is told",
    seen: unheld,
    want: ["cordon Node node-1", "tell the cloud nothing: it holds nothing"],
  },
  {
    name: "trouble is told",
    seen: { ...quiet, trouble: { reason: "Forbidden", message: "no right", againSeconds: 60 } },
    want: ["look again: no right"],
  },
];
for (const { name, seen, want } of cases) test(name, () => deepStrictEqual(drainPlan(seen), want));
