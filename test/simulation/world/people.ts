/** What people do to clusters while instances leave: cordon, uncordon, pause, cancel, change rules and budgets. */
import { type DisruptionBudget, disruptionBudgets } from "../../../infra/local/cluster/kinds.ts";
import { EXCLUDE_NODE_DRAINING_ANNOTATION, PAUSED_ANNOTATION } from "../../../lib/api/core/labels.ts";
import { machineDrainRules } from "../../../lib/api/core/machine-drain-rule.ts";
import { machinePools } from "../../../lib/api/core/machine-pool.ts";
import type { KubernetesObject } from "../../../lib/api/kubernetes/meta.ts";
import { type Node, nodes } from "../../../lib/api/kubernetes/node.ts";
import { daemonSets, type Pod, pods } from "../../../lib/api/kubernetes/pod.ts";
import {
  type InstanceTermination,
  instanceTerminations,
  TERMINATING_TAINT,
} from "../../../lib/api/lifecycle/instance-termination.ts";
import { NAMESPACE, POOL, type Scene } from "../scene.ts";
import { budgetFor } from "./budgets.ts";
import { choose } from "./choosing.ts";
import type { Happening } from "./cloud-happenings.ts";

const WHO = "a person";

const isTainted = ({ spec }: Node) => spec?.taints?.some(({ key }) => key === TERMINATING_TAINT) ?? false;
const allNodes = ({ workload }: Scene) => workload.all<Node>(nodes);
const openRecords = ({ management }: Scene) =>
  management
    .all<InstanceTermination>(instanceTerminations)
    .filter(({ status, metadata }) => status?.finishTime === undefined && metadata.deletionTimestamp === undefined);
const annotate = (annotation: string, value: string | null) => ({
  body: { metadata: { annotations: { [annotation]: value } } },
});

/** Does it to one of them, if there is one. */
const toOne =
  <T extends KubernetesObject>(
    list: (scene: Scene) => readonly T[],
    act: (scene: Scene, one: T, name: string) => Promise<string>,
  ): Happening =>
  async (scene, name) => {
    const one = choose(scene, name, list(scene));
    return one && act(scene, one, name);
  };

const budgets = ({ workload }: Scene) => workload.all<DisruptionBudget>(disruptionBudgets);
const setBudget = (maxUnavailable: number) =>
  toOne(budgets, async ({ workload }, budget) => {
    await workload.merge(WHO, disruptionBudgets, budget, { body: { spec: { maxUnavailable } } });
    return `budget ${budget.metadata.name} now allows ${maxUnavailable} to be missing`;
  });

const pausePool: Happening = async ({ management, time, chance, cloud }, name) => {
  const kind = chance.pick(`${name} kind`, [cloud.kinds.pools, machinePools]);
  const pool = management.find(kind, POOL, NAMESPACE);
  if (!pool) return undefined;
  await management.merge(WHO, kind, pool, annotate(PAUSED_ANNOTATION, ""));
  const seconds = chance.pick(`${name} for`, [60, 600]);
  time.after(seconds, async () => void (await management.merge(WHO, kind, pool, annotate(PAUSED_ANNOTATION, null))));
  return `${kind.kind} ${POOL} is paused for ${seconds} s`;
};

const replaceNode = toOne(allNodes, async ({ workload, cloud }, node, name) => {
  await workload.remove(WHO, nodes, node);
  const ready = { type: "Ready", status: "True" };
  const { name: own } = node.metadata;
  const made = {
    metadata: { name: own },
    spec: { providerID: cloud.strangersId(name.length) },
    status: { conditions: [ready] },
  };
  await workload.create(WHO, nodes, { apiVersion: "v1", kind: "Node", ...made });
  return `Node ${own} is deleted, and a machine of somebody else takes its name`;
});

const rule: Happening = async ({ management, chance, time }, name) => {
  const behavior = chance.pick(`${name} behavior`, ["Skip", "Drain", "Drain", "WaitCompleted", "Nonsense"]);
  const app = chance.pick(`${name} app`, ["web", "db", "anywhere"]);
  const drain = { behavior, ...(behavior === "Drain" && { order: chance.pick(`${name} order`, [-5, 5, 10]) }) };
  const pod = { selector: { matchLabels: { app } } };
  const { apiVersion, kind } = machineDrainRules;
  const made = {
    apiVersion,
    kind,
    metadata: { name: `rule-${name}`, namespace: NAMESPACE },
    spec: { drain, pods: [pod] },
  };
  await management.create(WHO, machineDrainRules, made);
  time.after(600, async () => void (await management.remove(WHO, machineDrainRules, made)));
  return `a MachineDrainRule says ${behavior} for ${app} pods, for ten minutes`;
};

