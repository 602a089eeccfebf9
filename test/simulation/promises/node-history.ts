/** Whose Nodes bore a name, who made them unschedulable, and when our taint came. */
import type { KubernetesObject } from "../../../lib/api/kubernetes/meta.ts";
import type { Node } from "../../../lib/api/kubernetes/node.ts";
import { TERMINATING_TAINT } from "../../../lib/api/lifecycle/instance-termination.ts";
import type { Change } from "../servers.ts";
import type { Time } from "../time.ts";

interface Bearer {
  readonly providerID: string;
  readonly uid: string;
  /** When the Node was deleted. */
  until: number;
}

export interface NodeHistory {
  readonly hear: (change: Change) => void;
  /** Uids of Nodes that we made unschedulable and nobody else had. */
  readonly cordonedByUs: ReadonlySet<string>;
  /** Node uid -> when the pass began that brought our taint first: a drain's time runs from what a pass calls now. */
  readonly taintedAt: ReadonlyMap<string, number>;
  readonly named: (name: string) => readonly Bearer[];
  /** ProviderIDs that had a Node once. */
  readonly registered: ReadonlySet<string>;
}

const hasTaint = (node: Node | undefined) => node?.spec?.taints?.some(({ key }) => key === TERMINATING_TAINT) ?? false;
const asNode = (object: KubernetesObject | undefined) => object as Node | undefined;

export function createNodeHistory(time: Time): NodeHistory {
  const cordonedByUs = new Set<string>();
  const taintedAt = new Map<string, number>();
  const bearers = new Map<string, Bearer[]>();
  const registered = new Set<string>();

  const bear = (old: Node | undefined, now: Node | undefined) => {
    const { name, uid = "" } = (now ?? old)?.metadata ?? { name: "" };
    const list = bearers.get(name) ?? [];
    bearers.set(name, list);
    const last = list.at(-1);
    if (!now && last) last.until = time.now();
    if (!now || old) return;
    const providerID = now.spec?.providerID ?? "";
    list.push({ providerID, uid, until: Number.POSITIVE_INFINITY });
    registered.add(providerID);
  };
  return {
    hear: ({ by, before, after }) => {
      const [old, now] = [asNode(before), asNode(after)];
      bear(old, now);
      const uid = now?.metadata.uid ?? "";
      // Under our taint nobody can tell a person's cordon from ours.
      const isByUs = typeof by !== "string" || hasTaint(now);
      if (now?.spec?.unschedulable && !old?.spec?.unschedulable && isByUs) cordonedByUs.add(uid);
      if (!now?.spec?.unschedulable) cordonedByUs.delete(uid);
      if (hasTaint(now) && !taintedAt.has(uid)) taintedAt.set(uid, typeof by === "string" ? time.now() : by.startedAt);
    },
    cordonedByUs,
    taintedAt,
    named: (name) => bearers.get(name) ?? [],
    registered,
  };
}
