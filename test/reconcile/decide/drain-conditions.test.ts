/** The conditions after a pass: each with a stable reason and a text for people. */
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { ActResult, DrainAction } from "../../../lib/reconcile/decide/action.ts";
import { drainStatus } from "../../../lib/reconcile/decide/drain-status.ts";
import type { DrainView } from "../../../lib/reconcile/decide/drain-view.ts";
import { aPodView, at, quiet, unreadPods, withNode } from "../support/views.ts";

const web = aPodView("web", { claims: ["default/data"] });
const release: DrainAction = { do: "release", because: "Drained" };
const leaving: DrainAction = { do: "wait", because: "PodsLeaving", againSeconds: 30 };
const { hold: _, ...unheld } = quiet;

interface Row {
  readonly name: string;
  readonly seen: DrainView;
  readonly action: DrainAction;
  readonly result?: ActResult;
}
const cond = (row: Omit<Row, "name">, type: string) => {
  const found = drainStatus(row.seen, row.action, row.result ?? {}).conditions.find((one) => one.type === type);
  return found && `${found.status} ${found.reason}${found.message ? `: ${found.message}` : ""}`;
};
const conditionRows: (Row & { type: string; want: string | undefined })[] = [
  {
    name: "Cordoned names the Node",
    seen: quiet,
    action: leaving,
    type: "Cordoned",
    want: "True Cordoned: Node node-1",
  },
  {
    name: "a Node that was cordoned before is said to be",
    seen: withNode({ taint: "found-cordoned" }),
    action: leaving,
    type: "Cordoned",
    want: "True FoundCordoned: Node node-1",
  },
  {
    name: "a cordon that failed is said with its reason",
    seen: withNode({ unschedulable: false }),
    action: { do: "cordon", because: "Leaving" },
    result: { trouble: { reason: "Forbidden", message: "cannot patch nodes", againSeconds: 60 } },
    type: "Cordoned",
    want: "False Forbidden: cannot patch nodes",
  },
  {
    name: "Drained says when the drain began and what holds it up",
    seen: { ...quiet, pods: [web] },
    action: leaving,
    type: "Drained",
    want: `False Draining: Drain not completed yet (started at ${at(1)}):\n* Pod(s) default/web: to be evicted`,
  },
  {
    name: "a pod list that could not be read makes Drained Unknown",
    seen: unreadPods(),
    action: { do: "wait", because: "x", againSeconds: 15 },
    type: "Drained",
    want: "Unknown ApiServerUnreachable: m",
  },
  {
    name: "a release with pods left says which",
    seen: { ...quiet, pods: [web] },
    action: { do: "release", because: "DeadlinePassed" },
    type: "Drained",
    want: "False DeadlinePassed: left to the end of the instance: default/web",
  },
  {
    name: "a release of an empty Node is Drained",
    seen: quiet,
    action: release,
    type: "Drained",
    want: "True Drained",
  },
  {
    name: "after the release Drained keeps its word",
    seen: { ...quiet, status: { ...quiet.status, releaseTime: at(50) } },
    action: leaving,
    type: "Drained",
    want: undefined,
  },
  {
    name: "a paused pool is said",
    seen: { ...quiet, pods: [web], paused: "MachinePool workers" },
    action: { do: "wait", because: "Paused", againSeconds: 60 },
    type: "Drained",
    want: "False Paused: MachinePool workers is paused: nothing is evicted until it is resumed",
  },
  {
    name: "Released waits with the hold's name",
    seen: { ...quiet, pods: [web] },
    action: leaving,
    type: "Released",
    want: "False Held: hook drain of workers",
  },
  {
    name: "Released is said with its reason",
    seen: quiet,
    action: release,
    result: { release: "accepted" },
    type: "Released",
    want: "True Drained: hook drain of workers",
  },
  {
    name: "a hold that was over already is said",
    seen: quiet,
    action: release,
    result: { release: "not-held" },
    type: "Released",
    want: "True Drained: hook drain of workers was over already",
  },
  {
    name: "an instance that is still held after its release is said",
    seen: { ...quiet, status: { ...quiet.status, releaseTime: at(50) } },
    action: { do: "release", because: "StillHeld" },
    result: { release: "not-held" },
    type: "Released",
    want: "False StillHeld: the cloud still holds the instance; told again: hook drain of workers",
  },
  {
    name: "nothing held is said",
    seen: unheld,
    action: release,
    type: "Released",
    want: "True NothingHeld: Drained: nothing has to be told to the cloud",
  },
  {
    name: "a retained instance is said with the call needed",
    seen: { ...quiet, instance: { state: "retained", cloudState: "Retained", advice: "call it off" } },
    action: leaving,
    type: "Released",
    want: "False InstanceRetained: the cloud keeps the instance (Retained): call it off",
  },
  {
    name: "a heartbeat without the right to it is said",
    seen: { ...quiet, heartbeatTrouble: { reason: "CloudDenied", message: "not allowed", againSeconds: 60 } },
    action: leaving,
    type: "Released",
    want: "False CloudDenied: not allowed",
  },
  {
    name: "a hook that the pool does not declare is said",
    seen: {
      ...quiet,
      hold: { names: [], canHeartbeat: true, warning: { reason: "HookNotDeclared", message: "declare it" } },
    },
    action: leaving,
    type: "HoldDeclared",
    want: "False HookNotDeclared: declare it",
  },
  { name: "a hook that is declared says nothing", seen: quiet, action: leaving, type: "HoldDeclared", want: undefined },
  {
    name: "volumes that are waited for are named",
    seen: { ...quiet, attachedClaims: ["default/data"] },
    action: { do: "wait", because: "VolumesAttached", againSeconds: 15 },
    type: "VolumesDetached",
    want: "False VolumesAttached: still attached to the Node: PersistentVolumeClaims: default/data",
  },
  {
    name: "volumes that were given up are named",
    seen: { ...quiet, attachedClaims: ["default/data"] },
    action: release,
    type: "VolumesDetached",
    want: "False GaveUpWaiting: still attached to the Node: PersistentVolumeClaims: default/data",
  },
];
for (const { name, type, want, ...row } of conditionRows) test(name, () => deepStrictEqual(cond(row, type), want));

test("every reason is one CamelCase word", () => {
  for (const { seen, action, result } of conditionRows)
    for (const { reason } of drainStatus(seen, action, result ?? {}).conditions)
      deepStrictEqual(/^[A-Z][A-Za-z]*$/.test(reason), true, reason);
});
