/** The cordon as one patch of the Node, and what takes exactly our part of it back. */
import type { Node, Taint } from "../../api/kubernetes/node.ts";
import { EXCLUDE_FROM_LOAD_BALANCERS_LABEL } from "../../api/kubernetes/node.ts";
import { TERMINATING_TAINT } from "../../api/lifecycle/instance-termination.ts";

const OUR_LABEL_VALUE = "lifeguard";
const CORDONED = "cordoned";
const FOUND_CORDONED = "found-cordoned";
/** On a Node: when a person took a drain of it back, so that the same notice does not begin it again. */
export const DRAIN_CANCELLED_ANNOTATION = "lifecycle.cluster.x-k8s.io/drain-cancelled";

/** Taints have no merge key: the whole list is sent, bound to the version that was read. */
const bound = ({ metadata }: Node) => ({ uid: metadata.uid, resourceVersion: metadata.resourceVersion });
const ourTaint = (node: Node): Taint | undefined => node.spec?.taints?.find(({ key }) => key === TERMINATING_TAINT);
const othersTaints = (node: Node): readonly Taint[] =>
  (node.spec?.taints ?? []).filter(({ key }) => key !== TERMINATING_TAINT);

export const terminatingTaintValue = (node: Node): string | undefined => ourTaint(node)?.value;

/**
 * Merge patch that makes a Node unschedulable, tainted and left out by load balancers.
 * @returns undefined when it is all that already: no write
 */
export function cordonPatch(node: Node): object | undefined {
  const taint = ourTaint(node);
  const labels = node.metadata.labels ?? {};
  const isLabelled = labels[EXCLUDE_FROM_LOAD_BALANCERS_LABEL] !== undefined;
  const isUnschedulable = node.spec?.unschedulable === true;
  const copies = node.spec?.taints?.filter(({ key }) => key === TERMINATING_TAINT).length ?? 0;
  if (isUnschedulable && taint?.effect === "NoSchedule" && copies === 1 && isLabelled) return undefined;
  const found = isUnschedulable ? (taint?.value ?? FOUND_CORDONED) : CORDONED;
  return {
    metadata: {
      ...bound(node),
      ...(!isLabelled && { labels: { [EXCLUDE_FROM_LOAD_BALANCERS_LABEL]: OUR_LABEL_VALUE } }),
    },
    spec: {
      unschedulable: true,
      taints: [...othersTaints(node), { key: TERMINATING_TAINT, value: found, effect: "NoSchedule" }],
    },
  };
}

/**
 * Merge patch that takes our part back: the taint, the label if it is ours, unschedulable if we set it.
 * @param cancelledTime RFC 3339; set when a person cancelled: remembered on the Node
 * @returns undefined when the Node carries no taint of ours: nothing of it is our doing
 */
export function uncordonPatch(node: Node, cancelledTime?: string): object | undefined {
  const taint = ourTaint(node);
  if (!taint) return undefined;
  const isOurLabel = node.metadata.labels?.[EXCLUDE_FROM_LOAD_BALANCERS_LABEL] === OUR_LABEL_VALUE;
  return {
    metadata: {
      ...bound(node),
      ...(isOurLabel && { labels: { [EXCLUDE_FROM_LOAD_BALANCERS_LABEL]: null } }),
      ...(cancelledTime !== undefined && { annotations: { [DRAIN_CANCELLED_ANNOTATION]: cancelledTime } }),
    },
    spec: {
      ...(taint.value === CORDONED && { unschedulable: false }),
      taints: othersTaints(node),
    },
  };
}
