/** A quiet view for tables: one instance, one Ready Node, everything handed over. */
import { awsMachinePools } from "../../../../lib/api/aws/aws-machine-pool.ts";
import type { PoolNode, PoolView } from "../../../../lib/reconcile/decide/pool-view.ts";
import { NOTICE_SECONDS } from "../../../support/builders.ts";
import { kubeadmConfigs } from "./crds.ts";
import { configOf, FILTER, idOf, idsTo, infrastructureOf, livingPool, theCluster } from "./objects.ts";

export const poolNode = (number: number, more: Partial<PoolNode> = {}): PoolNode => ({
  name: `node-${number}`,
  uid: `uid-${number}`,
  providerID: idOf(number),
  ready: true,
  readySinceSeconds: NOTICE_SECONDS - 3600,
  version: "v1.33.1",
  ...more,
});

export const quietView = (more: Partial<PoolView> = {}): PoolView => ({
  nowSeconds: NOTICE_SECONDS,
  machinePool: livingPool({ ids: [idOf(1)], generation: 1 }),
  cluster: theCluster(),
  infrastructure: { seen: "found", object: infrastructureOf(), resource: awsMachinePools },
  bootstrap: { seen: "found", object: configOf(), resource: kubeadmConfigs },
  nodes: { found: [poolNode(1)], retired: [], fixes: [] },
  leaving: new Map(),
  released: new Set(),
  letGo: new Set(),
  doubts: new Map(),
  instanceIds: new Map([[idOf(1), "i-1"]]),
  watchFilter: FILTER,
  ...more,
});

/** A pool of `count` instances with these Nodes. */
export const viewOf = (count: number, found: readonly PoolNode[], more: Partial<PoolView> = {}): PoolView =>
  quietView({
    machinePool: livingPool({ ids: idsTo(count), replicas: count, generation: 1 }),
    infrastructure: { seen: "found", object: infrastructureOf({ ids: idsTo(count) }), resource: awsMachinePools },
    nodes: { found, retired: [], fixes: [] },
    instanceIds: new Map(idsTo(count).map((id, index) => [id, `i-${index + 1}`])),
    ...more,
  });
