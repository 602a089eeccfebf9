/** storage/v1 VolumeAttachment and the volumes behind it, for the wait before an instance goes. */
import type { KubernetesObject, Resource } from "./meta.ts";

export const volumeAttachments: Resource = {
  apiVersion: "storage.k8s.io/v1",
  plural: "volumeattachments",
  kind: "VolumeAttachment",
};
export const persistentVolumes: Resource = { apiVersion: "v1", plural: "persistentvolumes", kind: "PersistentVolume" };

export interface VolumeAttachment extends KubernetesObject {
  readonly spec: {
    readonly attacher: string;
    readonly nodeName: string;
    readonly source: { readonly persistentVolumeName?: string };
  };
  readonly status?: { readonly attached?: boolean };
}

export interface PersistentVolume extends KubernetesObject {
  readonly spec?: {
    readonly csi?: { readonly driver: string; readonly volumeHandle: string };
    readonly claimRef?: { readonly kind?: string; readonly namespace?: string; readonly name?: string };
  };
}
