/** From a cloud's notice to a record and a cordoned Node. */
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { nodes } from "../../lib/api/kubernetes/node.ts";
import { instanceTerminations } from "../../lib/api/lifecycle/instance-termination.ts";
import { ProviderError } from "../../lib/providers/errors.ts";
import { recordLeaving } from "../../lib/reconcile/notice-step.ts";
import { aNode, aPool, NAMESPACE, PROVIDER_ID } from "../support/builders.ts";
import { toTheEnd } from "./support/drains.ts";
import { type Rig, startRig } from "./support/rig.ts";

const whats = (rig: Rig) => rig.calls().map(({ what }) => what);
const operations = (rig: Rig) => rig.cloud.calls.map(({ operation }) => operation);
const begin = (rig: Rig) => rig.cloud.beginTermination("i-1");

test("a hook's event is recorded and its Node cordoned with five calls", async (t) => {
  const rig = await startRig(t);
  const outcome = await recordLeaving(rig.world, begin(rig));
  deepStrictEqual([outcome.did, outcome.because, outcome.againSeconds], ["recorded", "Cordoned", 0]);
  deepStrictEqual(outcome.object, { kind: "InstanceTermination", namespace: NAMESPACE, name: "workers-i-1" });
  deepStrictEqual(whats(rig), [
    "GET awsmachinepools",
    "GET machinepools",
    "POST instanceterminations",
    "GET nodes",
    "PATCH nodes",
  ]);
  deepStrictEqual(operations(rig), []);
  const { spec, metadata } = (await rig.node()) ?? {};
  deepStrictEqual(spec?.unschedulable, true);
  deepStrictEqual(
    spec?.taints?.map(({ key, value, effect }) => [key, value, effect]),
    [["lifecycle.cluster.x-k8s.io/terminating", "cordoned", "NoSchedule"]],
  );
  strictEqual(metadata?.labels?.["node.kubernetes.io/exclude-from-external-load-balancers"], "lifeguard");
});

test("the record is owned by the MachinePool, finds its instance by label, and carries the hold", async (t) => {
  const rig = await startRig(t);
  const notice = begin(rig);
  await recordLeaving(rig.world, notice);
  const { metadata, spec } = (await rig.termination()) ?? {};
  deepStrictEqual(metadata?.labels, {
    "cluster.x-k8s.io/cluster-name": "prod",
    "lifecycle.cluster.x-k8s.io/instance": "i-1",
  });
  deepStrictEqual(metadata?.finalizers, ["lifecycle.cluster.x-k8s.io/drain"]);
  deepStrictEqual(
    metadata?.ownerReferences?.map(({ kind, name }) => `${kind} ${name}`),
    ["MachinePool workers"],
  );
  deepStrictEqual([spec?.providerID, spec?.cause, spec?.hold], [PROVIDER_ID, "TerminationHook", notice.hold]);
});

test("the same event twice makes one record and no further write that takes effect", async (t) => {
  const rig = await startRig(t);
  const notice = begin(rig);
  await recordLeaving(rig.world, notice);
  const before = (await rig.termination())?.metadata.resourceVersion;
  const node = (await rig.node())?.metadata.resourceVersion;
  const outcome = await recordLeaving(rig.world, notice);
  deepStrictEqual([outcome.did, outcome.because], ["kept", "AlreadyRecorded"]);
  strictEqual((await rig.termination())?.metadata.resourceVersion, before);
  strictEqual((await rig.node())?.metadata.resourceVersion, node);
});

test("the same event twice at the same time makes one record", async (t) => {
  const rig = await startRig(t);
  const notice = begin(rig);
  const outcomes = await Promise.all([recordLeaving(rig.world, notice), recordLeaving(rig.world, notice)]);
  deepStrictEqual(outcomes.map(({ did }) => did).sort(), ["kept", "recorded"]);
  strictEqual((await rig.node())?.spec?.unschedulable, true);
});

