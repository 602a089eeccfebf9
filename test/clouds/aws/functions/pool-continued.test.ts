/** The worker of pools with the others beside it: from two manifests to instances in AWS, fewer of them, and none. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { AwsMachinePool } from "../../../../lib/api/aws/aws-machine-pool.ts";
import { awsMachinePools } from "../../../../lib/api/aws/aws-machine-pool.ts";
import { type MachinePool, machinePools } from "../../../../lib/api/core/machine-pool.ts";
import type { Key } from "../../../../lib/api/key.ts";
import { type Node, nodes } from "../../../../lib/api/kubernetes/node.ts";
import { batchOf, failuresOf } from "./batch.ts";
import { type Harness, type Invoked, metricsOf, outcomesOf, POOL_QUEUE, startHarness } from "./harness.ts";
import { CLUSTER, NAME, NAMESPACE, setPoolStage } from "./pool-stage.ts";
import { hookEvent } from "./stage.ts";

let harness: Harness;
const functions = new Map<string, (event: unknown) => Promise<Invoked>>();
const invoke = async (name: string, event: unknown): Promise<Invoked> => {
  const invoked = await functions.get(name)?.(event);
  assert.ok(invoked, name);
  return invoked;
};
before(async () => {
  harness = await startHarness({ withRoles: true });
  await setPoolStage(harness);
  for (const name of ["pool-continued", "drain-continued", "asg-instance-terminating", "overdue-swept"])
    functions.set(name, await harness.load(name, { LIFEGUARD_WATCH_FILTER: "lifeguard" }));
});
after(() => harness.close());

const at = { namespace: NAMESPACE, name: NAME };
const poolKey: Key = { kind: awsMachinePools.kind, ...at };
const bodies = (keys: readonly Key[]) => batchOf(keys.map((key) => JSON.stringify(key)));
const pool = () => harness.management.client.get<AwsMachinePool>(awsMachinePools, at);
const running = () =>
  harness.aws.cloud.instances().filter(({ state }) => state === "running" || state === "pending").length;
const told = new Set<string>();

/** Machines join, and hooks speak, between two passes. */
async function happenings(): Promise<void> {
  for (const { id, zone, privateDnsName } of harness.aws.cloud.instances()) {
    const node: Node = {
      apiVersion: "v1",
      kind: "Node",
      metadata: { name: privateDnsName },
      spec: { providerID: `aws:///${zone}/${id}` },
      status: { conditions: [{ type: "Ready", status: "True", lastTransitionTime: "2026-11-20T08:00:00Z" }] },
    };
    if (!told.has(id)) await harness.workload.client.create<Node>(nodes, node);
    told.add(id);
  }
  for (const { instanceId, token } of harness.aws.cloud.waiting()) {
    if (told.has(token)) continue;
    told.add(token);
    const time = harness.clock.now().toISOString();
    await invoke("asg-instance-terminating", hookEvent({ instanceId, token, time, groupName: NAME }));
  }
}

/** As SQS, EventBridge and the clock would do it. */
async function untilQuiet(first: readonly Key[]): Promise<readonly Invoked[]> {
  const invoked: Invoked[] = [];
  let pools = first;
  for (let quiet = 0; quiet < 8; ) {
    assert.ok(invoked.length < 250, "the pool comes to rest");
    if (pools.length > 0) invoked.push(await invoke("pool-continued", bodies(pools)));
    const drains = harness.takeKeys(10);
    if (drains.length > 0) invoked.push(await invoke("drain-continued", bodies(drains)));
    await happenings();
    pools = harness.takeKeys(0, POOL_QUEUE);
    quiet = pools.length + drains.length > 0 ? 0 : quiet + 1;
  }
  return invoked;
}

const patchPool = (body: object) =>
  harness.management.client.patch<MachinePool>(machinePools, at, { type: "merge", body });

test("from two manifests to three instances: the group, its hook, its list of instances, and a MachinePool that runs", async () => {
  await untilQuiet([{ kind: machinePools.kind, ...at }]);
  assert.equal(running(), 3);
  const { spec, status } = await pool();
  assert.equal(spec.providerIDList?.length, 3);
  assert.equal(status?.ready, true);
  assert.equal(status?.conditions?.find(({ type }) => type === "Ready")?.status, "True", JSON.stringify(status));
  const machinePool = await harness.management.client.get<MachinePool>(machinePools, at);
  assert.equal(machinePool.status?.phase, "Running");
  assert.deepEqual(machinePool.spec.providerIDList, spec.providerIDList);
});

test("a settled pool costs no write and comes back to no queue", async () => {
  const { calls, lines } = await invoke("pool-continued", bodies([poolKey, { kind: machinePools.kind, ...at }]));
  assert.deepEqual(
    calls.filter((what) => /^(PATCH|POST|PUT|DELETE|Create|Update|Put|Delete|Set|Start|Send)/.test(what)),
    [],
  );
  assert.ok(outcomesOf(lines).includes("settled: InStep"), outcomesOf(lines).join());
});

test("one replica fewer: its instance is drained, taken out with decrement, and its hook completed", async () => {
  await patchPool({ spec: { replicas: 2 } });
  const invoked = await untilQuiet([poolKey]);
  const calls = invoked.flatMap((one) => one.calls);
  assert.equal(calls.filter((what) => what === "TerminateInstanceInAutoScalingGroup").length, 1);
  assert.equal(running(), 2);
  const [record] = await harness.terminations();
  assert.deepEqual([record?.spec.cause, record?.status?.phase], ["ScaleIn", "Released"]);
  assert.equal((await pool()).spec.providerIDList?.length, 2);
});

