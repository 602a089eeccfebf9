/** P6 on Nodes: only those of instances that leave, only our part, and deleted only when the instance is gone. */
import { type Node, nodes } from "../../../lib/api/kubernetes/node.ts";
import { TERMINATING_TAINT } from "../../../lib/api/lifecycle/instance-termination.ts";
import type { Pass } from "../pass.ts";
import type { Change } from "../servers.ts";
import { type Court, isOlder, isOurs, recordFor } from "./court.ts";

const others = (node: Node) => JSON.stringify((node.spec?.taints ?? []).filter(({ key }) => key !== TERMINATING_TAINT));

const isCordoned = ({ spec }: Node) =>
  spec?.unschedulable === true && (spec.taints?.some(({ key }) => key === TERMINATING_TAINT) ?? false);

/** Judged before the memory hears of the change. */
export function nodeTouched(court: Court, { by, plural, before, after }: Change): void {
  if (typeof by === "string" || plural !== nodes.plural || !before) return;
  const { scene, broken, memory } = court;
  const node = before as Node;
  const instanceId = scene.cloud.instanceIdOf(node.spec?.providerID ?? "") ?? "";
  const told = `Node ${node.metadata.name} of ${instanceId}`;
  if (!isOurs(scene, instanceId)) broken("P6", "a Node that is not ours is touched", told);
  // node-step labels Nodes that stay, and never cordons.
  if (by.does !== "node" && !memory.recorded.has(instanceId))
    broken("P6", "a Node is touched of which nothing is recorded", told);
  if (!after) {
    isGone(court, { instanceId, told });
    return;
  }
  const next = after as Node;
  if (others(node) !== others(next)) broken("P6", "somebody else's taint is touched", told);
  const isUncordoned = node.spec?.unschedulable === true && next.spec?.unschedulable !== true;
  if (isUncordoned && !memory.nodes.cordonedByUs.has(node.metadata.uid ?? ""))
    broken("P6", "the cordon of a person is taken back", told);
  const isCordon = !isCordoned(node) && isCordoned(next);
  cordonedWhilePaused(court, by, { instanceId, told, isCordon });
}

function isGone(
  { scene, broken }: Court,
  { instanceId, told }: { readonly instanceId: string; readonly told: string },
): void {
  const machine = scene.cloud.machines().find(({ id }) => id === instanceId);
  const isAlive = machine?.isInService === true && machine.state === "running";
  if (isAlive) broken("P6", "the Node of a living instance is deleted", told);
}

interface Cordon {
  readonly instanceId: string;
  readonly told: string;
  readonly isCordon: boolean;
}

function cordonedWhilePaused(
  { scene, memory, broken }: Court,
  pass: Pass,
  { instanceId, told, isCordon }: Cordon,
): void {
  const isPaused = isOlder(pass, memory.pausedSince(recordFor(scene, instanceId)));
  if (isCordon && isPaused) broken("P6", "a Node is cordoned while its drain is paused", told);
}
