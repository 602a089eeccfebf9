/** A MachinePool and its infrastructure pool as upstream leaves them: adopted, with the providerIDs and Nodes of its instances. */
import { CLUSTER_NAME_LABEL } from "../../lib/api/core/labels.ts";
import { type MachinePool, machinePools } from "../../lib/api/core/machine-pool.ts";
import type { Resource } from "../../lib/api/kubernetes/meta.ts";
import type { KubernetesClient } from "../../lib/kubernetes/client.ts";
import { createAny } from "./clusters.ts";

export interface UpstreamPool {
  readonly namespace: string;
  readonly name: string;
  readonly clusterName: string;
  readonly infrastructure: Resource;
  readonly providerIDList: readonly string[];
  readonly nodeRefs: readonly object[];
  /** Of the infrastructure pool, its providerIDs aside. */
  readonly spec: object;
}

export async function createUpstreamPool(management: KubernetesClient, pool: UpstreamPool): Promise<void> {
  const { namespace, name, clusterName, infrastructure, providerIDList, nodeRefs, spec } = pool;
  const { apiVersion, kind, plural } = infrastructure;
  const metadata = { name, namespace, labels: { [CLUSTER_NAME_LABEL]: clusterName } };
  const infrastructureRef = { apiGroup: "infrastructure.cluster.x-k8s.io", kind, name };
  const owner = await management.create<MachinePool>(machinePools, {
    apiVersion: machinePools.apiVersion,
    kind: machinePools.kind,
    metadata,
    spec: {
      clusterName,
      replicas: providerIDList.length,
      providerIDList,
      template: { spec: { infrastructureRef } },
    },
  });
  const status = { type: "merge", body: { status: { nodeRefs } } } as const;
  await management.patch(machinePools, { name, namespace }, status, "status");
  const uid = owner.metadata.uid ?? "";
  const ownerReferences = [{ apiVersion: machinePools.apiVersion, kind: machinePools.kind, name, uid }];
  const body = { apiVersion, kind, metadata: { ...metadata, ownerReferences }, spec: { ...spec, providerIDList } };
  await createAny(management, plural, body);
}
