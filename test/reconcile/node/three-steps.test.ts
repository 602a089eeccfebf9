/** pool-step, node-step and drain-step on one pool: each does its part, none undoes another's, and all come to rest. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { awsMachines } from "../../../lib/api/aws/aws-machine.ts";
import { awsMachinePools } from "../../../lib/api/aws/aws-machine-pool.ts";
import { machines } from "../../../lib/api/core/machine.ts";
import { type MachinePool, machinePools } from "../../../lib/api/core/machine-pool.ts";
import { customResourceDefinitions } from "../../../lib/api/kubernetes/custom-resource-definition.ts";
import type { KubernetesObject, Resource } from "../../../lib/api/kubernetes/meta.ts";
import { nodes } from "../../../lib/api/kubernetes/node.ts";
import { pods } from "../../../lib/api/kubernetes/pod.ts";
import { nodeStep } from "../../../lib/reconcile/node-step.ts";
import { aPod, NAMESPACE } from "../../support/builders.ts";
import { NAME, type PoolRig, type PoolRigOptions, startPoolRig } from "../pool/rig.ts";
import { poolCrds } from "./support/crds.ts";

const KEY = { kind: machinePools.kind, namespace: NAMESPACE, name: NAME };
const AT = { namespace: NAMESPACE, name: NAME };

async function start(t: TestContext, options: PoolRigOptions = {}): Promise<PoolRig> {
  const rig = await startPoolRig(t, { replicas: 3, ...options });
  for (const crd of poolCrds)
    await rig.management.create(customResourceDefinitions, crd as KubernetesObject).catch(() => undefined);
  return rig;
}

/** The steps take turns until a whole round writes nothing. @returns what node-step did */
async function play(rig: PoolRig): Promise<readonly string[]> {
  const told: string[] = [];
  for (let round = 0; round < 30; round++) {
    const before = rig.writes().length;
    for (let again: number | undefined = 0; again === 0 || again === 1; ) {
      const outcome = await nodeStep(rig.poolWorld, KEY);
      told.push(`${outcome.did} ${outcome.because}`);
      again = outcome.againSeconds;
    }
    if (await exists(rig, awsMachinePools)) await rig.untilQuiet();
    if (rig.writes().length === before) return told;
  }
  throw new Error(`no rest: ${told.slice(-10).join(", ")}`);
}

const exists = async (rig: PoolRig, resource: Resource): Promise<boolean> =>
  rig.management.get(resource, AT).then(
    () => true,
    () => false,
  );

async function namesOf(client: PoolRig["management"], resource: Resource): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const page of client.list<KubernetesObject>(resource))
    names.push(...page.map(({ metadata }) => metadata.name));
  return names.sort();
}

const statusOf = async (rig: PoolRig) => (await rig.management.get<MachinePool>(machinePools, AT)).status ?? {};

test("three instances are asked for, join, and the pool is Running", async (t) => {
  const rig = await start(t);
  await play(rig);
  const status = await statusOf(rig);
  assert.deepEqual(
    [status.phase, status.replicas, status.readyReplicas, status.nodeRefs?.length],
    ["Running", 3, 3, 3],
  );
  const before = rig.writes().length;
  await play(rig);
  assert.equal(rig.writes().length, before, "at rest nobody writes");
});

test("two less: both victims are drained before they go, and their Nodes go with them", async (t) => {
  const rig = await start(t);
  await play(rig);
  for (const number of [1, 2, 3])
    await rig.create("workload", pods, aPod({ name: `web-${number}`, node: `node-blue-${number}`, graceSeconds: 5 }));
  await rig.scaleTo(1);
  await play(rig);
  const status = await statusOf(rig);
  assert.deepEqual([status.phase, status.replicas, status.readyReplicas], ["Running", 1, 1]);
  assert.equal((await namesOf(rig.workload, nodes)).length, 1);
  assert.equal((await rig.podNames()).length, 1);
  const evicted = rig.calls().filter(({ what }) => what === "POST pods/eviction").length;
  assert.equal(evicted, 2);
});

test("a Machine deleted by a person is drained, removed and replaced", async (t) => {
  const rig = await start(t, { replicas: 2 });
  await play(rig);
  await rig.management.patch(
    awsMachinePools,
    AT,
    { type: "merge", body: { status: { infrastructureMachineKind: "AWSMachine" } } },
    "status",
  );
  await play(rig);
  const [first = ""] = await namesOf(rig.management, machines);
  assert.equal(first, "blue-blue-1");
  await rig.create("workload", pods, aPod({ name: "web-1", node: "node-blue-1", graceSeconds: 5 }));
  await rig.management.delete(machines, { namespace: NAMESPACE, name: first });
  const told = await play(rig);
  assert.ok(told.includes("recorded MachineDeleted"));
  assert.deepEqual(await namesOf(rig.management, machines), ["blue-blue-2", "blue-blue-3"]);
  assert.deepEqual(await namesOf(rig.management, awsMachines), ["blue-blue-2", "blue-blue-3"]);
  assert.deepEqual(await rig.podNames(), []);
  assert.equal((await statusOf(rig)).phase, "Running");
});

test("a deleted pool is drained, and nothing of it is left", async (t) => {
  const rig = await start(t);
  await play(rig);
  await rig.create("workload", pods, aPod({ name: "web-1", node: "node-blue-1", graceSeconds: 5 }));
  await rig.management.delete(machinePools, AT);
  await play(rig);
  assert.equal(await exists(rig, machinePools), false);
  assert.equal(await exists(rig, awsMachinePools), false);
  assert.deepEqual([await namesOf(rig.workload, nodes), await rig.podNames(), await rig.instances()], [[], [], []]);
  const evicted = rig.calls().filter(({ what }) => what === "POST pods/eviction").length;
  assert.equal(evicted, 1);
});
