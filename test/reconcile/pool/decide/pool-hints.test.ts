/** Which pools a hint leads to, and which a sweep wakes. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { awsMachinePools } from "../../../../lib/api/aws/aws-machine-pool.ts";
import type { InfrastructurePool } from "../../../../lib/api/core/infrastructure-pool.ts";
import type { MachinePool } from "../../../../lib/api/core/machine-pool.ts";
import type { KubernetesObject } from "../../../../lib/api/kubernetes/meta.ts";
import { infrastructureIsDue, machinePoolIsDue } from "../../../../lib/reconcile/decide/pool-due.ts";
import { isRelated, keysOfPool } from "../../../../lib/reconcile/decide/related-pools.ts";
import { aMachine, aMachinePool, aPool, CLUSTER, NAMESPACE, NOTICE_TIME, POOL } from "../../../support/builders.ts";

const base = aMachinePool();
const bootstrap = {
  dataSecretName: "workers-data",
  configRef: { apiGroup: "b", kind: "KubeadmConfig", name: "workers-1" },
};
const pool: MachinePool = {
  ...base,
  spec: { ...base.spec, template: { ...base.spec.template, spec: { ...base.spec.template.spec, bootstrap } } },
};

const related: { name: string; kind: string; of: string; labelled?: KubernetesObject; want: boolean }[] = [
  { name: "the MachinePool itself", kind: "PoolHint", of: POOL, want: true },
  { name: "another MachinePool", kind: "PoolHint", of: "other", want: false },
  { name: "all of a kind", kind: "PoolHint", of: "*", want: true },
  { name: "its Cluster", kind: "Cluster", of: CLUSTER, want: true },
  { name: "another Cluster", kind: "Cluster", of: "other", want: false },
  { name: "its bootstrap data", kind: "Secret", of: "workers-data", want: true },
  { name: "its cluster's kubeconfig", kind: "Secret", of: `${CLUSTER}-kubeconfig`, want: true },
  { name: "any other Secret", kind: "Secret", of: "ca", want: false },
  { name: "its bootstrap config", kind: "KubeadmConfig", of: "workers-1", want: true },
  { name: "another pool's bootstrap config", kind: "KubeadmConfig", of: "workers-2", want: false },
  { name: "a bootstrap config of another kind", kind: "EKSConfig", of: "workers-1", want: false },
  { name: "one of its Machines", kind: "Machine", of: "m", labelled: aMachine(), want: true },
  {
    name: "a Machine of another pool",
    kind: "Machine",
    of: "m",
    labelled: aMachine({ labels: { "cluster.x-k8s.io/cluster-name": CLUSTER, "cluster.x-k8s.io/pool-name": "x" } }),
    want: false,
  },
  {
    name: "a Machine of another cluster",
    kind: "Machine",
    of: "m",
    labelled: aMachine({ labels: { "cluster.x-k8s.io/cluster-name": "x", "cluster.x-k8s.io/pool-name": POOL } }),
    want: false,
  },
  { name: "a Machine that is gone: it may have been ours", kind: "Machine", of: "m", want: true },
];
for (const { name, kind, of, labelled, want } of related)
  test(`${name} ${want ? "leads" : "does not lead"} to the pool`, () =>
    strictEqual(isRelated({ kind, namespace: NAMESPACE, name: of }, pool, labelled), want));

test("a pool is looked at with the infrastructure behind it", () =>
  deepStrictEqual(keysOfPool(pool, [awsMachinePools]), [
    { kind: "MachinePool", namespace: NAMESPACE, name: POOL },
    { kind: "AWSMachinePool", namespace: NAMESPACE, name: POOL },
  ]));

test("a pool whose infrastructure is of a kind that nobody here knows is left alone", () =>
  deepStrictEqual(keysOfPool(pool, [{ ...awsMachinePools, kind: "OtherPool" }]), []));

const minutes = Array.from({ length: 10 }, (_, minute) => minute);
const running: MachinePool = {
  ...base,
  metadata: { ...base.metadata, generation: 2 },
  spec: { ...base.spec, replicas: 3 },
  status: { phase: "Running", replicas: 3, observedGeneration: 2 },
};
const ready: InfrastructurePool = {
  ...aPool(),
  status: {
    ready: true,
    replicas: 1,
    conditions: [{ type: "Ready", status: "True", lastTransitionTime: NOTICE_TIME }],
  },
};
const deleted = { deletionTimestamp: NOTICE_TIME };

test("a settled pool is woken once in ten minutes, its MachinePool too", () => {
  strictEqual(minutes.filter((minute) => machinePoolIsDue(running, minute)).length, 1);
  strictEqual(minutes.filter((minute) => infrastructureIsDue(ready, minute)).length, 1);
});

const awake: { name: string; due: (minute: number) => boolean }[] = [
  {
    name: "a MachinePool that is not running",
    due: (m) => machinePoolIsDue({ ...running, status: { ...running.status, phase: "ScalingUp" } }, m),
  },
  {
    name: "a MachinePool whose spec nobody has seen",
    due: (m) => machinePoolIsDue({ ...running, metadata: { ...running.metadata, generation: 3 } }, m),
  },
  {
    name: "a MachinePool that wants another size",
    due: (m) => machinePoolIsDue({ ...running, spec: { ...running.spec, replicas: 4 } }, m),
  },
  { name: "a MachinePool that is new", due: (m) => machinePoolIsDue(base, m) },
  {
    name: "a MachinePool that is being deleted",
    due: (m) => machinePoolIsDue({ ...running, metadata: { ...running.metadata, ...deleted } }, m),
  },
  {
    name: "a pool that is not ready",
    due: (m) => infrastructureIsDue({ ...ready, status: { ...ready.status, ready: false } }, m),
  },
  {
    name: "a pool whose list and count differ",
    due: (m) => infrastructureIsDue({ ...ready, status: { ...ready.status, replicas: 2 } }, m),
  },
  { name: "a pool that is new", due: (m) => infrastructureIsDue(aPool(), m) },
  {
    name: "a pool that is being deleted",
    due: (m) => infrastructureIsDue({ ...ready, metadata: { ...ready.metadata, ...deleted } }, m),
  },
  {
    name: "a pool with a condition that is not True",
    due: (m) =>
      infrastructureIsDue(
        {
          ...ready,
          status: { ...ready.status, conditions: [{ type: "X", status: "Unknown", lastTransitionTime: NOTICE_TIME }] },
        },
        m,
      ),
  },
];
for (const { name, due } of awake) test(`${name} is woken every minute`, () => ok(minutes.every(due)));

test("settled pools spread over the minutes", () => {
  const named = Array.from({ length: 200 }, (_, number) => ({
    ...running,
    metadata: { ...running.metadata, name: `pool-${number}` },
  }));
  for (const minute of minutes) {
    const count = named.filter((one) => machinePoolIsDue(one, minute)).length;
    ok(count > 5 && count < 40, `${count} in minute ${minute}`);
  }
});
