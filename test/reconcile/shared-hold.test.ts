/** Holds that hold several instances, and holds that take no heartbeat: nobody is let go too early, nobody waits in vain. */
import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { PAUSED_ANNOTATION } from "../../lib/api/core/labels.ts";
import { pods } from "../../lib/api/kubernetes/pod.ts";
import { type InstanceTermination, instanceTerminations } from "../../lib/api/lifecycle/instance-termination.ts";
import type { TerminationProvider } from "../../lib/providers/provider.ts";
import { drainStep } from "../../lib/reconcile/drain-step.ts";
import { recordLeaving } from "../../lib/reconcile/notice-step.ts";
import { aPod, NAMESPACE, POOL } from "../support/builders.ts";
import { KEY, type Rig, startRig } from "./support/rig.ts";

const OTHER = { ...KEY, name: `${POOL}-i-2` };
const at = { namespace: NAMESPACE, name: OTHER.name };

const withProvider = (rig: Rig, more: Partial<TerminationProvider>): Rig => ({
  ...rig,
  world: { ...rig.world, provider: { ...rig.world.provider, ...more } },
});
const releases = ({ cloud }: Rig): number => cloud.calls.filter(({ operation }) => operation === "release").length;

/** i-1 is empty; one hold holds it and i-2. */
async function sharing(t: TestContext): Promise<Rig> {
  const rig = await startRig(t);
  const terms: TerminationProvider["terms"] = (hold) => ({
    ...rig.cloud.provider.terms(hold),
    sharedBy: ["i-1", "i-2"],
  });
  await recordLeaving(rig.world, rig.cloud.beginTermination("i-1"));
  return withProvider(rig, { terms });
}
const other = async (rig: Rig, status: object): Promise<void> => {
  const first = await rig.termination();
  const labels = { ...first?.metadata.labels, "lifecycle.cluster.x-k8s.io/instance": "i-2" };
  const { spec } = first as InstanceTermination;
  const { apiVersion, kind } = instanceTerminations;
  const object = { apiVersion, kind, metadata: { ...at, labels }, spec: { ...spec, providerID: "memory:///g/i-2" } };
  await rig.create("management", instanceTerminations, object);
  await rig.management.patch(instanceTerminations, at, { type: "merge", body: { status } }, "status");
};
const passes = async (rig: Rig, count: number): Promise<readonly string[]> => {
  const said: string[] = [];
  for (let left = count; left > 0; left--) {
    rig.clock.advance(6);
    const { did, because, againSeconds } = await drainStep(rig.world, KEY);
    said.push(`${did} ${because} ${againSeconds ?? "-"}`);
  }
  return said;
};

test("an instance under a shared hold waits for the others, one that nobody has recorded yet included", async (t) => {
  const rig = await sharing(t);
  deepStrictEqual((await passes(rig, 2)).slice(1), ["waited SharedHold 10"]);
  const released = (await rig.termination())?.status?.conditions?.find(({ type }) => type === "Released");
  strictEqual(released?.status, "False");
  strictEqual(released.reason, "SharedHold");
  match(released.message ?? "", /not drained yet: i-2/);
  await other(rig, { phase: "Draining" });
  // The look that was promised is still to come: no second one is asked for.
  deepStrictEqual(await passes(rig, 2), ["waited SharedHold -", "waited SharedHold 10"]);
  strictEqual(releases(rig), 0);
});

test("the last one that is ready releases for all", async (t) => {
  const rig = await sharing(t);
  await other(rig, { phase: "Releasing", releaseTime: "2026-03-01T12:00:05Z" });
  await passes(rig, 2);
  strictEqual(releases(rig), 1);
  strictEqual((await rig.termination())?.status?.holdReleased, true);
});

test("one that was ready and is paused since then holds the others up", async (t) => {
  const rig = await sharing(t);
  await other(rig, { phase: "Releasing", releaseTime: "2026-03-01T12:00:05Z" });
  const pause = { metadata: { annotations: { [PAUSED_ANNOTATION]: "" } } };
  await rig.management.patch(instanceTerminations, at, { type: "merge", body: pause });
  deepStrictEqual((await passes(rig, 2)).slice(1), ["waited SharedHold 10"]);
  strictEqual(releases(rig), 0);
});

test("who is finished holds up nobody", async (t) => {
  const rig = await sharing(t);
  await other(rig, { phase: "Released", finishTime: "2026-03-01T12:00:05Z" });
  await passes(rig, 2);
  strictEqual(releases(rig), 1);
});

test("a hold without heartbeats is asked about at each pass: one that is over gives the Node back", async (t) => {
  const rig = await startRig(t);
  await rig.create("workload", pods, aPod({ graceSeconds: 600 }));
  await recordLeaving(rig.world, rig.cloud.beginTermination("i-1"));
  const verbs = Object.entries(rig.world.provider).filter(([verb]) => verb !== "heartbeat");
  const provider = Object.fromEntries(verbs) as Omit<TerminationProvider, "heartbeat">;
  let state: "held" | "running" = "held";
  const asked: unknown[] = [];
  const observeInstance: TerminationProvider["observeInstance"] = async (_id, _hold, how) => {
    asked.push(how?.noticeTime);
    return { state, cloudState: state };
  };
  const silent = { ...rig, world: { ...rig.world, provider: { ...provider, observeInstance } } };
  strictEqual((await drainStep(silent.world, KEY)).did, "evicted");
  deepStrictEqual(asked, [(await rig.termination())?.spec.noticeTime]);
  state = "running";
  deepStrictEqual(await passes(silent, 1), ["finished InstanceInService -"]);
  strictEqual((await rig.node())?.spec?.unschedulable ?? false, false);
});
