/** Machines on their way out: drained when deleted, removed when over, replaced by the cloud. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { awsMachines } from "../../../lib/api/aws/aws-machine.ts";
import { awsMachinePools } from "../../../lib/api/aws/aws-machine-pool.ts";
import { machines } from "../../../lib/api/core/machine.ts";
import { machinePools } from "../../../lib/api/core/machine-pool.ts";
import { type InstanceTermination, instanceTerminations } from "../../../lib/api/lifecycle/instance-termination.ts";
import { aTermination, NOTICE_TIME, POOL } from "../../support/builders.ts";
import { infraOf, KIND, machineOf, pair, said, settled } from "./support/machine-scene.ts";
import { idOf, idsTo, infrastructureOf, LATE_SECONDS } from "./support/objects.ts";
import { type NodeRig, startNodeRig } from "./support/rig.ts";

/** The instance has been there for a while. */
function leaveList(rig: NodeRig): Promise<void> {
  rig.clock.advance(LATE_SECONDS);
  return rig.change(awsMachinePools, POOL, { spec: { providerIDList: [idOf(1)] } }, { replicas: 1 });
}

test("a Machine deleted by a person: its instance is recorded, drained and removed without losing one of the pool", async (t) => {
  const rig = await settled(t);
  await rig.management.delete(machines, { namespace: "team-a", name: `${POOL}-i-2` });
  const outcome = await rig.step();
  assert.deepEqual([outcome.did, outcome.because], ["recorded", "MachineDeleted"]);
  assert.deepEqual(outcome.others, [{ kind: "InstanceTermination", namespace: "team-a", name: `${POOL}-i-2` }]);
  const termination = await rig.read<InstanceTermination>(instanceTerminations, `${POOL}-i-2`);
  assert.deepEqual(
    [termination?.spec.cause, termination?.spec.removal, termination?.spec.machineName, termination?.spec.providerID],
    ["UserRequest", { decrement: false }, `${POOL}-i-2`, idOf(2)],
  );
  await rig.settle();
  const machine = await machineOf(rig, 2);
  assert.equal(machine?.status?.phase, "Deleting");
  assert.equal(said(machine, "Deleting"), "True DrainingNode");
  assert.ok(await rig.node(2), "the Node stays until the drain is over");
});

test("the Machine goes when its instance is gone and its termination is finished", async (t) => {
  const rig = await settled(t);
  await rig.management.delete(machines, { namespace: "team-a", name: `${POOL}-i-2` });
  await rig.settle();
  await leaveList(rig);
  await rig.settle();
  assert.ok(await machineOf(rig, 2), "not while the termination is open");
  await rig.change(
    instanceTerminations,
    `${POOL}-i-2`,
    {},
    { phase: "Released", releaseTime: NOTICE_TIME, finishTime: NOTICE_TIME },
  );
  await rig.settle();
  assert.equal(await machineOf(rig, 2), undefined);
  assert.equal(await infraOf(rig, 2), undefined);
  assert.equal(await rig.node(2), undefined);
  assert.ok(await machineOf(rig, 1));
  assert.ok((await rig.eventReasons()).includes("DrainingMachine"));
});

test("an infrastructure machine deleted by a person stays, and its instance is drained as if the Machine had been deleted", async (t) => {
  const rig = await settled(t);
  await rig.management.delete(awsMachines, { namespace: "team-a", name: `${POOL}-i-2` });
  const outcome = await rig.step();
  assert.deepEqual([outcome.did, outcome.because], ["recorded", "MachineDeleted"]);
  const termination = await rig.read<InstanceTermination>(instanceTerminations, `${POOL}-i-2`);
  assert.deepEqual(
    [termination?.spec.cause, termination?.spec.removal, termination?.spec.machineName, termination?.spec.providerID],
    ["UserRequest", { decrement: false }, `${POOL}-i-2`, idOf(2)],
  );
  await rig.settle();
  assert.ok((await infraOf(rig, 2))?.metadata.deletionTimestamp, "it waits for its instance");
  await leaveList(rig);
  await rig.change(
    instanceTerminations,
    `${POOL}-i-2`,
    {},
    { phase: "Released", releaseTime: NOTICE_TIME, finishTime: NOTICE_TIME },
  );
  await rig.settle();
  assert.deepEqual(
    [await infraOf(rig, 2), await machineOf(rig, 2), await rig.node(2)],
    [undefined, undefined, undefined],
  );
});

test("an infrastructure machine that lost its finalizer gets it back, beside those of others", async (t) => {
  const rig = await settled(t);
  const [ours] = (await infraOf(rig, 2))?.metadata.finalizers ?? [];
  assert.ok(ours);
  await rig.change(awsMachines, `${POOL}-i-2`, { metadata: { finalizers: ["example.com/theirs"] } });
  await rig.settle();
  assert.deepEqual((await infraOf(rig, 2))?.metadata.finalizers, ["example.com/theirs", ours]);
});