test("a group that changes by itself has its pool looked at, another one costs one call", async () => {
  const changed = await harness.load("asg-group-changed", { LIFEGUARD_WATCH_FILTER: "lifeguard" });
  const event = (AutoScalingGroupName: string) => ({
    source: "aws.autoscaling",
    "detail-type": "EC2 Instance Launch Successful",
    detail: { AutoScalingGroupName, EC2InstanceId: "i-1" },
  });
  harness.takeKeys(901, POOL_QUEUE);
  assert.deepEqual(outcomesOf((await changed(event(NAME))).lines), ["looked: "]);
  assert.deepEqual(harness.takeKeys(0, POOL_QUEUE), [poolKey]);
  const other = await changed(event("somebody-elses"));
  assert.deepEqual(outcomesOf(other.lines), ["ignored: NoPool"]);
  assert.deepEqual(
    other.calls.filter((what) => !what.startsWith("GetSecret")),
    ["GET awsmachinepools"],
  );
  const drainsOnly = await harness.load("asg-group-changed");
  assert.deepEqual((await drainsOnly(event(NAME))).calls, []);
});

test("a hint leads to the pools of its cluster, and its keys to their queue", async () => {
  harness.takeKeys(901, POOL_QUEUE);
  const { lines } = await invoke("pool-continued", bodies([{ kind: "Cluster", namespace: NAMESPACE, name: CLUSTER }]));
  assert.deepEqual(outcomesOf(lines), ["looked: Cluster"]);
  assert.deepEqual(
    harness
      .takeKeys(0, POOL_QUEUE)
      .map(({ kind }) => kind)
      .sort(),
    ["AWSMachinePool", "MachinePool"],
  );
});

test("all of a kind: a name that no object can have leads to every pool of the namespace", async () => {
  await invoke("pool-continued", bodies([{ kind: "AWSMachinePool", namespace: NAMESPACE, name: "*" }]));
  assert.equal(harness.takeKeys(0, POOL_QUEUE).length, 2);
});

test("several looks at a pool on its way ask for one more look, not for several", async () => {
  await patchPool({ spec: { replicas: 3 } });
  await invoke("pool-continued", bodies([poolKey]));
  for (let look = 0; look < 3; look++) await invoke("pool-continued", bodies([poolKey]));
  const again = harness.takeKeys(901, POOL_QUEUE).filter(({ kind }) => kind === poolKey.kind);
  assert.equal(again.length, 1);
  await untilQuiet([poolKey]);
  assert.equal(running(), 3);
});

test("a size that changed without a hint is found by the next sweep, and a settled pool only now and then", async () => {
  harness.takeKeys(901, POOL_QUEUE);
  await patchPool({ spec: { replicas: 2 } });
  const { error } = await invoke("overdue-swept", {});
  assert.equal(error, undefined);
  const found = harness.takeKeys(0, POOL_QUEUE);
  assert.deepEqual(found.map(({ kind }) => kind).sort(), ["AWSMachinePool", "MachinePool"]);
  await untilQuiet(found);
  assert.equal(running(), 2);
  let woken = 0;
  for (let minute = 0; minute < 10; minute++) {
    await invoke("overdue-swept", {});
    woken += harness.takeKeys(60, POOL_QUEUE).filter(({ kind }) => kind === poolKey.kind).length;
  }
  assert.ok(woken >= 1 && woken <= 2, `woken ${woken} times in ten minutes`);
  await patchPool({ spec: { replicas: 3 } });
  await untilQuiet([poolKey]);
});

test("in a batch a poisoned body fails alone, and a pool of nobody is counted and done with", async () => {
  const unknown = JSON.stringify({ ...poolKey, name: "nobody" });
  const { answer, lines } = await invoke("pool-continued", batchOf([unknown, "{ poison", JSON.stringify(poolKey)]));
  assert.deepEqual(failuresOf(answer), ["message-1"]);
  assert.equal(metricsOf(lines, "Failures").length, 1);
  assert.ok(outcomesOf(lines).includes("ignored: NotFound"));
});

test("an apply that AWS refuses is said on the pool, and heals when it is mended", async () => {
  harness.aws.inject({ action: "SetDesiredCapacity", code: "AccessDenied", message: "you may not", times: 1 });
  await patchPool({ spec: { replicas: 4 } });
  const { lines } = await invoke("pool-continued", bodies([poolKey]));
  assert.deepEqual(outcomesOf(lines), ["failed: CloudDenied"]);
  const said = (await pool()).status?.conditions?.find(({ type }) => type === "Ready");
  assert.equal(said?.status, "False");
  await untilQuiet([poolKey]);
  assert.equal(running(), 4);
  assert.equal((await pool()).status?.conditions?.find(({ type }) => type === "Ready")?.status, "True");
});

test("a deleted pool: everything is drained, and nothing is left in AWS or in the management cluster", async () => {
  await harness.management.client.delete(machinePools, at);
  await untilQuiet([{ kind: machinePools.kind, ...at }]);
  assert.equal(running(), 0);
  await assert.rejects(pool(), /not found/);
  await assert.rejects(harness.management.client.get(machinePools, at), /not found/);
  const groups = await harness.aws.cloud.handle("autoscaling", "DescribeAutoScalingGroups", {});
  assert.deepEqual(Object(groups).AutoScalingGroups, []);
  assert.ok((await harness.terminations()).every(({ status }) => status?.phase === "Released"));
});