const editRecord = toOne(openRecords, async (scene, record, name) => {
  const { chance, time, facts, management } = scene;
  const what = chance.pick(`${name} what`, ["deadline", "timeout", "onDeadline", "wait"] as const);
  const soon = Math.floor(time.now() / 1000) * 1000 + 90_000;
  const end = Math.min(soon, Date.parse(record.spec.deadlineTime ?? new Date(soon).toISOString()));
  const changes = {
    deadline: { deadlineTime: new Date(end).toISOString().replace(/\.\d+Z$/, "Z") },
    timeout: { drain: { ...record.spec.drain, timeoutSeconds: 60 } },
    onDeadline: { drain: { ...record.spec.drain, onDeadline: "Release" as const } },
    wait: { drain: { ...record.spec.drain, waitBeforeReleaseSeconds: 45 } },
  };
  const wish = what === "deadline" ? end : what === "timeout" ? time.now() : undefined;
  const uid = record.metadata.uid ?? "";
  const code = await management.merge(WHO, instanceTerminations, record, { body: { spec: changes[what] } });
  if (wish !== undefined && code === 200) facts.wishedEnds.set(uid, [...(facts.wishedEnds.get(uid) ?? []), wish]);
  return `the ${what} of ${record.metadata.name} is changed by hand`;
});

const optOut: Happening = async (scene, name) => {
  const { management, workload, chance } = scene;
  const pool = management.find(machinePools, POOL, NAMESPACE);
  const node = choose(scene, name, allNodes(scene));
  if (!pool || !node) return undefined;
  if (chance.roll(`${name} pool`) < 0.3) {
    await management.merge(WHO, machinePools, pool, annotate(EXCLUDE_NODE_DRAINING_ANNOTATION, ""));
    return `MachinePool ${POOL} asks not to be drained`;
  }
  await workload.merge(WHO, nodes, node, annotate(EXCLUDE_NODE_DRAINING_ANNOTATION, ""));
  return `Node ${node.metadata.name} asks not to be drained`;
};

export const peoplesHappenings: Readonly<Record<string, Happening>> = {
  "pool paused": pausePool,
  "record paused": toOne(openRecords, async ({ management, time }, record) => {
    await management.merge(WHO, instanceTerminations, record, annotate(PAUSED_ANNOTATION, ""));
    time.after(
      300,
      async () => void (await management.merge(WHO, instanceTerminations, record, annotate(PAUSED_ANNOTATION, null))),
    );
    return `${record.metadata.name} is paused for 300 s`;
  }),
  "record deleted": toOne(openRecords, async ({ management }, record) => {
    await management.remove(WHO, instanceTerminations, record);
    return `${record.metadata.name} is deleted: cancelled`;
  }),
  "record edited": editRecord,
  "node cordoned": toOne(
    (scene) => allNodes(scene).filter((node) => !isTainted(node)),
    async ({ workload }, node) => {
      await workload.merge(WHO, nodes, node, { body: { spec: { unschedulable: true } } });
      return `Node ${node.metadata.name} is cordoned by hand`;
    },
  ),
  "node uncordoned": toOne(
    (scene) => allNodes(scene).filter(({ spec }) => spec?.unschedulable),
    async ({ workload }, node) => {
      await workload.merge(WHO, nodes, node, { body: { spec: { unschedulable: false } } });
      return `Node ${node.metadata.name} is uncordoned by hand`;
    },
  ),
  "node tainted": toOne(allNodes, async ({ workload }, node) => {
    const taints = [...(node.spec?.taints ?? []), { key: "team-a/reserved", value: "yes", effect: "PreferNoSchedule" }];
    const others = taints.filter(({ key }, index) => taints.findIndex((taint) => taint.key === key) === index);
    await workload.merge(WHO, nodes, node, { body: { spec: { taints: others } } });
    return `Node ${node.metadata.name} gets a taint of a person`;
  }),
  "node deleted": toOne(allNodes, async ({ workload }, node) => {
    await workload.remove(WHO, nodes, node);
    return `Node ${node.metadata.name} is deleted by hand`;
  }),
  "node replaced": replaceNode,
  "opted out": optOut,
  "drain rule": rule,
  "budget closed": setBudget(0),
  "budget opened": setBudget(5),
  "budget created": async ({ workload }) => {
    await workload.create(WHO, disruptionBudgets, budgetFor("web", 0, "web-late"));
    return "a budget that allows nothing is made for web";
  },
  "budget doubled": async ({ workload }) => {
    await workload.create(WHO, disruptionBudgets, budgetFor("web", 1, "web-again"));
    await workload.create(WHO, disruptionBudgets, budgetFor("web", 1, "web-once-more"));
    return "web pods have several budgets";
  },
  "pod held": toOne(
    ({ workload }) => workload.all<Pod>(pods),
    async ({ workload }, pod) => {
      await workload.merge(WHO, pods, pod, annotate("karpenter.sh/do-not-disrupt", "true"));
      return `Pod ${pod.metadata.name} is not to be disrupted`;
    },
  ),
  "pod replaced": toOne(
    ({ workload }) => workload.all<Pod>(pods),
    async ({ workload }, pod) => {
      await workload.remove(WHO, pods, pod, { gracePeriodSeconds: 0 });
      return `Pod ${pod.metadata.name} is deleted with force`;
    },
  ),
  "daemon set deleted": toOne(
    ({ workload }) => workload.all(daemonSets),
    async ({ workload }, one) => {
      await workload.remove(WHO, daemonSets, one);
      return `DaemonSet ${one.metadata.name} is deleted, its pods stay`;
    },
  ),
};
