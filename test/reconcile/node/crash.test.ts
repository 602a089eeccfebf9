/** A pass may die before or after any of its calls: the end is that of an undisturbed run, and nothing is made twice. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { awsMachines } from "../../../lib/api/aws/aws-machine.ts";
import { awsMachinePools } from "../../../lib/api/aws/aws-machine-pool.ts";
import { machines } from "../../../lib/api/core/machine.ts";
import { machinePools } from "../../../lib/api/core/machine-pool.ts";
import type { KubernetesObject, Resource } from "../../../lib/api/kubernetes/meta.ts";
import { nodes } from "../../../lib/api/kubernetes/node.ts";
import { type InstanceTermination, instanceTerminations } from "../../../lib/api/lifecycle/instance-termination.ts";
import { nodeStep } from "../../../lib/reconcile/node-step.ts";
import type { World } from "../../../lib/reconcile/step.ts";
import { NOTICE_TIME, POOL } from "../../support/builders.ts";
import { Died, dyingWorld } from "../support/dying.ts";
import { idOf, idsTo, infrastructureOf, nodeOf, poolOf } from "./support/objects.ts";
import { type NodeRig, POOL_KEY, startNodeRig } from "./support/rig.ts";

/** Passes until settled; one that died is made again by an invocation that lives. */
async function settle(worlds: World[]): Promise<void> {
  for (let again: number | undefined = 0; again === 0 || again === 1; ) {
    const [world] = worlds;
    if (!world) throw new Error("more than one invocation died");
    try {
      again = (await nodeStep(world, POOL_KEY)).againSeconds;
    } catch (error) {
      if (!(error instanceof Died)) throw error;
      worlds.shift();
    }
  }
}

async function namesOf(client: NodeRig["management"], resource: Resource): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const page of client.list<KubernetesObject>(resource))
    names.push(...page.map(({ metadata }) => metadata.name));
  return names.sort();
}

/** A pool with Machines comes to be, one Machine is deleted, its instance leaves. */
async function story(t: TestContext, atCall: number, after: boolean) {
  const rig = await startNodeRig(t, {
    pool: poolOf({ replicas: 2 }),
    infrastructure: infrastructureOf({ ids: idsTo(2), status: { infrastructureMachineKind: "AWSMachine" } }),
    nodes: [nodeOf(1), nodeOf(2)],
  });
  const worlds = atCall > 0 ? [dyingWorld(rig.world, atCall, after), rig.world] : [rig.world];
  await settle(worlds);
  await rig.management.delete(machines, { namespace: "team-a", name: `${POOL}-i-2` });
  await settle(worlds);
  const termination = await rig.read<InstanceTermination>(instanceTerminations, `${POOL}-i-2`);
  await rig.change(
    instanceTerminations,
    `${POOL}-i-2`,
    {},
    { phase: "Released", releaseTime: NOTICE_TIME, finishTime: NOTICE_TIME },
  );
  await rig.change(awsMachinePools, POOL, { spec: { providerIDList: [idOf(1)] } }, { replicas: 1 });
  await rig.change(machinePools, POOL, { spec: { replicas: 1 } });
  await settle(worlds);
  const { status = {}, spec } = await rig.pool();
  const end = {
    phase: status.phase,
    counters: [status.replicas, status.readyReplicas, status.availableReplicas],
    ids: spec.providerIDList,
    machines: await namesOf(rig.management, machines),
    infrastructure: await namesOf(rig.management, awsMachines),
    nodes: await namesOf(rig.workload, nodes),
    cause: termination?.spec.cause,
  };
  return { end, calls: rig.calls().length, died: atCall > 0 && worlds.length === 1 };
}

test("whichever call an invocation dies at, the end is the same", { timeout: 120_000 }, async (t) => {
  const undisturbed = await story(t, 0, false);
  assert.deepEqual(undisturbed.end, {
    phase: "Running",
    counters: [1, 1, 1],
    ids: [idOf(1)],
    machines: [`${POOL}-i-1`],
    infrastructure: [`${POOL}-i-1`],
    nodes: ["node-1"],
    cause: "UserRequest",
  });
  for (let atCall = 1; atCall <= undisturbed.calls; atCall += 7) {
    const after = atCall % 2 === 0;
    const { end, died } = await story(t, atCall, after);
    assert.deepEqual(end, undisturbed.end, `dying ${after ? "after" : "before"} call ${atCall}`);
    if (atCall < 40) assert.equal(died, true);
  }
});
