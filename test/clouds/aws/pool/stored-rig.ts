/** Pools whose bootstrap data lies in the cluster's bucket, and what tests look for there. */
import type { AwsBucket } from "../../../../lib/api/aws/aws-cluster.ts";
import type { AwsIgnition } from "../../../../lib/api/aws/aws-machine-pool.ts";
import type { AwsSight } from "../../../../lib/providers/aws/pool/sight.ts";
import { anInfrastructure, bootstrapOf, type Overrides, TOKEN } from "./objects.ts";
import { type PoolRig, startPoolRig } from "./rig.ts";

export const BUCKET = "cluster-api-provider-aws-blue";
export const PREFIX = "machine-pool/workers-a/";

/** As kubeadm's Ignition has it: the token stands in a data URL, between escapes. */
export const config = (token = TOKEN, taint = "none") =>
  `{"ignition":{"version":"3.4.0"},"storage":{"files":[{"contents":{"source":"data:,token%3A%20${token}%0Ataints%3A%20${taint}"}}]}}`;
export const wish = (text = config(), ignition: AwsIgnition = { version: "3.4" }): Overrides => ({
  spec: { ignition: { storageType: "ClusterObjectStore", ...ignition } },
  bootstrap: bootstrapOf(text, { format: "ignition" }),
});

export async function started(...[context, bucket = {}]: [Parameters<typeof startPoolRig>[0], Partial<AwsBucket>?]) {
  const rig = await startPoolRig(context);
  rig.cloud.buckets.create(BUCKET, { lifecycle: { prefix: "machine-pool/", days: 1 } });
  rig.put("AWSCluster", anInfrastructure({ s3Bucket: { name: BUCKET, ...bucket } }));
  return rig;
}

export const objects = (rig: PoolRig) =>
  rig.cloud.buckets.list(BUCKET).map(({ key, bytes }) => ({ key, text: Buffer.from(bytes).toString() }));
export const texts = (rig: PoolRig) => objects(rig).map(({ text }) => text);
export const latestOf = (sight: { readonly detail: unknown }) => (sight.detail as AwsSight).template?.versions.at(-1);
export function sourceIn(sight: { readonly detail: unknown }): string {
  const pointer = JSON.parse(Buffer.from(latestOf(sight)?.data.UserData ?? "", "base64").toString());
  return pointer.ignition.config.merge[0].source;
}

export async function removed(rig: PoolRig): Promise<readonly string[]> {
  const did: string[] = [];
  for (;;) {
    const session = await rig.open({ deleting: true, bootstrap: "none" });
    const change = session.nextRemoval(await session.observe());
    if (!change) return did;
    did.push(change.do);
    await session.apply(change);
    rig.clock.advance(10);
  }
}
export const emptied = { ...wish(), replicas: 0, spec: { ...wish().spec, minSize: 0 } };

export const denied = { service: "s3", code: "AccessDenied", status: 403, times: 9 };
