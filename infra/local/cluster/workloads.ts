/** The simulated workload controllers: Deployment, ReplicaSet, StatefulSet and DaemonSet keep their pods there. */
import { createHash } from "node:crypto";
import type { KubernetesObject, Resource } from "../../../lib/api/kubernetes/meta.ts";
import { type Node, nodes } from "../../../lib/api/kubernetes/node.ts";
import { daemonSets, type Pod, pods, type Toleration } from "../../../lib/api/kubernetes/pod.ts";
import {
  controlledBy,
  deployments,
  isControlledBy,
  isFinished,
  isLeaving,
  isReady,
  type PodTemplate,
  repellingTaint,
  replicaSets,
  statefulSets,
  type Workload,
} from "./kinds.ts";
import type { Controller, World } from "./world.ts";

/** Letters and digits that the API server uses for generated names: no vowels, so no words. */
const SAFE = "bcdfghjklmnpqrstvwxz2456789";
/** Names that are the same in every run of a story. */
const suffixOf = (text: string) =>
  [...createHash("sha256").update(text).digest().subarray(0, 5)].map((byte) => SAFE[byte % SAFE.length]).join("");

const active = (world: World, resource: Resource) =>
  world.list<Workload>(resource).filter((workload) => !isLeaving(workload));
const podsOf = (world: World, owner: KubernetesObject) =>
  world.list<Pod>(pods).filter((pod) => isControlledBy(pod, owner));
const byName = (a: KubernetesObject, b: KubernetesObject) => (a.metadata.name < b.metadata.name ? -1 : 1);

interface NewPod {
  readonly owner: Workload;
  readonly resource: Resource;
  readonly name: string;
  readonly spec?: Partial<PodTemplate["spec"]>;
  readonly labels?: Readonly<Record<string, string>>;
}

async function createPod(world: World, { owner, resource, name, spec, labels }: NewPod): Promise<void> {
  const { template } = owner.spec;
  const metadata = {
    name,
    namespace: owner.metadata.namespace ?? "",
    labels: { ...template.metadata.labels, ...labels },
    ...(template.metadata.annotations && { annotations: template.metadata.annotations }),
    ownerReferences: [controlledBy(resource, owner)],
  };
  await world.create<Pod>(pods, { apiVersion: "v1", kind: "Pod", metadata, spec: { ...template.spec, ...spec } });
}

const counts = (owner: Workload, existing: readonly Pod[]) => {
  const staying = existing.filter((pod) => !isLeaving(pod) && !isFinished(pod));
  const ready = staying.filter(isReady).length;
  const observedGeneration = owner.metadata.generation ?? 0;
  return { replicas: staying.length, readyReplicas: ready, availableReplicas: ready, observedGeneration };
};

/** Replaces at once what leaves: a terminating pod no longer counts (kubernetes pkg/controller/replicaset). */
export function replicaSetController(): Controller {
  const made = new Map<string, number>();
  const nextName = ({ metadata: { name, uid = "" } }: Workload) => {
    made.set(uid, (made.get(uid) ?? 0) + 1);
    return `${name}-${suffixOf(`${name} ${made.get(uid)}`)}`;
  };
  return async (world) => {
    for (const set of active(world, replicaSets)) {
      const existing = podsOf(world, set);
      const staying = existing.filter((pod) => !isLeaving(pod) && !isFinished(pod));
      const wanted = set.spec.replicas ?? 1;
      for (let missing = wanted - staying.length; missing > 0; missing--)
        await createPod(world, { owner: set, resource: replicaSets, name: nextName(set) });
      const unreadyFirst = staying.sort((a, b) => Number(isReady(a)) - Number(isReady(b)));
      for (const pod of unreadyFirst.slice(0, Math.max(0, staying.length - wanted))) await world.remove(pods, pod);
      await world.setStatus(replicaSets, set, counts(set, existing));
    }
  };
}

