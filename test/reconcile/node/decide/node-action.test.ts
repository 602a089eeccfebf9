/** The one action of a pass, from views: what comes first, what waits, and how deletions are bound. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { awsMachinePools } from "../../../../lib/api/aws/aws-machine-pool.ts";
import { clusters } from "../../../../lib/api/core/cluster.ts";
import { CLUSTER_NAME_LABEL, WATCH_FILTER_LABEL } from "../../../../lib/api/core/labels.ts";
import { MACHINE_POOL_FINALIZER } from "../../../../lib/api/core/machine-pool.ts";
import { nextNodeAction } from "../../../../lib/reconcile/decide/node-action.ts";
import { isNodeDeletionOver } from "../../../../lib/reconcile/decide/pool-deleting.ts";
import { controllerReference, ownerReference } from "../../../../lib/reconcile/decide/pool-names.ts";
import type { PoolView } from "../../../../lib/reconcile/decide/pool-view.ts";
import { aTermination, CLUSTER, NOTICE_SECONDS, NOTICE_TIME } from "../../../support/builders.ts";
import { kubeadmConfigs } from "../support/crds.ts";
import { configOf, FILTER, idOf, infrastructureOf, livingPool, theCluster } from "../support/objects.ts";
import { poolNode, quietView } from "../support/views.ts";

const bootstrap = {
  dataSecretName: "data-1",
  configRef: { apiGroup: "bootstrap.cluster.x-k8s.io", kind: "KubeadmConfig", name: "workers" },
};
const machinePool = livingPool({
  ids: [idOf(1)],
  uid: "u",
  template: { bootstrap },
  ownerReferences: [ownerReference(clusters, theCluster())],
});
const adopted = { labels: { [CLUSTER_NAME_LABEL]: CLUSTER }, ownerReferences: [controllerReference(machinePool)] };
const settled = (more: Partial<PoolView> = {}): PoolView =>
  quietView({
    machinePool,
    infrastructure: { seen: "found", object: infrastructureOf(adopted), resource: awsMachinePools },
    bootstrap: { seen: "found", object: configOf(undefined, adopted), resource: kubeadmConfigs },
    ...more,
  });
const retired = {
  name: "node-2",
  uid: "uid-2",
  providerID: idOf(2),
  bornSeconds: NOTICE_SECONDS - 3600,
  silent: false,
};
const fix = {
  do: "patch",
  resource: { apiVersion: "v1", plural: "nodes", kind: "Node" },
  at: { name: "node-1" },
  body: {},
} as const;
const nodes = (more: Partial<NonNullable<PoolView["nodes"]>>) => ({
  nodes: { found: [poolNode(1)], retired: [], fixes: [], ...more },
});
const deleting = { ...machinePool, metadata: { ...machinePool.metadata, deletionTimestamp: NOTICE_TIME } };

function unread(): PoolView {
  const { nodes: _nodes, ...rest } = settled();
  return { ...rest, workloadTrouble: { reason: "ApiServerUnreachable", message: "m", againSeconds: 15 } };
}

const cases: { name: string; view: PoolView; want: string }[] = [
  { name: "nothing differs: settled", view: settled(), want: "wait Settled" },
  {
    name: "the pool's own metadata and spec come first",
    view: settled({ machinePool: livingPool(), ...nodes({ fixes: [fix] }) }),
    want: "patch-pool HandedOver",
  },
  {
    name: "then the adoption",
    view: settled({
      infrastructure: { seen: "found", object: infrastructureOf(), resource: awsMachinePools },
      ...nodes({ fixes: [fix] }),
    }),
    want: "write Adopted",
  },
  {
    name: "then the Nodes that are there",
    view: settled(nodes({ fixes: [fix], retired: [retired] })),
    want: "write NodesLabelled",
  },
  { name: "then the Nodes that are to go", view: settled(nodes({ retired: [retired] })), want: "write NodesRemoved" },
  {
    name: "a Node under a termination that is not finished stays",
    view: settled({ ...nodes({ retired: [retired] }), leaving: new Map([[idOf(2), aTermination()]]) }),
    want: "wait Settled",
  },
  {
    name: "a Node whose instance may live all the same stays",
    view: settled({ ...nodes({ retired: [retired] }), doubts: new Map([[idOf(2), NOTICE_SECONDS + 60]]) }),
    want: "wait Settled",
  },
  {
    name: "no Node is removed on the word of a pool that is not ready",
    view: settled({
      ...nodes({ retired: [retired] }),
      infrastructure: {
        seen: "found",
        object: infrastructureOf({ ...adopted, status: { ready: false } }),
        resource: awsMachinePools,
      },
    }),
    want: "wait Settled",
  },
  {
    name: "a workload cluster that was not read is no reason for anything",
    view: unread(),
    want: "wait Settled",
  },
  {
    name: "deletion begins with what the pool refers to",
    view: settled({ machinePool: deleting }),
    want: "write ReferencesDeleted",
  },
];
for (const { name, view, want } of cases)
  test(name, () => {
    const action = nextNodeAction(view);
    assert.equal(`${action.do} ${action.because}`, want);
  });

test("a Node is deleted by name and uid", () => {
  const action = nextNodeAction(settled(nodes({ retired: [retired] })));
  assert.deepEqual(action.do === "write" && action.writes, [
    { do: "delete", resource: fix.resource, at: { name: "node-2" }, uid: "uid-2" },
  ]);
});

test("the hand-over is bound to the version that was read", () => {
  const fresh = livingPool({ resourceVersion: "7", labels: { [WATCH_FILTER_LABEL]: FILTER }, finalizers: [] });
  const action = nextNodeAction(settled({ machinePool: fresh }));
  assert.ok(action.do === "patch-pool");
  const { metadata } = action.body as { metadata: { resourceVersion: string; finalizers: readonly string[] } };
  assert.deepEqual([metadata.resourceVersion, metadata.finalizers], ["7", [MACHINE_POOL_FINALIZER]]);
});

const clocks: { name: string; start?: string; seconds?: number; want: boolean }[] = [
  { name: "a pool that is not deleted has no timeout", seconds: 10, want: false },
  { name: "no timeout is none", start: NOTICE_TIME, want: false },
  { name: "a timeout of 0 is none", start: NOTICE_TIME, seconds: 0, want: false },
  { name: "100 s after a deletion a minute ago are not over", start: NOTICE_TIME, seconds: 100, want: false },
  { name: "10 s after a deletion a minute ago are over", start: NOTICE_TIME, seconds: 10, want: true },
];
for (const { name, start, seconds, want } of clocks)
  test(name, () => {
    const deletion = seconds === undefined ? {} : { deletion: { nodeDeletionTimeoutSeconds: seconds } };
    const pool = livingPool({ ...(start && { deletionTimestamp: start }), template: deletion });
    assert.equal(isNodeDeletionOver({ machinePool: pool, nowSeconds: NOTICE_SECONDS + 60 }), want);
  });

test("the infrastructure's step is told of what it waits for, and not of the list that it gave itself", () => {
  const told = (view: PoolView) => {
    const action = nextNodeAction(view);
    return action.do === "patch-pool" && action.tellsInfrastructure;
  };
  const listed = infrastructureOf({ ...adopted, ids: [idOf(1), idOf(2)], status: { replicas: 2 } });
  const longer = settled({ infrastructure: { seen: "found", object: listed, resource: awsMachinePools } });
  const config = configOf({ initialization: { dataSecretCreated: true }, dataSecretName: "data-2" }, adopted);
  const renamed = settled({ bootstrap: { seen: "found", object: config, resource: kubeadmConfigs } });
  assert.deepEqual([told(longer), told(renamed)], [false, true]);
});
