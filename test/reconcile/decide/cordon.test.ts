/** The cordon as one patch, and what takes our part of it back. */
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { Node, Taint } from "../../../lib/api/kubernetes/node.ts";
import { cordonPatch, uncordonPatch } from "../../../lib/reconcile/decide/cordon.ts";
import { aNode, type NodeWishes } from "../../support/builders.ts";
import { at } from "../support/views.ts";

const LABEL = "node.kubernetes.io/exclude-from-external-load-balancers";
const KEY = "lifecycle.cluster.x-k8s.io/terminating";
const ours = (value: string, effect = "NoSchedule"): Taint => ({ key: KEY, value, effect });
const gpu: Taint = { key: "gpu", effect: "NoExecute" };
const node = (wishes: NodeWishes): Node => aNode({ uid: "u", resourceVersion: "7", ...wishes });
const bound = { uid: "u", resourceVersion: "7" };
const labelled = { labels: { [LABEL]: "lifeguard" } };

const cordons: { name: string; seen: Node; want: object | undefined }[] = [
  {
    name: "unschedulable, taint and label in one patch, bound to the version read",
    seen: node({ taints: [gpu] }),
    want: { metadata: { ...bound, ...labelled }, spec: { unschedulable: true, taints: [gpu, ours("cordoned")] } },
  },
  {
    name: "a Node that was unschedulable before is marked as found so",
    seen: node({ unschedulable: true }),
    want: { metadata: { ...bound, ...labelled }, spec: { unschedulable: true, taints: [ours("found-cordoned")] } },
  },
  {
    name: "a cordoned Node is not written again",
    seen: node({ unschedulable: true, taints: [ours("cordoned")], ...labelled }),
    want: undefined,
  },
  {
    name: "a Node cordoned again keeps who cordoned it first",
    seen: node({ unschedulable: true, taints: [ours("found-cordoned")] }),
    want: { metadata: { ...bound, ...labelled }, spec: { unschedulable: true, taints: [ours("found-cordoned")] } },
  },
  {
    name: "a Node that somebody uncordoned meanwhile is cordoned by us",
    seen: node({ taints: [ours("found-cordoned")], ...labelled }),
    want: { metadata: bound, spec: { unschedulable: true, taints: [ours("cordoned")] } },
  },
  {
    name: "a taint of our key with another effect is replaced, not doubled",
    seen: node({ unschedulable: true, taints: [ours("cordoned", "NoExecute"), gpu], ...labelled }),
    want: { metadata: bound, spec: { unschedulable: true, taints: [gpu, ours("cordoned")] } },
  },
  {
    name: "a load-balancer label of others is left as it is",
    seen: node({ labels: { [LABEL]: "theirs" } }),
    want: { metadata: bound, spec: { unschedulable: true, taints: [ours("cordoned")] } },
  },
];
for (const { name, seen, want } of cordons) test(name, () => deepStrictEqual(cordonPatch(seen), want));

const uncordons: { name: string; seen: Node; cancelled?: string; want: object | undefined }[] = [
  {
    name: "what we did is undone, and nothing else",
    seen: node({ unschedulable: true, taints: [gpu, ours("cordoned")], ...labelled }),
    want: { metadata: { ...bound, labels: { [LABEL]: null } }, spec: { unschedulable: false, taints: [gpu] } },
  },
  {
    name: "a Node that was unschedulable before stays so",
    seen: node({ unschedulable: true, taints: [ours("found-cordoned")], ...labelled }),
    want: { metadata: { ...bound, labels: { [LABEL]: null } }, spec: { taints: [] } },
  },
  {
    name: "a label of others is not removed",
    seen: node({ unschedulable: true, taints: [ours("cordoned")], labels: { [LABEL]: "theirs" } }),
    want: { metadata: bound, spec: { unschedulable: false, taints: [] } },
  },
  {
    name: "a Node without our taint is not ours to change",
    seen: node({ unschedulable: true, ...labelled }),
    want: undefined,
  },
  {
    name: "a person's cancel is remembered on the Node",
    seen: node({ unschedulable: true, taints: [ours("cordoned")] }),
    cancelled: at(9),
    want: {
      metadata: { ...bound, annotations: { "lifecycle.cluster.x-k8s.io/drain-cancelled": at(9) } },
      spec: { unschedulable: false, taints: [] },
    },
  },
];
for (const { name, seen, cancelled, want } of uncordons)
  test(name, () => deepStrictEqual(uncordonPatch(seen, cancelled), want));