test("a Machine that a health check condemned leaves as Unhealthy", async (t) => {
  const rig = await settled(t);
  const condemned = {
    type: "OwnerRemediated",
    status: "False",
    reason: "WaitingForRemediation",
    message: "",
    lastTransitionTime: NOTICE_TIME,
  };
  const machine = await machineOf(rig, 2);
  const conditions = [...(machine?.status?.conditions ?? []), condemned];
  await rig.change(machines, `${POOL}-i-2`, {}, { conditions });
  await rig.step();
  const termination = await rig.read<InstanceTermination>(instanceTerminations, `${POOL}-i-2`);
  assert.equal(termination?.spec.cause, "Unhealthy");
  await rig.settle();
  const kept = (await machineOf(rig, 2))?.status?.conditions?.some(({ type }) => type === "OwnerRemediated");
  assert.equal(kept, true, "a condition of somebody else stays");
});

test("a termination that is under way already is told that we take the instance out", async (t) => {
  const rig = await settled(t);
  const underWay = aTermination({ providerID: idOf(2), cause: "RebalanceRecommendation" }, { name: `${POOL}-i-2` });
  await rig.create(instanceTerminations, underWay);
  await rig.management.delete(machines, { namespace: "team-a", name: `${POOL}-i-2` });
  await rig.settle();
  const termination = await rig.read<InstanceTermination>(instanceTerminations, `${POOL}-i-2`);
  assert.deepEqual(
    [termination?.spec.cause, termination?.spec.removal],
    ["RebalanceRecommendation", { decrement: false }],
  );
});

test("an instance whose drain is over and that is still listed is not recorded once more", async (t) => {
  const rig = await settled(t);
  await rig.management.delete(machines, { namespace: "team-a", name: `${POOL}-i-2` });
  await rig.settle();
  await rig.change(
    instanceTerminations,
    `${POOL}-i-2`,
    {},
    { phase: "Released", releaseTime: NOTICE_TIME, finishTime: NOTICE_TIME },
  );
  const before = await rig.read<InstanceTermination>(instanceTerminations, `${POOL}-i-2`);
  assert.equal((await rig.settle()).at(-1), "waited Settled");
  const after = await rig.read<InstanceTermination>(instanceTerminations, `${POOL}-i-2`);
  assert.equal(after?.metadata.uid, before?.metadata.uid);
});

test("a drain that was cancelled while its Machine is still being deleted begins again", async (t) => {
  const rig = await settled(t);
  await rig.management.delete(machines, { namespace: "team-a", name: `${POOL}-i-2` });
  await rig.settle();
  await rig.change(instanceTerminations, `${POOL}-i-2`, {}, { phase: "Cancelled", finishTime: NOTICE_TIME });
  const before = await rig.read<InstanceTermination>(instanceTerminations, `${POOL}-i-2`);
  assert.ok((await rig.settle()).includes("recorded MachineDeleted"));
  const after = await rig.read<InstanceTermination>(instanceTerminations, `${POOL}-i-2`);
  assert.notEqual(after?.metadata.uid, before?.metadata.uid);
});

test("an instance that vanished by itself takes its Machine and its Node along", async (t) => {
  const rig = await settled(t);
  await leaveList(rig);
  await rig.settle();
  assert.deepEqual(
    [await machineOf(rig, 2), await infraOf(rig, 2), await rig.node(2)],
    [undefined, undefined, undefined],
  );
});

test("an infrastructure machine held by its own provider's finalizer goes, one held by somebody else's waits", async (t) => {
  const rig = await settled(t);
  const both = ["awsmachine.infrastructure.cluster.x-k8s.io", "example.com/theirs"];
  await rig.change(awsMachines, `${POOL}-i-2`, { metadata: { finalizers: both } });
  await leaveList(rig);
  await rig.settle();
  assert.deepEqual((await infraOf(rig, 2))?.metadata.finalizers, ["example.com/theirs"]);
});

test("a pool that is deleted takes all its Machines along once its infrastructure is gone", async (t) => {
  const options = pair();
  const held = infrastructureOf({ ids: idsTo(2), status: KIND, finalizers: ["example.com/drains"] });
  const rig = await startNodeRig(t, { ...options, infrastructure: held });
  await rig.settle();
  await rig.management.delete(machinePools, { namespace: "team-a", name: POOL });
  await rig.settle();
  assert.ok(await machineOf(rig, 1), "they stay while the infrastructure drains");
  await rig.change(awsMachinePools, POOL, { metadata: { finalizers: null } });
  await rig.settle();
  assert.deepEqual([await machineOf(rig, 1), await infraOf(rig, 2)], [undefined, undefined]);
  assert.equal(await rig.read(machinePools), undefined);
});
