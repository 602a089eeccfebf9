/** What keeps a pass from the cloud, in upstream's order. */
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { InfrastructurePool } from "../../../../lib/api/core/infrastructure-pool.ts";
import { groupGate } from "../../../../lib/reconcile/decide/group-gate.ts";
import type { PoolSeen } from "../../../../lib/reconcile/decide/group-view.ts";
import { aMachinePool, aPool, CLUSTER, NOTICE_TIME } from "../../../support/builders.ts";

const FINALIZER = "memory.example.com";
const pool = (meta: object = {}): InfrastructurePool =>
  aPool({ labels: { "cluster.x-k8s.io/watch-filter": "mine" }, finalizers: [FINALIZER], ...meta });
const cluster = { metadata: { name: CLUSTER }, status: { initialization: { infrastructureProvisioned: true } } };
const open: PoolSeen = {
  pool: pool(),
  finalizer: FINALIZER,
  watchFilter: "mine",
  machinePool: aMachinePool(),
  cluster,
  bootstrap: "found",
};
const { machinePool: _machinePool, ...unowned } = open;
const { cluster: _cluster, ...clusterless } = open;
const deleted = { deletionTimestamp: NOTICE_TIME };

const cases: { name: string; seen: PoolSeen; want: string | undefined }[] = [
  { name: "nothing stops a pool that is ours and has what it needs", seen: open, want: undefined },
  { name: "another filter", seen: { ...open, watchFilter: "other" }, want: "ignore NotOurs" },
  { name: "no filter of ours", seen: { ...open, watchFilter: undefined }, want: "ignore NotOurs" },
  {
    name: "an empty filter takes not even an empty label",
    seen: { ...open, watchFilter: "", pool: pool({ labels: { "cluster.x-k8s.io/watch-filter": "" } }) },
    want: "ignore NotOurs",
  },
  { name: "no label", seen: { ...open, pool: pool({ labels: {} }) }, want: "ignore NotOurs" },
  {
    name: "moved to another management cluster",
    seen: { ...open, pool: pool({ ...deleted, annotations: { "clusterctl.cluster.x-k8s.io/delete-for-move": "" } }) },
    want: "ignore MovedAway",
  },
  {
    name: "being deleted without our finalizer",
    seen: { ...open, pool: pool({ ...deleted, finalizers: ["other"] }) },
    want: "ignore BeingDeleted",
  },
  {
    name: "paused itself",
    seen: { ...open, pool: pool({ annotations: { "cluster.x-k8s.io/paused": "false" } }) },
    want: "ignore Paused",
  },
  {
    name: "paused with its MachinePool",
    seen: { ...open, machinePool: aMachinePool({ paused: true }) },
    want: "ignore Paused",
  },
  {
    name: "paused with its Cluster",
    seen: { ...open, cluster: { ...cluster, spec: { paused: true } } },
    want: "ignore Paused",
  },
  {
    name: "paused while it is deleted",
    seen: { ...open, pool: pool({ ...deleted, annotations: { "cluster.x-k8s.io/paused": "" } }) },
    want: "ignore Paused",
  },
  { name: "no owner", seen: unowned, want: "wait NoMachinePool" },
  {
    name: "no owner any more",
    seen: { ...unowned, pool: pool({ ...deleted, ownerReferences: [] }) },
    want: "wait NoMachinePool",
  },
  { name: "no Cluster", seen: clusterless, want: "wait NoCluster" },
  { name: "the first pass", seen: { ...open, pool: pool({ finalizers: [] }) }, want: "add-finalizer FirstPass" },
  {
    name: "no infrastructure of the cluster",
    seen: { ...open, cluster: { metadata: { name: CLUSTER } } },
    want: "wait WaitingForClusterInfrastructure",
  },
  {
    name: "no name of the bootstrap data",
    seen: { ...open, bootstrap: "not-named" },
    want: "wait WaitingForBootstrapData",
  },
  {
    name: "no Secret with the bootstrap data",
    seen: { ...open, bootstrap: "missing" },
    want: "wait WaitingForBootstrapData",
  },
  { name: "a pool that wants no bootstrap data", seen: { ...open, bootstrap: "not-wanted" }, want: undefined },
  {
    name: "deletion needs neither infrastructure nor bootstrap data",
    seen: { ...open, pool: pool(deleted), cluster: { metadata: { name: CLUSTER } }, bootstrap: "missing" },
    want: undefined,
  },
];
for (const { name, seen, want } of cases)
  test(name, () => {
    const action = groupGate(seen);
    strictEqual(action && `${action.do} ${action.because}`, want);
  });

test("nobody's pool is waited for without a word until it had an owner, or is deleted", () => {
  const said = (meta: object) => {
    const action = groupGate({ ...unowned, pool: pool(meta) });
    return action?.do === "wait" && action.said?.reason;
  };
  deepStrictEqual(
    [said({ ownerReferences: [] }), said({}), said({ ownerReferences: [], ...deleted })],
    [undefined, "MachinePoolGone", "MachinePoolGone"],
  );
});

test("a missing Secret is named, and where its data should be", () => {
  const { spec } = aMachinePool();
  const template = { ...spec.template, spec: { ...spec.template.spec, bootstrap: { dataSecretName: "workers-data" } } };
  const action = groupGate({
    ...open,
    bootstrap: "missing",
    machinePool: { ...aMachinePool(), spec: { ...spec, template } },
  });
  deepStrictEqual(
    action?.do === "wait" && action.said?.message,
    'the Secret workers-data with the bootstrap data under the key "value" is not there',
  );
});
