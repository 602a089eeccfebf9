/** A person's own cordon meets a drain that is then taken back: the one stays, the other goes. */
import { type Node, nodes } from "../../../lib/api/kubernetes/node.ts";
import { type InstanceTermination, instanceTerminations } from "../../../lib/api/lifecycle/instance-termination.ts";
import { POOL, type Scene } from "../scene.ts";
import { choose } from "./choosing.ts";
import type { Happening } from "./cloud-happenings.ts";

const WHO = "a person";
const CANCELLED_AFTER_SECONDS = 20;

const cancel = async ({ management }: Scene, providerID: string) => {
  const records = management.all<InstanceTermination>(instanceTerminations);
  const record = records.find(({ spec }) => spec.providerID === providerID);
  if (record) await management.remove(WHO, instanceTerminations, record);
};

export const ownCordon: Happening = async (scene, name) => {
  const { cloud, workload, time } = scene;
  const members = cloud.machines().filter(({ group }) => group === POOL);
  const one = choose(
    scene,
    name,
    members.filter(({ isInService }) => isInService),
  );
  const node = one && workload.all<Node>(nodes).find(({ spec }) => spec?.providerID === one.providerID);
  if (!one || !node) return undefined;
  await workload.merge(WHO, nodes, node, { body: { spec: { unschedulable: true } } });
  await cloud.replace(one);
  time.after(CANCELLED_AFTER_SECONDS, () => cancel(scene, one.providerID));
  return `${node.metadata.name} is cordoned by hand, then replaced, and the drain of it cancelled`;
};
