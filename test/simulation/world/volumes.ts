/** Volumes and their attach/detach controller: attached while a pod uses them, and a while longer. */
import { isFinished } from "../../../infra/local/cluster/kinds.ts";
import { type Pod, pods } from "../../../lib/api/kubernetes/pod.ts";
import {
  type PersistentVolume,
  persistentVolumes,
  type VolumeAttachment,
  volumeAttachments,
} from "../../../lib/api/kubernetes/volume.ts";
import type { Scene } from "../scene.ts";
import { claimNames } from "./apps.ts";

const WHO = "attach/detach controller";
const ATTACHER = "disk.csi.example.com";
const volumeOf = (claim: string) => `pv-${claim}`;

export async function createVolumes({ plan, workload }: Scene): Promise<void> {
  for (const app of plan.apps.filter(({ hasVolumes }) => hasVolumes))
    for (let index = 0; index < app.replicas; index++) {
      const [claim = ""] = claimNames(app, `${app.name}-${index}`);
      const volume: PersistentVolume = {
        apiVersion: persistentVolumes.apiVersion,
        kind: persistentVolumes.kind,
        metadata: { name: volumeOf(claim) },
        spec: {
          csi: { driver: ATTACHER, volumeHandle: claim },
          claimRef: { kind: "PersistentVolumeClaim", namespace: "default", name: claim },
        },
      };
      await workload.create("the beginning", persistentVolumes, volume);
    }
}

const claimsOf = ({ spec }: Pod): readonly string[] =>
  (spec?.volumes ?? []).flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []);

interface Use {
  readonly claim: string;
  readonly nodeName: string;
}

const usedBy = (pod: Pod): readonly Use[] => {
  const nodeName = pod.spec?.nodeName;
  return nodeName === undefined || isFinished(pod) ? [] : claimsOf(pod).map((claim) => ({ claim, nodeName }));
};
const nameOf = ({ claim, nodeName }: Use) => `csi-${claim}-${nodeName}`;

export function watchVolumes(scene: Scene): void {
  const { workload, time, plan } = scene;
  const isUsed = (use: Use) =>
    workload
      .all<Pod>(pods)
      .flatMap(usedBy)
      .some((other) => nameOf(other) === nameOf(use));
  const attachmentOf = (use: Use) => workload.find<VolumeAttachment>(volumeAttachments, nameOf(use));
  const attach = async (use: Use) => {
    if (attachmentOf(use)) return;
    const source = { persistentVolumeName: volumeOf(use.claim) };
    const attachment: VolumeAttachment & { readonly status: object } = {
      apiVersion: volumeAttachments.apiVersion ?? "",
      kind: volumeAttachments.kind,
      metadata: { name: nameOf(use) },
      spec: { attacher: ATTACHER, nodeName: use.nodeName, source },
      status: { attached: true },
    };
    await workload.create(WHO, volumeAttachments, attachment);
  };
  const detach = async (use: Use) => {
    const attachment = attachmentOf(use);
    if (attachment && !isUsed(use)) await workload.remove(WHO, volumeAttachments, attachment);
  };
  scene.listeners.add(({ server, plural, before, after }) => {
    if (server !== "workload" || plural !== pods.plural) return;
    const now = after ? usedBy(after as Pod) : [];
    for (const use of now) time.after(0, () => attach(use));
    const ended = (before ? usedBy(before as Pod) : []).filter(
      (use) => !now.some((one) => nameOf(one) === nameOf(use)),
    );
    for (const use of ended) time.after(plan.volumes?.detachSeconds ?? 0, () => detach(use));
  });
}
