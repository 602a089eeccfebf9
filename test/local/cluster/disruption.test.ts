/** Stories of the simulated disruption controller, and of the node lifecycle that makes pods unhealthy. */
import { deepEqual, equal, rejects } from "node:assert/strict";
import {
  BECOMES_READY,
  type DisruptionBudget,
  disruptionBudgets,
  isReady,
} from "../../../infra/local/cluster/kinds.ts";
import { barePod, deployment, disruptionBudget } from "../../../infra/local/cluster/manifests.ts";
import { type Rig, type Story, tellAll } from "./rig.ts";

const budgetStatus = async (rig: Rig, name = "web") => {
  const found = await rig.client.get<DisruptionBudget>(disruptionBudgets, { namespace: "default", name });
  const { expectedPods = 0, desiredHealthy = 0, currentHealthy = 0, disruptionsAllowed = 0 } = found.status ?? {};
  return [expectedPods, desiredHealthy, currentHealthy, disruptionsAllowed];
};
/** Five pods of a Deployment on two Nodes, under a budget. */
const shop = async (rig: Rig, rule: Parameters<typeof disruptionBudget>[1], replicas = 5) => {
  rig.boot("a");
  rig.boot("b");
  await rig.create(deployment("web", replicas), disruptionBudget("web", rule));
  await rig.pass(20);
};
const podNames = async (rig: Rig) => (await rig.placed("web")).map((placed) => placed.slice(0, placed.indexOf("@")));

/** [expectedPods, desiredHealthy, currentHealthy, disruptionsAllowed] of five healthy pods. */
const rules: readonly { says: string; rule: Parameters<typeof disruptionBudget>[1]; want: readonly number[] }[] = [
  { says: "minAvailable counts pods", rule: { minAvailable: 4 }, want: [5, 4, 5, 1] },
  { says: "minAvailable in percent rounds up", rule: { minAvailable: "50%" }, want: [5, 3, 5, 2] },
  { says: "minAvailable above the pods allows nothing", rule: { minAvailable: 9 }, want: [5, 9, 5, 0] },
  { says: "maxUnavailable is taken from the scale", rule: { maxUnavailable: 2 }, want: [5, 3, 5, 2] },
  { says: "maxUnavailable in percent rounds up", rule: { maxUnavailable: "30%" }, want: [5, 3, 5, 2] },
  { says: "maxUnavailable above the scale asks for none", rule: { maxUnavailable: 9 }, want: [5, 0, 5, 5] },
];

tellAll([
  ...rules.map(
    ({ says, rule, want }): Story => ({
      name: says,
      tell: async (rig) => {
        await shop(rig, rule);
        deepEqual(await budgetStatus(rig), want);
      },
    }),
  ),
  {
    name: "a budget without pods allows nothing",
    tell: async (rig) => {
      await rig.create(disruptionBudget("web", { maxUnavailable: 1 }));
      await rig.pass(2);
      deepEqual(await budgetStatus(rig), [0, 0, 0, 0]);
    },
  },
  {
    name: "pods without a controller count under an integer minAvailable only",
    tell: async (rig) => {
      rig.boot("a");
      await rig.create(barePod("web", {}), disruptionBudget("web", { minAvailable: 1 }));
      await rig.create(disruptionBudget("web", { maxUnavailable: 1 }, { name: "most" }));
      await rig.pass(20);
      deepEqual(
        [await budgetStatus(rig), await budgetStatus(rig, "most")],
        [
          [1, 1, 1, 0],
          [0, 0, 1, 0],
        ],
      );
    },
  },
  {
    name: "a second eviction waits until the first pod's replacement is ready, and no promise is broken meanwhile",
    tell: async (rig) => {
      await shop(rig, { minAvailable: 4 });
      const [first = "", second = ""] = await podNames(rig);
      await rig.evict(first);
      await rejects(rig.evict(second), { kind: "too-many-requests" });
      await rig.pass(10);
      deepEqual(await budgetStatus(rig), [5, 4, 5, 1]);
      await rig.evict(second);
      await rig.pass(10);
      deepEqual(rig.cluster.lowestHealthy.get("default/web"), { currentHealthy: 4, desiredHealthy: 4 });
    },
  },
  {
    name: "a grant is forgotten when its pod leaves",
    tell: async (rig) => {
      await shop(rig, { minAvailable: 1 });
      const [first = ""] = await podNames(rig);
      await rig.evict(first);
      await rig.pass(5);
      const found = await rig.client.get<DisruptionBudget>(disruptionBudgets, { namespace: "default", name: "web" });
      deepEqual(found.status?.disruptedPods ?? {}, {});
    },
  },
  {
    name: "a pod that is not ready is not healthy",
    tell: async (rig) => {
      rig.boot("a");
      await rig.create(
        barePod("web", { annotations: { [BECOMES_READY]: "false" } }),
        disruptionBudget("web", { minAvailable: 1 }),
      );
      await rig.pass(20);
      deepEqual(await budgetStatus(rig), [1, 1, 0, 0]);
      equal(rig.cluster.lowestHealthy.size, 0);
    },
  },
  {
    name: "the pods of a vanished machine count as lost at once, and as unhealthy after the node lifecycle's forty seconds",
    tell: async (rig) => {
      await shop(rig, { minAvailable: 4 });
      rig.cluster.stopNode("a");
      await rig.pass(38);
      deepEqual(await budgetStatus(rig), [5, 4, 5, 1]);
      const lowest = rig.cluster.lowestHealthy.get("default/web")?.currentHealthy ?? 5;
      equal(lowest, 5 - rig.cluster.endings.length);
      await rig.pass(4);
      deepEqual(await budgetStatus(rig), [5, 4, lowest, 0]);
      const node = await rig.node("a");
      equal(isReady(node), false);
      deepEqual(
        node.spec?.taints?.map(({ key, effect }) => `${key}:${effect}`),
        ["node.kubernetes.io/unreachable:NoSchedule", "node.kubernetes.io/unreachable:NoExecute"],
      );
    },
  },
  {
    name: "five minutes after its Node became unreachable a pod is replaced, and the old one stays terminating",
    tell: async (rig) => {
      await shop(rig, { minAvailable: 1 }, 2);
      rig.cluster.stopNode("a");
      await rig.pass(330);
      equal((await rig.placed("web")).length, 1);
      await rig.pass(30);
      deepEqual(
        (await rig.placed("web")).map((placed) => placed.at(-1)),
        ["b", "b"],
      );
      const old = (await rig.list({ apiVersion: "v1", plural: "pods", kind: "Pod" }, "web")).filter(
        (pod) => pod.metadata.deletionTimestamp,
      );
      equal(old.length, 1);
    },
  },
]);
