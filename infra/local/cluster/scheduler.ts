/** The simulated scheduler: binds pending pods to Nodes that take them, evenly. */
import { type Node, nodes } from "../../../lib/api/kubernetes/node.ts";
import { type Pod, pods } from "../../../lib/api/kubernetes/pod.ts";
import { controllerOf, isFinished, isLeaving, isReady, type PodTemplate, repellingTaint } from "./kinds.ts";
import type { Controller, World } from "./world.ts";

type SchedulableNode = Node & { readonly status?: { readonly allocatable?: { readonly pods?: string } } };
type SchedulablePod = Pod & { readonly spec?: PodTemplate["spec"] };

const DEFAULT_CAPACITY = 110;
const capacityOf = (node: SchedulableNode) => Number(node.status?.allocatable?.pods ?? DEFAULT_CAPACITY);

function takes(node: SchedulableNode, pod: SchedulablePod, used: number): boolean {
  const wanted = Object.entries(pod.spec?.nodeSelector ?? {});
  return (
    isReady(node) &&
    !isLeaving(node) &&
    !node.spec?.unschedulable &&
    used < capacityOf(node) &&
    wanted.every(([key, value]) => node.metadata.labels?.[key] === value) &&
    !repellingTaint(node, pod.spec?.tolerations ?? [], ["NoSchedule", "NoExecute"])
  );
}

/** `bind`: through pods/binding, as schedulers do; `patch`: for servers that only store spec.nodeName. */
export type Binding = "bind" | "patch";

async function assign(world: World, pod: Pod, node: string, binding: Binding): Promise<boolean> {
  if (binding === "patch") return (await world.patch(pods, pod, { spec: { nodeName: node } })) !== undefined;
  const metadata = { name: pod.metadata.name, namespace: pod.metadata.namespace };
  const target = { apiVersion: "v1", kind: "Node", name: node };
  return world.post(pods, pod, "binding", { apiVersion: "v1", kind: "Binding", metadata, target });
}

/** Fewest pods of the same controller first, then fewest pods, then by name. */
function choose(pod: SchedulablePod, candidates: readonly SchedulableNode[], placed: ReadonlyMap<Pod, string>) {
  const owner = controllerOf(pod)?.uid;
  const load = (node: string) => {
    const there = [...placed].filter(([, at]) => at === node).map(([other]) => other);
    const siblings = there.filter((other) => owner && controllerOf(other)?.uid === owner && !isLeaving(other));
    return { all: there.length, siblings: siblings.length };
  };
  return candidates
    .map((node) => ({ node, name: node.metadata.name, ...load(node.metadata.name) }))
    .filter(({ node, all }) => takes(node, pod, all))
    .sort((a, b) => a.siblings - b.siblings || a.all - b.all || (a.name < b.name ? -1 : 1))[0]?.name;
}

export function scheduler(binding: Binding): Controller {
  /** Bound by us, and the copy does not say so yet. */
  const assumed = new Map<string, string>();
  const placeOf = ({ metadata: { uid = "" }, spec }: Pod): string | undefined => {
    if (spec?.nodeName) assumed.delete(uid);
    return spec?.nodeName ?? assumed.get(uid);
  };
  return async (world) => {
    const all = world.list<SchedulablePod>(pods).filter((pod) => !isFinished(pod));
    const placed = new Map<Pod, string>();
    for (const pod of all) placed.set(pod, placeOf(pod) ?? "");
    for (const pod of all.filter((pending) => !placed.get(pending) && !isLeaving(pending))) {
      const node = choose(pod, world.list<SchedulableNode>(nodes), placed);
      if (!node || !(await assign(world, pod, node, binding))) continue;
      assumed.set(pod.metadata.uid ?? "", node);
      placed.set(pod, node);
    }
  };
}
