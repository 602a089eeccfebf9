/** Hooks of a Machine's deletion: whose they are, what they hold up, and what waits for nobody. */
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { deletionHooksOf, PRE_DRAIN_HOOK, PRE_TERMINATE_HOOK } from "../../../lib/reconcile/decide/deletion-hooks.ts";
import { nextDrainAction } from "../../../lib/reconcile/decide/drain-action.ts";
import type { DrainView } from "../../../lib/reconcile/decide/drain-view.ts";
import { aMachine, aMachinePool, aTermination } from "../../support/builders.ts";
import { aPodView, at, quiet, unreadPods, withNode } from "../support/views.ts";

const DRAIN = "pre-drain.delete.hook.machine.cluster.x-k8s.io/storage";
const TERMINATE = "pre-terminate.delete.hook.machine.cluster.x-k8s.io/backup";
const annotations = { [TERMINATE]: "", [DRAIN]: "team-storage", "example.com/other": "" };

test("hooks are the Machine's; where there is none, the pool's", () => {
  const both = { drain: [DRAIN], terminate: [TERMINATE] };
  const none = { drain: [], terminate: [] };
  const pool = aMachinePool({ annotations });
  deepStrictEqual(deletionHooksOf({ pool, machine: aMachine({ annotations }) }), both);
  deepStrictEqual(deletionHooksOf({ pool, machine: aMachine() }), none);
  deepStrictEqual(deletionHooksOf({ pool }), both);
  deepStrictEqual(deletionHooksOf({}), none);
});

const { hold: _hold, ...unheld } = quiet;
const removal: DrainView = { ...unheld, spec: aTermination({ cause: "ScaleIn", removal: { decrement: true } }).spec };
const drain = { drain: [DRAIN], terminate: [] };
const terminate = { drain: [], terminate: [TERMINATE] };
const beginning = withNode({ unschedulable: false }, { ...removal, status: {}, pods: [aPodView("web")] });

const cases: { name: string; view: DrainView; want: string }[] = [
  { name: "without hooks the Node is cordoned", view: beginning, want: "cordon Leaving" },
  {
    name: "a pre-drain hook comes before the cordon",
    view: { ...beginning, hooks: drain },
    want: `wait ${PRE_DRAIN_HOOK}`,
  },
  {
    name: "one that is set later keeps the next evictions off",
    view: { ...removal, pods: [aPodView("web")], hooks: drain },
    want: `wait ${PRE_DRAIN_HOOK}`,
  },
  {
    name: "a pre-drain hook keeps off what is excluded from draining, too",
    view: { ...beginning, hooks: drain, excluded: "Machine workers-x" },
    want: `wait ${PRE_DRAIN_HOOK}`,
  },
  {
    name: "a Node that is not there has no drain to keep off",
    view: { ...removal, node: { seen: "gone" }, hooks: drain },
    want: "release NodeGone",
  },
  {
    name: "past the deadline nothing is left to drain",
    view: { ...removal, spec: { ...removal.spec, deadlineTime: at(0) }, hooks: drain },
    want: "release Drained",
  },
  {
    name: "a pre-terminate hook keeps nobody from being drained",
    view: { ...removal, pods: [aPodView("web")], hooks: terminate },
    want: "evict Draining",
  },
  {
    name: "a pre-terminate hook comes before the end of the instance",
    view: { ...removal, hooks: terminate },
    want: `wait ${PRE_TERMINATE_HOOK}`,
  },
  {
    name: "whether or not there was a drain",
    view: { ...removal, excluded: "Machine workers-x", hooks: terminate, pods: [aPodView("web")] },
    want: `wait ${PRE_TERMINATE_HOOK}`,
  },
  {
    name: "and though the deadline has passed and the cluster cannot be read",
    view: {
      ...unreadPods(),
      hooks: terminate,
      spec: { ...removal.spec, deadlineTime: at(0) },
    },
    want: `wait ${PRE_TERMINATE_HOOK}`,
  },
  {
    name: "what the cloud itself takes waits for nobody",
    view: { ...quiet, hooks: { ...drain, ...terminate } },
    want: "release Drained",
  },
  {
    name: "nor does what was chosen by us and is interrupted by the cloud",
    view: { ...removal, spec: { ...removal.spec, cause: "SpotInterruption" }, hooks: terminate },
    want: "release Drained",
  },
];
for (const { name, view, want } of cases)
  test(name, () => {
    const { do: what, because } = nextDrainAction(view);
    strictEqual(`${what} ${because}`, want);
  });
