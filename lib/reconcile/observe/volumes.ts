/** Which claims of drained pods are still attached to a Node. */
import type { Node } from "../../api/kubernetes/node.ts";
import {
  type PersistentVolume,
  persistentVolumes,
  type VolumeAttachment,
  volumeAttachments,
} from "../../api/kubernetes/volume.ts";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { readWanted } from "./read-all.ts";

const claimOf = ({ spec }: PersistentVolume): string | undefined =>
  spec?.claimRef?.kind === undefined || spec.claimRef.kind === "PersistentVolumeClaim"
    ? spec?.claimRef && `${spec.claimRef.namespace ?? ""}/${spec.claimRef.name ?? ""}`
    : undefined;

/** How a Node names an attached CSI volume (kubernetes pkg/volume/csi). */
const attachedName = ({ spec }: PersistentVolume): string | undefined =>
  spec?.csi && `kubernetes.io/csi/${spec.csi.driver}^${spec.csi.volumeHandle}`;

/**
 * Node.status and the VolumeAttachments both count (cluster-api machine_controller.go, wait for volume detach), but only
 * for claims of pods that we drained: volumes of DaemonSet pods stay until the end.
 * @param claims namespace/name
 * @returns      those still attached, sorted
 */
export async function attachedClaims(
  workload: KubernetesClient,
  node: Node,
  claims: readonly string[],
): Promise<readonly string[]> {
  const { name } = node.metadata;
  const attachments = await readWanted(
    workload.list<VolumeAttachment>(volumeAttachments),
    ({ spec, status }) => spec.nodeName === name && status?.attached === true,
  );
  const onNode = new Set(node.status?.volumesAttached?.map((volume) => volume.name));
  if (attachments.length === 0 && onNode.size === 0) return [];
  const attached = new Set(attachments.map(({ spec }) => spec.source.persistentVolumeName));
  const volumes = await readWanted(workload.list<PersistentVolume>(persistentVolumes), (volume) => {
    const claim = claimOf(volume);
    const isAttached = attached.has(volume.metadata.name) || onNode.has(attachedName(volume) ?? "");
    return isAttached && claim !== undefined && claims.includes(claim);
  });
  return volumes.flatMap((volume) => claimOf(volume) ?? []).sort();
}
