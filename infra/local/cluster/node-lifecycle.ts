/** The simulated node lifecycle controllers: notice silent kubelets, taint, evict, and delete Nodes without an instance. */
import { type Node, nodes, type Taint } from "../../../lib/api/kubernetes/node.ts";
import { type Pod, pods } from "../../../lib/api/kubernetes/pod.ts";
import { apiTime, isLeaving, isReady, repellingTaint } from "./kinds.ts";
import type { Machine, MachineRoom } from "./machines.ts";
import type { Controller, World } from "./world.ts";

/** Defaults of kube-controller-manager: node-monitor-grace-period and the admitted toleration of unreachable Nodes. */
const SILENCE_SECONDS = 40;
const TOLERATED_SECONDS = 300;
const UNREACHABLE = "node.kubernetes.io/unreachable";
const UNSCHEDULABLE = "node.kubernetes.io/unschedulable";

async function keepTaints(world: World, node: Node, isSilent: boolean): Promise<void> {
  const present = node.spec?.taints ?? [];
  const wanted: Taint[] = [
    ...(node.spec?.unschedulable ? [{ key: UNSCHEDULABLE, effect: "NoSchedule" }] : []),
    ...(isSilent ? ["NoSchedule", "NoExecute"].map((effect) => ({ key: UNREACHABLE, effect })) : []),
  ];
  const has = (taints: readonly Taint[], { key, effect }: Taint) =>
    taints.some((taint) => taint.key === key && taint.effect === effect);
  const isOurs = ({ key }: Taint) => key === UNSCHEDULABLE || key === UNREACHABLE;
  const kept = present.filter((taint) => !isOurs(taint) || has(wanted, taint));
  const added = wanted.filter((taint) => !has(present, taint));
  if (added.length === 0 && kept.length === present.length) return;
  const { resourceVersion } = node.metadata;
  const timeAdded = apiTime(world.clock.now());
  const taints = [...kept, ...added.map((taint) => ({ ...taint, timeAdded }))];
  await world.patch(nodes, node, { metadata: { resourceVersion }, spec: { taints } });
}

const withoutReady = (conditions: readonly { readonly type: string }[] = []) =>
  conditions.filter(({ type }) => type !== "Ready");

/** The Node turns Unknown, and its pods count as not ready from then on. */
async function markSilent(world: World, node: Node, bound: readonly Pod[]): Promise<void> {
  const lastTransitionTime = apiTime(world.clock.now());
  const isKnown = node.status?.conditions?.some(({ type, status }) => type === "Ready" && status !== "Unknown");
  const unknown = { type: "Ready", status: "Unknown", reason: "NodeStatusUnknown", lastTransitionTime };
  const conditions = [...withoutReady(node.status?.conditions), unknown];
  if (isKnown) await world.patch(nodes, node, { status: { conditions } }, "status");
  for (const pod of bound.filter(isReady)) {
    const notReady = { type: "Ready", status: "False", reason: "NodeNotReady", lastTransitionTime };
    await world.patch(
      pods,
      pod,
      { status: { conditions: [...withoutReady(pod.status?.conditions), notReady] } },
      "status",
    );
  }
}

/** Pods without a toleration of their own get five minutes, then are deleted: on a silent Node they stay terminating. */
async function evictByTaint(world: World, node: Node, bound: readonly Pod[]): Promise<void> {
  for (const pod of bound.filter((candidate) => !isLeaving(candidate))) {
    const taint = repellingTaint(node, pod.spec?.tolerations ?? [], ["NoExecute"]);
    const seconds = taint?.key === UNREACHABLE ? TOLERATED_SECONDS : 0;
    if (taint && world.due(`evict ${pod.metadata.uid} ${taint.key}`, seconds)) await world.remove(pods, pod);
  }
}

const isSilentFor = (world: World, machine: Machine | undefined) =>
  machine?.stoppedAt !== undefined && world.due(`silent ${machine.id}`, SILENCE_SECONDS);

/** @param isGone whether the cloud knows no instance of this providerID any more */
export const nodeLifecycle =
  (room: MachineRoom, isGone: (providerID: string) => boolean): Controller =>
  async (world) => {
    for (const node of world.list<Node>(nodes)) {
      const bound = world.list<Pod>(pods).filter((pod) => pod.spec?.nodeName === node.metadata.name);
      const isSilent = isSilentFor(world, room.machines.get(node.metadata.name));
      if (isSilent) await markSilent(world, node, bound);
      await keepTaints(world, node, isSilent);
      await evictByTaint(world, node, bound);
      const isDead = !isReady(node) && isGone(node.spec?.providerID ?? "");
      if (isDead && !isLeaving(node)) await world.remove(nodes, node);
    }
  };