const newReplicaSet = (deployment: Workload, name: string, hash: string): Workload => {
  const { template, replicas = 1, selector } = deployment.spec;
  const labels = { ...template.metadata.labels, "pod-template-hash": hash };
  const ownerReferences = [controlledBy(deployments, deployment)];
  return {
    apiVersion: replicaSets.apiVersion,
    kind: replicaSets.kind,
    metadata: { name, namespace: deployment.metadata.namespace ?? "", labels, ownerReferences },
    spec: {
      replicas,
      selector: { ...selector, matchLabels: { ...selector.matchLabels, "pod-template-hash": hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
};

/** A changed template gets a set of its own; the sets before it go when the new one is wholly ready. */
async function keepDeployment(world: World, deployment: Workload): Promise<void> {
  const { template, replicas = 1 } = deployment.spec;
  const hash = suffixOf(JSON.stringify(template));
  const name = `${deployment.metadata.name}-${hash}`;
  const sets = active(world, replicaSets).filter((set) => isControlledBy(set, deployment));
  const current = sets.find((set) => set.metadata.name === name);
  if (!current) await world.create<Workload>(replicaSets, newReplicaSet(deployment, name, hash));
  const rest = current?.status?.readyReplicas === replicas ? 0 : undefined;
  for (const set of sets) {
    const wanted = (set === current ? replicas : rest) ?? set.spec.replicas;
    if (set.spec.replicas !== wanted) await world.patch(replicaSets, set, { spec: { replicas: wanted } });
  }
  const all = sets.flatMap((set) => podsOf(world, set));
  const updatedReplicas = current ? counts(current, podsOf(world, current)).replicas : 0;
  await world.setStatus(deployments, deployment, { ...counts(deployment, all), updatedReplicas });
}

export const deploymentController: Controller = async (world) => {
  for (const deployment of active(world, deployments)) await keepDeployment(world, deployment);
};

/** One after another, each ready before the next; a name is free only when its old object is gone. */
async function keepStatefulSet(world: World, set: Workload): Promise<void> {
  const existing = podsOf(world, set);
  const wanted = Array.from({ length: set.spec.replicas ?? 1 }, (_, index) => `${set.metadata.name}-${index}`);
  const find = (name: string) => existing.find(({ metadata }) => metadata.name === name);
  const isSettled = (pod: Pod | undefined) => pod !== undefined && !isLeaving(pod) && isReady(pod);
  const next = wanted.find((name) => !isSettled(find(name)));
  const pod = next && find(next);
  if (next && !pod) await createStatefulPod(world, set, next);
  if (pod && isFinished(pod) && !isLeaving(pod)) await world.remove(pods, pod);
  const surplus = existing.filter(({ metadata }) => !wanted.includes(metadata.name)).sort(byName);
  const last = surplus.at(-1);
  if (last && !surplus.some(isLeaving)) await world.remove(pods, last);
  const { replicas } = counts(set, existing);
  await world.setStatus(statefulSets, set, { ...counts(set, existing), currentReplicas: replicas });
}

export const statefulSetController: Controller = async (world) => {
  for (const set of active(world, statefulSets)) await keepStatefulSet(world, set);
};

const createStatefulPod = (world: World, owner: Workload, name: string) => {
  const claims = (owner.spec.volumeClaimTemplates ?? []).map(({ metadata }) => ({
    name: metadata.name,
    persistentVolumeClaim: { claimName: `${metadata.name}-${name}` },
  }));
  const volumes = [...(owner.spec.template.spec.volumes ?? []), ...claims];
  const labels = { "statefulset.kubernetes.io/pod-name": name };
  return createPod(world, { owner, resource: statefulSets, name, labels, spec: { volumes } });
};

const DAEMON_TOLERATIONS: readonly Toleration[] = [
  { key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute" },
  { key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute" },
  { key: "node.kubernetes.io/unschedulable", operator: "Exists", effect: "NoSchedule" },
];

/** One pod on every Node that the template tolerates, whether or not the Node is cordoned. */
async function keepDaemonSet(world: World, set: Workload, suffix: (node: string) => string): Promise<void> {
  const existing = podsOf(world, set);
  const tolerations = [...(set.spec.template.spec.tolerations ?? []), ...DAEMON_TOLERATIONS];
  const find = (node: Node) => existing.find((pod) => pod.spec?.nodeName === node.metadata.name);
  const isTolerated = (node: Node) => !repellingTaint(node, tolerations, ["NoSchedule", "NoExecute"]);
  const wanted = world.list<Node>(nodes).filter((node) => find(node) ?? isTolerated(node));
  for (const node of wanted.filter((candidate) => !find(candidate))) {
    const nodeName = node.metadata.name;
    const name = `${set.metadata.name}-${suffix(nodeName)}`;
    await createPod(world, { owner: set, resource: daemonSets, name, spec: { nodeName, tolerations } });
  }
  for (const pod of existing) if (isFinished(pod) && !isLeaving(pod)) await world.remove(pods, pod);
  const { readyReplicas, replicas, observedGeneration } = counts(set, existing);
  await world.setStatus(daemonSets, set, {
    desiredNumberScheduled: wanted.length,
    currentNumberScheduled: replicas,
    updatedNumberScheduled: replicas,
    numberAvailable: readyReplicas,
    numberReady: readyReplicas,
    observedGeneration,
  });
}

export function daemonSetController(): Controller {
  let made = 0;
  return async (world) => {
    for (const set of active(world, daemonSets))
      await keepDaemonSet(world, set, (node) => suffixOf(`${node} ${made++}`));
  };
}
