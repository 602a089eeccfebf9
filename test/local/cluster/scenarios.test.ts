/** Every drain scenario does on the API and the simulated cluster what it says it does, evicted as kubectl would. */
import { deepEqual, equal } from "node:assert/strict";
import { isReady } from "../../../infra/local/cluster/kinds.ts";
import { type DrainScenario, drainScenarios, type PodFate } from "../../../infra/local/cluster/scenarios.ts";
import { type Pod, pods } from "../../../lib/api/kubernetes/pod.ts";
import { KubernetesError } from "../../../lib/kubernetes/errors.ts";
import { type Rig, tellAll } from "./rig.ts";

const evict = async (rig: Rig, { metadata }: Pod): Promise<PodFate["eviction"]> => {
  try {
    await rig.evict(metadata.name, metadata.namespace);
    return "granted";
  } catch (error) {
    if (error instanceof KubernetesError) return error.kind;
    throw error;
  }
};
const fateOf = (before: Pod, left: readonly Pod[], prefix: string): PodFate["after"] => {
  if (left.some(({ metadata }) => metadata.uid === before.metadata.uid)) return "there";
  return left.some((pod) => isReady(pod) && pod.metadata.name.startsWith(prefix)) ? "back" : "gone";
};

async function drain(rig: Rig, { objects, machine, fates, isCutShort }: DrainScenario): Promise<void> {
  rig.boot("a", machine);
  await rig.create(...objects);
  await rig.pass(30);
  await rig.cordon("a");
  const before = await rig.list<Pod>(pods);
  deepEqual(
    Object.keys(fates).filter((prefix) => !before.some(({ metadata }) => metadata.name.startsWith(prefix))),
    [],
  );
  const evictions = new Map<Pod, PodFate["eviction"]>();
  for (const pod of before) evictions.set(pod, await evict(rig, pod));
  if (isCutShort) rig.cluster.stopNode("a");
  await rig.pass(60);
  const left = (await rig.list<Pod>(pods)).filter(({ spec }) => spec?.nodeName === "a");
  for (const [pod, eviction] of evictions) {
    const [prefix, fate] = Object.entries(fates).find(([start]) => pod.metadata.name.startsWith(start)) ?? [
      "",
      undefined,
    ];
    deepEqual({ eviction, after: fateOf(pod, left, prefix) }, fate, pod.metadata.name);
  }
}

tellAll([
  ...drainScenarios.map((scenario) => ({ name: scenario.name, tell: (rig: Rig) => drain(rig, scenario) })),
  {
    name: "a Node replaced under the same name is another Node",
    tell: async (rig) => {
      rig.boot("a");
      await rig.pass(15);
      const { uid } = (await rig.node("a")).metadata;
      rig.cluster.stopNode("a");
      await rig.client.delete({ apiVersion: "v1", plural: "nodes", kind: "Node" }, { name: "a" });
      rig.boot("a", { providerID: "aws:///eu-west-1a/other" });
      await rig.pass(15);
      const node = await rig.node("a");
      deepEqual(
        [node.metadata.uid === uid, node.spec?.providerID, isReady(node)],
        [false, "aws:///eu-west-1a/other", true],
      );
    },
  },
  {
    name: "a second machine of a Node's name takes the Node over as it is",
    tell: async (rig) => {
      rig.boot("a");
      await rig.pass(15);
      rig.boot("a", { providerID: "aws:///eu-west-1a/other" });
      await rig.pass(15);
      equal((await rig.node("a")).spec?.providerID, "aws:///eu-west-1a/a");
    },
  },
]);
