/** Whose instance it is, and what its owner wishes: found, never guessed, and respected. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { awsMachinePools } from "../../lib/api/aws/aws-machine-pool.ts";
import { machines } from "../../lib/api/core/machine.ts";
import { recordLeaving } from "../../lib/reconcile/notice-step.ts";
import { aMachine, aMachinePool, aNode, aPool, NAMESPACE } from "../support/builders.ts";
import { type Rig, startRig } from "./support/rig.ts";

const OPT_OUT = { "machine.cluster.x-k8s.io/exclude-node-draining": "" };
const whats = (rig: Rig) => rig.calls().map(({ what }) => what);
const operations = (rig: Rig) => rig.cloud.calls.map(({ operation }) => operation);
const begin = (rig: Rig) => rig.cloud.beginTermination("i-1");

const foreign: {
  name: string;
  want: string;
  prepare: (rig: Rig) => Promise<{ instanceId: string; groupName?: string }>;
}[] = [
  {
    name: "an event of a group that no pool has is ignored",
    want: "ForeignGroup",
    prepare: async (rig) => {
      rig.cloud.addGroup({ name: "others", clusterNames: ["elsewhere"], hooks: [] });
      rig.cloud.addInstance({ id: "i-7", groupName: "others" });
      return { instanceId: "i-7", groupName: "others" };
    },
  },
  {
    name: "a group of the pool's name that belongs to another cluster is left to its owner",
    want: "ForeignGroup",
    prepare: async (rig) => {
      rig.cloud.addGroup({ name: "workers", clusterNames: ["elsewhere"], hooks: [] });
      rig.cloud.addInstance({ id: "i-7", groupName: "workers" });
      return { instanceId: "i-7", groupName: "workers" };
    },
  },
  {
    name: "an instance that no pool lists and no group has is ignored",
    want: "InstanceGone",
    prepare: async () => ({ instanceId: "i-unknown" }),
  },
];
for (const { name, want, prepare } of foreign) {
  test(name, async (t) => {
    const rig = await startRig(t);
    const asked = await prepare(rig);
    const notice = { cause: "TerminationHook", noticeTime: rig.clock.now().toISOString(), ...asked } as const;
    const outcome = await recordLeaving(rig.world, notice);
    deepStrictEqual([outcome.did, outcome.because, rig.writes()], ["ignored", want, []]);
  });
}

test("an instance that its pool does not list yet is believed when the group's own tags agree", async (t) => {
  const rig = await startRig(t, { pool: aPool({ ids: [] }) });
  const outcome = await recordLeaving(rig.world, begin(rig));
  deepStrictEqual([outcome.did, operations(rig)], ["recorded", ["locate", "groupOwner"]]);
});

test("two pools that claim one group are said, not guessed", async (t) => {
  const rig = await startRig(t, { pool: aPool({ ids: [] }) });
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "team-b" } };
  await rig.create("management", { apiVersion: "v1", plural: "namespaces", kind: "Namespace" }, namespace);
  await rig.create("management", awsMachinePools, aPool({ ids: [], namespace: "team-b" }));
  const outcome = await recordLeaving(rig.world, begin(rig));
  deepStrictEqual([outcome.did, outcome.because, rig.writes()], ["refused", "AmbiguousPool", []]);
  match(outcome.message ?? "", /team-a\/workers and team-b\/workers/);
});

test("a paused MachinePool is not touched", async (t) => {
  const rig = await startRig(t, { machinePool: aMachinePool({ paused: true }) });
  const outcome = await recordLeaving(rig.world, begin(rig));
  deepStrictEqual([outcome.did, outcome.because, rig.writes()], ["ignored", "Paused", []]);
});

test("an opt-out on the Node is recorded, released without drain, and said", async (t) => {
  const rig = await startRig(t, { node: aNode({ annotations: OPT_OUT }) });
  const recorded = await recordLeaving(rig.world, begin(rig));
  deepStrictEqual([recorded.did, recorded.because], ["recorded", "NotCordoned"]);
  strictEqual((await rig.drain()).because, "ExcludedFromDraining");
  strictEqual((await rig.node())?.spec?.unschedulable, undefined);
  const drained = (await rig.termination())?.status?.conditions?.find(({ type }) => type === "Drained");
  deepStrictEqual([drained?.status, drained?.reason], ["False", "ExcludedFromDraining"]);
  match(drained?.message ?? "", /Node node-1 asks not to be drained/);
});

test("an opt-out on the MachinePool counts where it has no Machines", async (t) => {
  const rig = await startRig(t, { machinePool: aMachinePool({ annotations: OPT_OUT }) });
  await recordLeaving(rig.world, begin(rig));
  strictEqual((await rig.drain()).because, "ExcludedFromDraining");
});

/** No Node is named by the pool, none carries the label: only a suggested name or the whole list finds it. */
const unnamed = (t: TestContext) => startRig(t, { machinePool: aMachinePool({ nodes: [] }) });

test("before the cluster is listed the cloud is asked for the Node's name, where it can tell", async (t) => {
  const rig = await unnamed(t);
  strictEqual((await recordLeaving(rig.world, begin(rig))).because, "Cordoned");
  deepStrictEqual(operations(rig), ["nodeNameOf"]);
});

test("a cloud that knows no Node's name is not asked for anything: the list finds the Node", async (t) => {
  const rig = await unnamed(t);
  // A cloud without the verb.
  const provider = Object.fromEntries(
    Object.entries(rig.world.provider).filter(([verb]) => verb !== "nodeNameOf"),
  ) as typeof rig.world.provider;
  strictEqual((await recordLeaving({ ...rig.world, provider }, begin(rig))).because, "Cordoned");
  deepStrictEqual(operations(rig), []);
});

test("a Spot event names no group: the pool that lists the instance is found all the same, within six calls", async (t) => {
  const rig = await startRig(t);
  const { groupName: _, ...notice } = rig.cloud.notice("i-1", "SpotInterruption", 120);
  const outcome = await recordLeaving(rig.world, notice);
  strictEqual(outcome.because, "Cordoned");
  ok(whats(rig).length + operations(rig).length <= 6);
});

test("where upstream keeps Machines the Machine is recorded, within six calls", async (t) => {
  const rig = await startRig(t);
  const at = { namespace: NAMESPACE, name: "workers" };
  const body = { status: { infrastructureMachineKind: "AWSMachine" } };
  await rig.management.patch(awsMachinePools, at, { type: "merge", body }, "status");
  await rig.create("management", machines, aMachine({ node: "node-1" }));
  await recordLeaving(rig.world, begin(rig));
  strictEqual((await rig.termination())?.spec.machineName, "workers-x");
  strictEqual((await rig.node())?.spec?.unschedulable, true);
  ok(whats(rig).length <= 6, whats(rig).join(", "));
});
