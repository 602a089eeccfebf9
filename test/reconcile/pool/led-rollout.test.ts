/** Pools whose cloud replaces nothing by itself: the provider says how many and who, each goes drained, on the wire. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { type Machine, machines } from "../../../lib/api/core/machine.ts";
import type { KubernetesObject } from "../../../lib/api/kubernetes/meta.ts";
import { poolMembers } from "../../../lib/reconcile/observe/group-marks.ts";
import { NAMESPACE } from "../../support/builders.ts";
import { NAME, type PoolRig, startPoolRig } from "./rig.ts";

const anotherTemplate = (rig: PoolRig) => rig.patchPool({ spec: { template: "two" } });

test("another template: one more comes first, then the old ones go one by one, and the number is the wish again", async (t) => {
  const rig = await startPoolRig(t, { replicas: 2, led: true });
  await rig.untilQuiet();
  deepStrictEqual(await rig.instances(), ["blue-1 running", "blue-2 running"]);
  await anotherTemplate(rig);
  const told = await rig.untilQuiet();
  deepStrictEqual(await rig.instances(), ["blue-3 running", "blue-4 running"]);
  const steps = told.filter((one) => one.endsWith("RollingUpdate"));
  deepStrictEqual(steps, [
    "pool scaled: RollingUpdate",
    "pool recorded: RollingUpdate",
    "pool scaled: RollingUpdate",
    "pool recorded: RollingUpdate",
  ]);
  const records = await rig.terminations();
  deepStrictEqual(
    records.map(({ spec, status }) => `${spec.removal?.decrement} ${status?.phase}`),
    ["true Released", "true Released"],
  );
});

test("where somebody else owns the number, old ones are replaced one by one and the number stays", async (t) => {
  const annotations = { "cluster.x-k8s.io/replicas-managed-by": "external-autoscaler" };
  const rig = await startPoolRig(t, { replicas: 2, led: true, machinePoolMeta: { annotations } });
  await rig.untilQuiet();
  rig.cloud.resize(NAME, 2);
  await rig.untilQuiet();
  await anotherTemplate(rig);
  await rig.untilQuiet();
  const left = await rig.instances();
  strictEqual(left.length, 2);
  ok(left.every((one) => !["blue-1 running", "blue-2 running"].includes(one)));
  strictEqual((await rig.machinePool()).spec.replicas, 2);
  deepStrictEqual(
    (await rig.terminations()).map(({ spec }) => spec.removal?.decrement),
    [false, false],
  );
});

test("scale-in takes whom the provider names, within the deployment's surge", async (t) => {
  const rig = await startPoolRig(t, { replicas: 4, led: true, settings: { surge: 2 } });
  await rig.untilQuiet();
  rig.cloud.sicken("blue-1");
  await rig.scaleTo(1);
  const told = await rig.untilQuiet();
  deepStrictEqual(await rig.instances(), ["blue-2 running"]);
  strictEqual(told.filter((one) => one === "pool recorded: ScaleIn").length, 2);
});

test("the members of a pool are its Machines: who is Ready, and whom somebody marked", async (t) => {
  const rig = await startPoolRig(t, { led: true });
  const labels = { "cluster.x-k8s.io/cluster-name": "prod", "cluster.x-k8s.io/pool-name": NAME };
  const { clusterName } = (await rig.machinePool()).spec;
  const create = async (name: string, ready: string, annotations = {}) => {
    const metadata = {
      name,
      namespace: NAMESPACE,
      annotations,
      labels: { ...labels, "cluster.x-k8s.io/cluster-name": clusterName },
    };
    const spec = {
      clusterName,
      providerID: `memory:///zone-a/${name}`,
      bootstrap: {},
      infrastructureRef: { apiGroup: "a.b", kind: "K", name },
    };
    const machine = { apiVersion: machines.apiVersion, kind: machines.kind, metadata, spec };
    await rig.management.create<KubernetesObject>(machines, machine);
    const lastTransitionTime = "2026-03-01T12:00:00Z";
    const conditions = [{ type: "NodeReady", status: ready, reason: "Seen", message: "", lastTransitionTime }];
    const at = { namespace: NAMESPACE, name };
    await rig.management.patch<Machine>(machines, at, { type: "merge", body: { status: { conditions } } }, "status");
  };
  await create("m-1", "True");
  await create("m-2", "Unknown", { "cluster.x-k8s.io/delete-machine": "" });
  deepStrictEqual(await poolMembers(rig.management, await rig.machinePool()), [
    { providerID: "memory:///zone-a/m-1", ready: true, marked: false },
    { providerID: "memory:///zone-a/m-2", ready: false, marked: true },
  ]);
});
