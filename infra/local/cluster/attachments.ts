/** The simulated attach/detach controller: a VolumeAttachment per volume and Node in use, gone a while after the last pod. */
import { type Node, nodes } from "../../../lib/api/kubernetes/node.ts";
import { type Pod, pods } from "../../../lib/api/kubernetes/pod.ts";
import {
  type PersistentVolume,
  persistentVolumes,
  type VolumeAttachment,
  volumeAttachments,
} from "../../../lib/api/kubernetes/volume.ts";
import { isFinished } from "./kinds.ts";
import type { MachineRoom } from "./machines.ts";
import type { Controller, World } from "./world.ts";

/** From the last pod's end to the volume's detachment. */
const DETACH_SECONDS = 8;
/** A silent kubelet cannot say that it unmounted: attach/detach then waits six minutes before it forces. */
const FORCED_DETACH_SECONDS = 360;

interface Use {
  readonly volume: PersistentVolume;
  readonly nodeName: string;
}
const attachmentName = ({ volume, nodeName }: Use) => `csi-${volume.metadata.name}-${nodeName}`;

/** A volume is in use on a Node as long as an unfinished pod there claims it. */
function usesOf(world: World): readonly Use[] {
  const volumes = world.list<PersistentVolume>(persistentVolumes);
  return world
    .list<Pod>(pods)
    .filter((pod) => pod.spec?.nodeName && !isFinished(pod))
    .flatMap(({ metadata, spec }) => {
      const claims = (spec?.volumes ?? []).map(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName);
      const used = volumes.filter(
        ({ spec: { claimRef } = {} }) => claimRef?.namespace === metadata.namespace && claims.includes(claimRef?.name),
      );
      return used.map((volume) => ({ volume, nodeName: spec?.nodeName ?? "" }));
    });
}

async function attach(world: World, use: Use): Promise<void> {
  const source = { persistentVolumeName: use.volume.metadata.name };
  const attacher = use.volume.spec?.csi?.driver ?? "local";
  const body: VolumeAttachment = {
    apiVersion: "storage.k8s.io/v1",
    kind: "VolumeAttachment",
    metadata: { name: attachmentName(use) },
    spec: { attacher, nodeName: use.nodeName, source },
  };
  await world.create(volumeAttachments, body);
}

async function showOnNodes(world: World, attached: readonly VolumeAttachment[]): Promise<void> {
  const handles = new Map(
    world
      .list<PersistentVolume>(persistentVolumes)
      .map(({ metadata, spec }) => [
        metadata.name,
        `kubernetes.io/csi/${spec?.csi?.driver}^${spec?.csi?.volumeHandle}`,
      ]),
  );
  for (const node of world.list<Node>(nodes)) {
    const here = attached.filter(({ spec }) => spec.nodeName === node.metadata.name);
    const names = here.map(({ spec }) => handles.get(spec.source.persistentVolumeName ?? "") ?? "").sort();
    await world.setStatus(nodes, node, { volumesAttached: names.map((name) => ({ name, devicePath: "" })) });
  }
}

export const attachmentController =
  (room: MachineRoom): Controller =>
  async (world) => {
    const uses = new Map(usesOf(world).map((use) => [attachmentName(use), use]));
    const attached = world.list<VolumeAttachment>(volumeAttachments);
    for (const attachment of attached) {
      const { name, uid } = attachment.metadata;
      const isSilent = room.machines.get(attachment.spec.nodeName)?.stoppedAt !== undefined;
      const seconds = isSilent ? FORCED_DETACH_SECONDS : DETACH_SECONDS;
      if (uses.has(name)) await world.setStatus(volumeAttachments, attachment, { attached: true });
      else if (world.due(`detach ${uid}`, seconds)) await world.remove(volumeAttachments, attachment);
      uses.delete(name);
    }
    for (const use of uses.values()) await attach(world, use);
    await showOnNodes(world, attached);
  };
