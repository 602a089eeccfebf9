/** The simulated collectors: what lost its owner, and pods without a Node. */
import { isDeepStrictEqual } from "node:util";
import type { KubernetesObject, OwnerReference, Resource } from "../../../lib/api/kubernetes/meta.ts";
import { type Node, nodes } from "../../../lib/api/kubernetes/node.ts";
import { daemonSets, type Pod, pods } from "../../../lib/api/kubernetes/pod.ts";
import { apiTime, deployments, isFinished, isLeaving, replicaSets, statefulSets } from "./kinds.ts";
import type { Controller, World } from "./world.ts";

/** kubernetes pkg/controller/podgc: an absent Node is believed after its quarantine. */
const QUARANTINE_SECONDS = 40;
/** Each kind is watched by itself, so news of a dependent may be faster than news of its owner. */
const NEWS_SECONDS = 1;
const OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";

/** Kinds whose objects we can say to be absent; owners of any other kind count as present. */
const OWNERS: readonly Resource[] = [nodes, daemonSets, deployments, replicaSets, statefulSets];
const DEPENDENTS: readonly Resource[] = [pods, replicaSets];

const isAbsent = (world: World, owner: OwnerReference): boolean => {
  const resource = OWNERS.find(({ apiVersion, kind }) =>
    isDeepStrictEqual([apiVersion, kind], [owner.apiVersion, owner.kind]),
  );
  if (!resource || !world.serves(resource)) return false;
  if (world.list(resource).some(({ metadata }) => metadata.uid === owner.uid)) return false;
  return world.due(`absent ${owner.uid}`, NEWS_SECONDS);
};

/** Background deletion: a dependent goes when all of its owners are gone. */
export const ownerCollector: Controller = async (world) => {
  for (const resource of DEPENDENTS) {
    const orphans = world.list(resource).filter((object) => !isLeaving(object) && hasLostOwners(world, object));
    for (const orphan of orphans) await world.remove(resource, orphan);
  }
};

const hasLostOwners = (world: World, { metadata: { ownerReferences = [] } }: KubernetesObject) =>
  ownerReferences.length > 0 && ownerReferences.every((owner) => isAbsent(world, owner));

async function forceDelete(world: World, pod: Pod): Promise<void> {
  const lastTransitionTime = apiTime(world.clock.now());
  const reason = "DeletionByPodGC";
  const message = "PodGC: node no longer exists";
  const condition = { type: "DisruptionTarget", status: "True", reason, message, lastTransitionTime };
  const conditions = [...(pod.status?.conditions ?? []), condition];
  if (!isFinished(pod)) await world.patch(pods, pod, { status: { phase: "Failed", conditions } }, "status");
  if (!isLeaving(pod) || pod.metadata.deletionGracePeriodSeconds !== 0)
    await world.remove(pods, pod, { gracePeriodSeconds: 0 });
}

/** Pods bound to a Node that is not there, or leaving one that was declared out of service. */
export const podCollector: Controller = async (world) => {
  const byName = new Map(world.list<Node>(nodes).map((node) => [node.metadata.name, node]));
  for (const pod of world.list<Pod>(pods).filter(({ spec }) => spec?.nodeName)) {
    const node = byName.get(pod.spec?.nodeName ?? "");
    const isOrphan = !node && world.due(`quarantine ${pod.metadata.uid}`, QUARANTINE_SECONDS);
    const isOutOfService = node?.spec?.taints?.some(({ key }) => key === OUT_OF_SERVICE) ?? false;
    if (isOrphan || (isOutOfService && isLeaving(pod))) await forceDelete(world, pod);
  }
};