test("an event of a drain that is done is acknowledged as done", async (t) => {
  const rig = await startRig(t);
  const notice = begin(rig);
  await recordLeaving(rig.world, notice);
  await toTheEnd(rig);
  const outcome = await recordLeaving(rig.world, notice);
  deepStrictEqual([outcome.did, outcome.because, outcome.againSeconds], ["kept", "AlreadyDone", undefined]);
});

test("a person who uncordoned is not overruled by an echo of the event", async (t) => {
  const rig = await startRig(t);
  const notice = rig.cloud.notice("i-1", "ScheduledMaintenance", 3600);
  await recordLeaving(rig.world, notice);
  await rig.drain();
  await rig.workload.patch(nodes, { name: "node-1" }, { type: "merge", body: { spec: { unschedulable: false } } });
  await recordLeaving(rig.world, notice);
  strictEqual((await rig.node())?.spec?.unschedulable ?? false, false);
});

test("an instance without a Node is recorded, kept, and released when it never joins", async (t) => {
  const rig = await startRig(t, { node: false });
  const recorded = await recordLeaving(rig.world, begin(rig));
  deepStrictEqual([recorded.did, recorded.because], ["recorded", "NotCordoned"]);
  const told = await toTheEnd(rig);
  deepStrictEqual([...new Set(told)], ["waited NodeNotFound", "released NodeNotFound", "finished InstanceGone"]);
  ok((rig.cloud.inspect("i-1")?.hooks[0]?.heartbeats ?? 0) >= 3, "the hold was kept alive meanwhile");
});

test("a Node that joins late is drained", async (t) => {
  const rig = await startRig(t, { node: false });
  await recordLeaving(rig.world, begin(rig));
  await rig.drain();
  await rig.create("workload", nodes, aNode({ name: "custom-name" }));
  rig.clock.advance(15);
  const outcome = await rig.drain();
  strictEqual(outcome.did, "cordoned");
  strictEqual((await rig.node("custom-name"))?.spec?.unschedulable, true);
});

test("of two Nodes with one providerID the Ready one is drained and the other is said", async (t) => {
  const rig = await startRig(t, { node: false });
  await rig.create("workload", nodes, aNode({ name: "a-stale", ready: "Unknown" }));
  await rig.create("workload", nodes, aNode({ name: "fresh" }));
  await recordLeaving(rig.world, begin(rig));
  await rig.drain();
  strictEqual((await rig.termination())?.status?.nodeRef?.name, "fresh");
  strictEqual((await rig.node("a-stale"))?.spec?.unschedulable, undefined);
  const twins = (await rig.termination())?.status?.conditions?.find(({ type }) => type === "NodeUnique");
  match(twins?.message ?? "", /a-stale/);
});

test("an old Spot event whose instance is in service changes nothing", async (t) => {
  const rig = await startRig(t);
  const notice = rig.cloud.notice("i-1", "SpotInterruption", 120);
  rig.clock.advance(700);
  const outcome = await recordLeaving(rig.world, notice);
  deepStrictEqual([outcome.did, outcome.because, rig.writes()], ["ignored", "StaleNotice", []]);
});

test("an old Spot event whose instance is gone only cleans its Node up", async (t) => {
  const rig = await startRig(t, { node: aNode({ ready: "Unknown" }) });
  const notice = rig.cloud.notice("i-1", "SpotInterruption", 120);
  rig.clock.advance(700);
  rig.cloud.terminate("i-1");
  const recorded = await recordLeaving(rig.world, notice);
  deepStrictEqual([recorded.did, recorded.because], ["recorded", "NotCordoned"]);
  deepStrictEqual((await rig.drain()).because, "InstanceGone");
  strictEqual(await rig.node(), undefined);
  ok(!rig.writes().some((what) => what.includes("eviction")));
});

test("an old event of an instance that still waits is as good as a new one", async (t) => {
  const rig = await startRig(t, { hooks: [{ name: "drain", heartbeatTimeoutSeconds: 7200 }] });
  const notice = { ...begin(rig), cause: "SpotInterruption" as const };
  rig.clock.advance(700);
  strictEqual((await recordLeaving(rig.world, notice)).because, "Cordoned");
});

