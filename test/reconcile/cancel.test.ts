/** Ways out of a drain: the object deleted, the Node uncordoned, the notice stale, the hold closed by somebody else. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type Event, events } from "../../lib/api/kubernetes/event.ts";
import { nodes } from "../../lib/api/kubernetes/node.ts";
import { pods } from "../../lib/api/kubernetes/pod.ts";
import { instanceTerminations } from "../../lib/api/lifecycle/instance-termination.ts";
import { recordLeaving } from "../../lib/reconcile/notice-step.ts";
import { sweep } from "../../lib/reconcile/sweep-step.ts";
import { aNode, aPod, NAMESPACE } from "../support/builders.ts";
import { allOf, KEY, type Rig, type RigOptions, startRig } from "./support/rig.ts";

const PLACE = { namespace: KEY.namespace, name: KEY.name };

async function begun(t: TestContext, options: RigOptions = {}): Promise<Rig> {
  const rig = await startRig(t, options);
  await rig.create("workload", pods, aPod({ graceSeconds: 600 }));
  await recordLeaving(rig.world, rig.cloud.beginTermination("i-1"));
  await rig.drain();
  return rig;
}

async function eventsOf(rig: Rig): Promise<readonly Event[]> {
  const all: Event[] = [];
  for await (const page of rig.management.list<Event>(events, { namespace: NAMESPACE })) all.push(...page);
  return all.sort((a, b) => (a.involvedObject.kind < b.involvedObject.kind ? -1 : 1));
}

test("deleting the record uncordons what we cordoned, leaves the hold to the cloud, and says both", async (t) => {
  const rig = await begun(t);
  await rig.management.delete(instanceTerminations, PLACE);
  deepStrictEqual((await rig.drain()).did, "let-go");
  strictEqual(await rig.termination(), undefined);
  const { spec, metadata } = (await rig.node()) ?? {};
  deepStrictEqual([spec?.unschedulable ?? false, spec?.taints ?? []], [false, []]);
  strictEqual(metadata?.labels?.["node.kubernetes.io/exclude-from-external-load-balancers"], undefined);
  strictEqual(rig.cloud.inspect("i-1")?.hooks[0]?.ending, undefined);
  const said = await eventsOf(rig);
  deepStrictEqual(
    said.map(({ involvedObject }) => involvedObject.kind),
    ["InstanceTermination", "MachinePool"],
  );
  for (const { reason, message } of said) {
    strictEqual(reason, "DrainCancelled");
    match(message, /got back what we had changed.*left to the cloud: hook drain of workers/);
  }
});

test("a Node that a person had cordoned before stays cordoned", async (t) => {
  const rig = await begun(t, { node: aNode({ unschedulable: true }) });
  strictEqual((await rig.termination())?.status?.cordonedByUs, false);
  await rig.management.delete(instanceTerminations, PLACE);
  await rig.drain();
  const { spec } = (await rig.node()) ?? {};
  deepStrictEqual([spec?.unschedulable, spec?.taints ?? []], [true, []]);
});

test("a load-balancer label of others is neither changed nor removed", async (t) => {
  const label = "node.kubernetes.io/exclude-from-external-load-balancers";
  const rig = await begun(t, { node: aNode({ labels: { [label]: "theirs" } }) });
  strictEqual((await rig.node())?.metadata.labels?.[label], "theirs");
  await rig.management.delete(instanceTerminations, PLACE);
  await rig.drain();
  strictEqual((await rig.node())?.metadata.labels?.[label], "theirs");
});

test("what a person cancelled is not begun again by the sweep, nor by an echo of its event", async (t) => {
  const rig = await startRig(t);
  const notice = rig.cloud.beginTermination("i-1");
  await recordLeaving(rig.world, notice);
  await rig.management.delete(instanceTerminations, PLACE);
  rig.clock.advance(5);
  await rig.drain();
  const swept = await allOf(sweep(rig.world));
  deepStrictEqual(
    swept.map((one) => one.kind === "recorded" && one.outcome.because),
    ["CancelledByHand"],
  );
  strictEqual((await recordLeaving(rig.world, notice)).because, "CancelledByHand");
  strictEqual(await rig.termination(), undefined);
  strictEqual((await rig.node())?.spec?.unschedulable ?? false, false);
});

test("deleting the record after the release only lets it go", async (t) => {
  const rig = await startRig(t);
  await recordLeaving(rig.world, rig.cloud.beginTermination("i-1"));
  await rig.drain();
  await rig.pass(6);
  strictEqual((await rig.drain()).did, "released");
  await rig.management.delete(instanceTerminations, PLACE);
  await rig.drain();
  strictEqual(await rig.termination(), undefined);
  strictEqual((await rig.node())?.spec?.unschedulable, true);
  deepStrictEqual(await eventsOf(rig), []);
});

test("a cancel that died half way is made whole by the next pass, with one Event each", async (t) => {
  const rig = await begun(t);
  await rig.management.delete(instanceTerminations, PLACE);
  rig.servers.management.inject({ match: { method: "PATCH", path: /instanceterminations/ }, times: 1, code: 503 });
  ok((await rig.drain()).againSeconds);
  await rig.drain();
  strictEqual(await rig.termination(), undefined);
  strictEqual((await eventsOf(rig)).length, 2);
});

test("uncordoning by hand stops a voluntary drain and takes our taint off", async (t) => {
  const rig = await startRig(t);
  await rig.create("workload", pods, aPod({ graceSeconds: 600 }));
  await recordLeaving(rig.world, rig.cloud.notice("i-1", "ScheduledMaintenance", 36_000));
  await rig.drain();
  await rig.workload.patch(nodes, { name: "node-1" }, { type: "merge", body: { spec: { unschedulable: false } } });
  rig.clock.advance(5);
  strictEqual((await rig.drain()).because, "UncordonedByHand");
  strictEqual((await rig.termination())?.status?.phase, "Cancelled");
  deepStrictEqual((await rig.node())?.spec?.taints ?? [], []);
  strictEqual((await rig.drain()).because, "Finished");
});

test("uncordoning by hand does not stop a forced drain", async (t) => {
  const rig = await begun(t);
  await rig.workload.patch(nodes, { name: "node-1" }, { type: "merge", body: { spec: { unschedulable: false } } });
  strictEqual((await rig.drain()).did, "cordoned");
  strictEqual((await rig.node())?.spec?.unschedulable, true);
});

test("a hold that somebody else completed ends the drain with its reason", async (t) => {
  const rig = await begun(t);
  const hold = (await rig.termination())?.spec.hold;
  ok(hold);
  await rig.cloud.provider.release?.("memory:///zone-a/i-1", hold);
  rig.clock.advance(155);
  const outcome = await rig.drain();
  ok(["CompletedElsewhere", "InstanceGone"].includes(outcome.because ?? ""), outcome.because);
});

test("a notice of a hold that never was is cancelled once the cloud shows the instance in service", async (t) => {
  const rig = await startRig(t);
  await rig.create("workload", pods, aPod({ graceSeconds: 600 }));
  const hold = {
    autoScaling: { groupName: "workers", hooks: [{ name: "drain", token: "old", heartbeatTimeoutSeconds: 300 }] },
  };
  const notice = { instanceId: "i-1", groupName: "workers", cause: "TerminationHook", hold } as const;
  await recordLeaving(rig.world, { ...notice, noticeTime: rig.clock.now().toISOString() });
  await rig.drain();
  rig.clock.advance(155);
  strictEqual((await rig.drain()).because, "InstanceInService");
  strictEqual((await rig.termination())?.status?.phase, "Cancelled");
  strictEqual((await rig.node())?.spec?.unschedulable ?? false, false);
});

test("a retained instance is said", async (t) => {
  const rig = await startRig(t);
  await recordLeaving(rig.world, rig.cloud.beginTermination("i-1"));
  await rig.drain();
  await rig.pass(6);
  await rig.drain();
  rig.cloud.retain("i-1");
  rig.clock.advance(5);
  strictEqual((await rig.drain()).because, "InstanceRetained");
  const released = (await rig.termination())?.status?.conditions?.find(({ type }) => type === "Released");
  deepStrictEqual([released?.status, released?.reason], ["False", "InstanceRetained"]);
});
