/** What stops a pool, each with its condition or its silence: gates, waits, a cloud that fails, lost hints, people who interfere. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { awsMachinePools } from "../../../lib/api/aws/aws-machine-pool.ts";
import { clusters } from "../../../lib/api/core/cluster.ts";
import { machines } from "../../../lib/api/core/machine.ts";
import { machinePools } from "../../../lib/api/core/machine-pool.ts";
import { type Node, nodes } from "../../../lib/api/kubernetes/node.ts";
import { secrets } from "../../../lib/api/kubernetes/secret.ts";
import { instanceTerminations } from "../../../lib/api/lifecycle/instance-termination.ts";
import { type ErrorKind, ProviderError } from "../../../lib/providers/errors.ts";
import { drainStep } from "../../../lib/reconcile/drain-step.ts";
import { poolStep } from "../../../lib/reconcile/pool-step.ts";
import { sweep } from "../../../lib/reconcile/sweep-step.ts";
import { aMachine, CLUSTER, NAMESPACE } from "../../support/builders.ts";
import { allOf } from "../support/rig.ts";
import { NAME, POOL_KEY, type PoolRig, type PoolRigOptions, startPoolRig } from "./rig.ts";

const failure = (kind: ErrorKind) => new ProviderError(kind, "memory.apply", "", "planted");
const readyOf = async (rig: PoolRig) => {
  const ready = (await rig.pool()).status?.conditions?.find(({ type }) => type === "Ready");
  return `${ready?.status} ${ready?.reason ?? ""}`;
};

const untouched: { name: string; options: PoolRigOptions; because: string }[] = [
  { name: "another watch filter", options: { settings: { watchFilter: "other" } }, because: "ignored NotOurs" },
  { name: "no watch filter at all", options: { settings: { watchFilter: "" } }, because: "ignored NotOurs" },
  {
    name: "a paused pool",
    options: { poolMeta: { annotations: { "cluster.x-k8s.io/paused": "" } } },
    because: "ignored Paused",
  },
  {
    name: "a paused MachinePool",
    options: { machinePoolMeta: { paused: true } },
    because: "ignored Paused",
  },
  {
    name: "a pool that nobody owns yet",
    options: { poolMeta: { ownerReferences: [] } },
    because: "waited NoMachinePool",
  },
  {
    name: "an owner of another group",
    options: {
      poolMeta: { ownerReferences: [{ apiVersion: "example.com/v1", kind: "MachinePool", name: NAME, uid: "x" }] },
    },
    because: "waited NoMachinePool",
  },
];
for (const { name, options, because } of untouched) {
  test(`${name}: nothing is written and the cloud is not asked`, async (t) => {
    const rig = await startPoolRig(t, options);
    const outcome = await rig.step();
    strictEqual(`${outcome.did} ${outcome.because}`, because);
    deepStrictEqual(rig.writes(), []);
    deepStrictEqual(rig.cloud.calls, []);
  });
}

test("a paused Cluster and a missing one stop the pool too", async (t) => {
  const rig = await startPoolRig(t);
  const at = { namespace: NAMESPACE, name: CLUSTER };
  await rig.management.patch(clusters, at, { type: "merge", body: { spec: { paused: true } } });
  strictEqual((await rig.step()).because, "Paused");
  deepStrictEqual(rig.writes(), []);
  await rig.management.delete(clusters, at);
  strictEqual((await rig.step()).because, "NoCluster");
  deepStrictEqual(rig.cloud.calls, []);
});

const conditionIn = async (rig: PoolRig) => {
  const found = (await rig.pool()).status?.conditions?.find(({ type }) => type === "GroupReady");
  return [found?.status, found?.severity, found?.reason, found?.message];
};
const lostOwners: { name: string; lose: (rig: PoolRig) => Promise<unknown>; reason: string; who: string }[] = [
  {
    name: "MachinePool",
    lose: (rig) => rig.management.delete(machinePools, { namespace: NAMESPACE, name: NAME }),
    reason: "MachinePoolGone",
    who: `MachinePool ${NAME}, which owned this pool, is not there`,
  },
  {
    name: "Cluster",
    lose: (rig) => rig.management.delete(clusters, { namespace: NAMESPACE, name: CLUSTER }),
    reason: "ClusterGone",
    who: `there is no Cluster ${CLUSTER}`,
  },
];
for (const { name, lose, reason, who } of lostOwners) {
  test(`a pool whose ${name} is gone says so once, keeps its instances, and says what to do when it is deleted`, async (t) => {
    const rig = await startPoolRig(t, { replicas: 1 });
    await rig.untilQuiet();
    const before = await rig.instances();
    await lose(rig);
    await rig.step();
    deepStrictEqual(await conditionIn(rig), ["False", "Warning", reason, `${who}: create it, or delete this pool`]);
    const written = rig.writes().length;
    await rig.step();
    strictEqual(rig.writes().length, written);
    await rig.management.delete(awsMachinePools, { namespace: NAMESPACE, name: NAME });
    await rig.step();
    const ways =
      "create it again, so that the instances are drained and the group goes; or delete them in the cloud by hand and " +
      `then take the finalizer ${rig.cloud.poolProvider.finalizer} away`;
    deepStrictEqual(await conditionIn(rig), ["False", "Warning", reason, `${who}: ${ways}`]);
    deepStrictEqual([await rig.instances(), before.length], [before, 1]);
    ok((await rig.pool()).metadata.finalizers?.length);
  });
}

const waits: { name: string; options: PoolRigOptions; want: string }[] = [
  { name: "infrastructure", options: { provisioned: false }, want: "False WaitingForClusterInfrastructure" },
  { name: "bootstrap data", options: { bootstrap: false }, want: "False WaitingForBootstrapData" },
];
for (const { name, options, want } of waits) {
  test(`a pool waits for ${name}, says so once, and goes on when it is there`, async (t) => {
    const rig = await startPoolRig(t, { replicas: 1, ...options });
    deepStrictEqual((await rig.untilQuiet()).length, 2);
    strictEqual(await readyOf(rig), want);
    const before = rig.writes().length;
    await rig.untilQuiet();
    strictEqual(rig.writes().length, before);
    const status = { initialization: { infrastructureProvisioned: true } };
    await rig.management.patch(
      clusters,
      { namespace: NAMESPACE, name: CLUSTER },
      { type: "merge", body: { status } },
      "status",
    );
    const metadata = { name: "blue-data", namespace: NAMESPACE };
    const data = { value: "IyE=" };
    if (options.bootstrap === false)
      await rig.create("management", secrets, { apiVersion: "v1", kind: "Secret", metadata, data } as never);
    await rig.untilQuiet();
    strictEqual(await readyOf(rig), "True ");
  });
}

const refusals: { kind: ErrorKind; again: number; reason: string }[] = [
  { kind: "throttled", again: 15, reason: "CloudThrottled" },
  { kind: "unavailable", again: 15, reason: "CloudUnavailable" },
  { kind: "denied", again: 60, reason: "CloudDenied" },
  { kind: "invalid", again: 60, reason: "CloudRefused" },
];
for (const { kind, again, reason } of refusals) {
  test(`a change that is ${kind} is said, tried again after ${again} s, and heals`, async (t) => {
    const rig = await startPoolRig(t, { replicas: 1 });
    await rig.step();
    rig.cloud.fail("apply", failure(kind));
    const outcome = await rig.step();
    deepStrictEqual([outcome.did, outcome.because, outcome.againSeconds], ["failed", reason, again]);
    strictEqual(await readyOf(rig), "False GroupChangeFailed");
    await rig.untilQuiet();
    strictEqual(await readyOf(rig), "True ");
  });
}

test("a cloud that cannot be looked at for a moment is not worth a write; a refusal is", async (t) => {
  const rig = await startPoolRig(t, { replicas: 1 });
  await rig.untilQuiet();
  const before = rig.writes().length;
  rig.cloud.fail("observe", failure("throttled"));
  strictEqual((await rig.step()).because, "CloudThrottled");
  strictEqual(rig.writes().length, before);
  rig.cloud.fail("open", failure("denied"));
  strictEqual((await rig.step()).because, "CloudDenied");
  strictEqual(await readyOf(rig), "Unknown CloudDenied");
  await rig.untilQuiet();
  strictEqual(await readyOf(rig), "True ");
});

test("a group under our name that is somebody else's is refused and left as it is", async (t) => {
  const rig = await startPoolRig(t, { replicas: 1 });
  rig.cloud.addGroup({ name: NAME, clusterNames: ["green"], hooks: [] });
  await rig.step();
  strictEqual((await rig.step()).because, "CloudRefused");
  strictEqual(await readyOf(rig), "Unknown CloudRefused");
  ok(!rig.cloud.calls.some(({ operation }) => operation === "apply"));
});

test("a dry run says what it would do and does nothing", async (t) => {
  const rig = await startPoolRig(t, { settings: { dryRun: true } });
  deepStrictEqual(await rig.step(), { did: "planned", because: "FirstPass", object: POOL_KEY });
  await rig.patchPool({ metadata: { finalizers: [rig.cloud.poolProvider.finalizer] } });
  deepStrictEqual(await rig.step(), { did: "planned", because: "GroupMissing", object: POOL_KEY });
  deepStrictEqual(rig.writes(), []);
  ok(!rig.cloud.calls.some(({ operation }) => operation === "apply"));
});

test("a pool that is gone, and a kind that nobody provides, are ignored", async (t) => {
  const rig = await startPoolRig(t);
  strictEqual((await poolStep(rig.poolWorld, { ...POOL_KEY, name: "nobody" })).because, "NotFound");
  strictEqual((await poolStep(rig.poolWorld, { ...POOL_KEY, kind: "OtherPool" })).because, "UnknownKind");
});

test("the instance whose Node the autoscaler has emptied goes, not the newest", async (t) => {
  const rig = await startPoolRig(t, { replicas: 3 });
  await rig.untilQuiet();
  const taints = [{ key: "ToBeDeletedByClusterAutoscaler", value: "1", effect: "NoSchedule" }];
  await rig.workload.patch<Node>(nodes, { name: "node-blue-2" }, { type: "merge", body: { spec: { taints } } });
  await rig.scaleTo(2);
  await rig.untilQuiet();
  deepStrictEqual(await rig.instances(), ["blue-1 running", "blue-3 running"]);
});

test("an annotated Machine goes first, and its record names it", async (t) => {
  const rig = await startPoolRig(t, { replicas: 2 });
  await rig.untilQuiet();
  const status = { infrastructureMachineKind: "AWSMachine" };
  await rig.management.patch(
    awsMachinePools,
    { namespace: NAMESPACE, name: NAME },
    { type: "merge", body: { status } },
    "status",
  );
  const annotations = { "cluster.x-k8s.io/delete-machine": "yes" };
  const labels = { "cluster.x-k8s.io/cluster-name": CLUSTER, "cluster.x-k8s.io/pool-name": NAME };
  for (const number of [1, 2]) {
    const providerID = `memory:///zone-a/blue-${number}`;
    const machine = aMachine({ name: `m-${number}`, providerID, labels, ...(number === 1 && { annotations }) });
    await rig.create("management", machines, machine);
  }
  await rig.scaleTo(1);
  await rig.untilQuiet();
  deepStrictEqual(await rig.instances(), ["blue-2 running"]);
  deepStrictEqual(
    (await rig.terminations()).map(({ spec }) => spec.machineName),
    ["m-1"],
  );
});

test("while the workload cluster cannot be asked nobody is chosen", async (t) => {
  const rig = await startPoolRig(t, { replicas: 2 });
  await rig.untilQuiet();
  await rig.scaleTo(1);
  rig.servers.workload.down();
  strictEqual((await rig.step()).because, "ApiServerUnreachable");
  deepStrictEqual(await rig.terminations(), []);
  rig.servers.workload.up();
  await rig.untilQuiet();
  strictEqual((await rig.instances()).length, 1);
});

test("a victim that a person uncordons stays, and another goes", async (t) => {
  const rig = await startPoolRig(t, { replicas: 2 });
  await rig.untilQuiet();
  await rig.scaleTo(1);
  await rig.step();
  await rig.drainOpen();
  const node = await rig.workload.get<Node>(nodes, { name: "node-blue-1" });
  strictEqual(node.spec?.unschedulable, true);
  await rig.workload.patch(nodes, { name: "node-blue-1" }, { type: "merge", body: { spec: { unschedulable: false } } });
  await rig.untilQuiet();
  deepStrictEqual(await rig.instances(), ["blue-1 running"]);
});

test("a victim whose record a person deletes stays, and another goes", async (t) => {
  const rig = await startPoolRig(t, { replicas: 2 });
  await rig.untilQuiet();
  await rig.scaleTo(1);
  await rig.step();
  await rig.drainOpen();
  await rig.management.delete(instanceTerminations, { namespace: NAMESPACE, name: "blue-blue-1" });
  await rig.drainOpen();
  strictEqual((await rig.workload.get<Node>(nodes, { name: "node-blue-1" })).spec?.unschedulable, false);
  await rig.untilQuiet();
  deepStrictEqual(await rig.instances(), ["blue-1 running"]);
});

test("a hook whose event is lost is found by the sweep and answered", async (t) => {
  const rig = await startPoolRig(t, { replicas: 2 });
  await rig.untilQuiet();
  await rig.scaleTo(1);
  const { others: [record] = [] } = await rig.step();
  ok(record);
  for (let turn = 0; turn < 4; turn++) {
    await drainStep(rig.poolWorld, record);
    await rig.pass(10);
  }
  rig.cloud.takeNotices();
  strictEqual(
    (await rig.instances()).find((one) => one.startsWith("blue-1")),
    "blue-1 held",
  );
  const found = await allOf(sweep(rig.poolWorld));
  ok(found.some((one) => one.kind === "recorded" && one.instanceId === "blue-1" && one.outcome.did === "tightened"));
  const [open] = await rig.terminations();
  deepStrictEqual([open?.spec.cause, open?.spec.hold !== undefined], ["ScaleIn", true]);
  await rig.untilQuiet();
  deepStrictEqual(await rig.instances(), ["blue-2 running"]);
});

test("a doubled pass makes no second record and no second call", async (t) => {
  const rig = await startPoolRig(t, { replicas: 2 });
  await rig.untilQuiet();
  await rig.scaleTo(1);
  await Promise.all([rig.step(), rig.step(), rig.step()]);
  strictEqual((await rig.terminations()).length, 1);
  await rig.untilQuiet();
  strictEqual(rig.cloud.calls.filter(({ operation }) => operation === "terminate").length, 1);
  strictEqual((await rig.machinePool()).spec.replicas, 1);
});

test("a removal that the cloud refuses is said on its record and asked again", async (t) => {
  const rig = await startPoolRig(t, { replicas: 2 });
  await rig.untilQuiet();
  await rig.scaleTo(1);
  rig.cloud.fail("terminate", failure("throttled"));
  const told = await rig.untilQuiet();
  ok(told.includes("blue-blue-1 failed: CloudThrottled"), told.join());
  deepStrictEqual(await rig.instances(), ["blue-2 running"]);
});

test("what others wrote on the pool stays", async (t) => {
  const rig = await startPoolRig(t, { replicas: 1 });
  const other = { type: "Other", status: "True", lastTransitionTime: "2026-01-01T00:00:00Z" };
  const body = { status: { launchTemplateID: "lt-1", conditions: [other] } };
  await rig.management.patch(awsMachinePools, { namespace: NAMESPACE, name: NAME }, { type: "merge", body }, "status");
  await rig.management.patch(
    machinePools,
    { namespace: NAMESPACE, name: NAME },
    { type: "merge", body: { metadata: { annotations: { mine: "1" } } } },
  );
  await rig.untilQuiet();
  const { status } = await rig.pool();
  deepStrictEqual(
    status?.conditions?.find(({ type }) => type === "Other"),
    other,
  );
  strictEqual((status as { launchTemplateID?: string }).launchTemplateID, "lt-1");
});
