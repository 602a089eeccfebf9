/** Makes the cluster of `--keep` one in which pools can be applied: its network is there, and the Cluster refers to it. */
import { clusters } from "../../../../lib/api/core/cluster.ts";
import type { LocalCloud } from "../../local-cloud.ts";
import { CLUSTER, NAMESPACE } from "../stage.ts";
import { clusterObjects } from "./manifests.ts";
import { createWhole } from "./pool-stage.ts";

/** The Cluster itself is there already, as the drain profile has it. */
export async function welcomePools({ management: { client }, aws }: LocalCloud): Promise<void> {
  const [cluster, network] = clusterObjects(aws.cloud);
  const at = { namespace: NAMESPACE, name: CLUSTER };
  await client.patch(clusters, at, { type: "merge", body: { spec: cluster.spec } });
  await client.patch(clusters, at, { type: "merge", body: { status: cluster.status } }, "status");
  await createWhole(client, [network]);
}