test("a hook taken over by a new token replaces the old one", async (t) => {
  const rig = await startRig(t);
  await recordLeaving(rig.world, begin(rig));
  rig.clock.advance(20);
  const again = begin(rig);
  const outcome = await recordLeaving(rig.world, again);
  strictEqual(outcome.did, "tightened");
  deepStrictEqual((await rig.termination())?.spec.hold, again.hold);
});

test("a workload API that is down costs the cordon, not the record", async (t) => {
  const rig = await startRig(t);
  rig.servers.workload.down();
  const outcome = await recordLeaving(rig.world, begin(rig));
  deepStrictEqual([outcome.did, outcome.because], ["recorded", "NotCordoned"]);
  rig.servers.workload.up();
  strictEqual((await rig.drain()).did, "cordoned");
});

test("a conflict on the Node leaves the cordon to the next pass; the record stands", async (t) => {
  const rig = await startRig(t);
  rig.servers.workload.inject({ match: { method: "PATCH", path: /nodes/ }, times: 1, code: 409 });
  const outcome = await recordLeaving(rig.world, begin(rig));
  deepStrictEqual([outcome.because, outcome.counted], ["NotCordoned", { cordonsFailed: 1 }]);
  strictEqual((await rig.drain()).did, "cordoned");
  strictEqual((await rig.node())?.spec?.unschedulable, true);
});

test("a cloud that throttles the look-up loses no event: the error is the runtime's to retry", async (t) => {
  const rig = await startRig(t, { pool: aPool({ ids: [] }) });
  rig.cloud.fail("locate", new ProviderError("throttled", "memory.locate", "", "slow down"));
  await rejects(recordLeaving(rig.world, begin(rig)), /throttled/);
  strictEqual((await recordLeaving(rig.world, begin(rig))).did, "recorded");
});

test("a management API that is down is an error, and the event is recorded when it is up again", async (t) => {
  const rig = await startRig(t);
  rig.servers.management.down();
  const notice = begin(rig);
  await rejects(recordLeaving(rig.world, notice), { name: "KubernetesError" });
  rig.servers.management.up();
  strictEqual((await recordLeaving(rig.world, notice)).because, "Cordoned");
});

test("a rebalance with the policy Cordon is only cordoned; the hook that follows drains", async (t) => {
  const rig = await startRig(t);
  const { deadlineTime: _, ...said } = rig.cloud.notice("i-1", "RebalanceRecommendation", 0);
  await recordLeaving(rig.world, { ...said, mode: "CordonOnly" });
  strictEqual((await rig.drain()).because, "CordonOnly");
  rig.clock.advance(60);
  await recordLeaving(rig.world, begin(rig));
  const { spec } = (await rig.termination()) ?? {};
  deepStrictEqual([spec?.cause, spec?.drain?.mode], ["TerminationHook", "Drain"]);
  strictEqual((await rig.drain()).because, "Drained");
});

test("a new notice after the end begins a new record", async (t) => {
  const rig = await startRig(t);
  await recordLeaving(rig.world, rig.cloud.notice("i-1", "ScheduledMaintenance", 3600));
  await rig.drain();
  await rig.workload.patch(nodes, { name: "node-1" }, { type: "merge", body: { spec: { unschedulable: false } } });
  strictEqual((await rig.drain()).because, "UncordonedByHand");
  rig.clock.advance(60);
  const old = (await rig.management.get(instanceTerminations, { namespace: NAMESPACE, name: "workers-i-1" })).metadata
    .uid;
  const outcome = await recordLeaving(rig.world, begin(rig));
  deepStrictEqual([outcome.did, outcome.because], ["recorded", "Cordoned"]);
  const { metadata, status } = (await rig.termination()) ?? {};
  ok(metadata?.uid !== old);
  strictEqual(status?.phase, undefined);
});
