/** P1 on volumes: what a drained pod wrote to is detached before its instance goes, unless the pool has a limit and it is over. */
import { pods } from "../../../lib/api/kubernetes/pod.ts";
import { type VolumeAttachment, volumeAttachments } from "../../../lib/api/kubernetes/volume.ts";
import type { Pass } from "../pass.ts";
import type { Scene } from "../scene.ts";
import type { Change } from "../servers.ts";
import { type Court, recordFor } from "./court.ts";
import { toleranceMilliseconds } from "./deadlines.ts";

export interface Volumes {
  readonly hear: (change: Change) => void;
  /** Attached to this Node throughout this time, of pods that we made leave; the youngest pod's end, milliseconds. */
  readonly attachedDuring: (nodeName: string, from: number) => readonly string[];
  /** When the last pod with a volume left this Node. */
  readonly leftAt: (nodeName: string) => number;
}

interface Drained {
  readonly claims: Set<string>;
  leftAt: number;
}

export function createVolumes({ workload, time }: Scene): Volumes {
  const drained = new Map<string, Drained>();
  /** Attachment -> since when. */
  const since = new Map<string, number>();
  const podChanged = ({ by, before, after }: Change) => {
    const pod = before as { readonly spec?: { readonly nodeName?: string; readonly volumes?: readonly Volume[] } };
    const nodeName = pod?.spec?.nodeName;
    const claims = (pod?.spec?.volumes ?? []).flatMap((one) => one.persistentVolumeClaim?.claimName ?? []);
    if (nodeName === undefined || claims.length === 0) return;
    const known = drained.get(nodeName) ?? { claims: new Set<string>(), leftAt: 0 };
    const isOurs = typeof by !== "string" && before?.metadata.deletionTimestamp === undefined;
    if (isOurs) for (const claim of claims) known.claims.add(claim);
    if (!after) known.leftAt = time.now();
    drained.set(nodeName, known);
  };
  return {
    hear: (change) => {
      const { plural, before, after } = change;
      if (plural === pods.plural) podChanged(change);
      if (plural !== volumeAttachments.plural) return;
      if (!before && after) since.set(after.metadata.name, time.now());
    },
    attachedDuring: (nodeName, from) => {
      const claims = drained.get(nodeName)?.claims ?? new Set();
      return workload
        .all<VolumeAttachment>(volumeAttachments)
        .filter(({ spec, metadata }) => spec.nodeName === nodeName && (since.get(metadata.name) ?? 0) < from)
        .map(({ spec }) => (spec.source.persistentVolumeName ?? "").replace(/^pv-/, ""))
        .filter((claim) => claims.has(claim));
    },
    leftAt: (nodeName) => drained.get(nodeName)?.leftAt ?? 0,
  };
}

interface Volume {
  readonly persistentVolumeClaim?: { readonly claimName?: string };
}

/** The Node is empty and nothing hurries: its volumes must have gone too. */
export function isDetached(
  { scene, memory, broken }: Court,
  pass: Pass,
  { nodeName, instanceId }: { readonly nodeName: string; readonly instanceId: string },
): void {
  const { time, plan } = scene;
  // What an earlier record's drain left behind is none of this one's.
  const isOlder =
    memory.volumes.leftAt(nodeName) < Date.parse(recordFor(scene, instanceId)?.metadata.creationTimestamp ?? "");
  const attached = isOlder ? [] : memory.volumes.attachedDuring(nodeName, pass.startedAt);
  const limit = plan.volumes?.timeoutSeconds;
  // Its time runs from the pass that first found nothing but volumes, which is after the last pod's end.
  const isOver =
    limit !== undefined && time.now() - memory.volumes.leftAt(nodeName) >= limit * 1000 - toleranceMilliseconds(scene);
  if (attached.length > 0 && !isOver)
    broken(
      "P1",
      "an instance is released while a volume of a drained pod is attached",
      `${nodeName}: ${attached.join()}`,
    );
}
