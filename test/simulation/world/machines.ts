/** Instances that run register a Node; one that is off turns Unknown, as the node lifecycle controller sees it. */

import type { AwsCloud } from "../../../infra/local/aws/cloud.ts";
import { type Node, nodes } from "../../../lib/api/kubernetes/node.ts";
import type { Scene } from "../scene.ts";

type Instance = ReturnType<AwsCloud["instances"]>[number];

const REGISTER_SECONDS = 5;
const MONITOR_GRACE_SECONDS = 40;

export const providerIdOf = ({ zone, id }: Pick<Instance, "zone" | "id">) => `aws:///${zone}/${id}`;

export interface Machines {
  /** Whether the machine of a Node of this name runs; true for Nodes of no instance, which somebody made by hand. */
  readonly isUp: (nodeName: string) => boolean;
}

const whole = (milliseconds: number) => new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");

export async function registerNode({ workload, time }: Scene, instance: Instance): Promise<void> {
  const ready = { type: "Ready", status: "True", lastTransitionTime: whole(time.now()) };
  const node: Node = {
    metadata: { name: instance.privateDnsName },
    spec: { providerID: providerIdOf(instance) },
    status: { conditions: [ready] },
  };
  await workload.create("kubelet", nodes, { apiVersion: "v1", kind: "Node", ...node });
}

export function watchInstances(scene: Scene): Machines {
  const { time, cloud, workload } = scene;
  const instanceOf = (nodeName: string) => cloud.instances().find(({ privateDnsName }) => privateDnsName === nodeName);
  const setReady = (node: Node, status: "True" | "Unknown") => {
    const conditions = [{ type: "Ready", status, lastTransitionTime: whole(time.now()) }];
    return workload.merge("node controller", nodes, node, { body: { status: { conditions } }, subresource: "status" });
  };
  const register = async (instance: Instance) => {
    if (cloud.instances().find(({ id }) => id === instance.id)?.state !== "running") return;
    await registerNode(scene, instance);
  };
  const turnUnknown = async (instance: Instance) => {
    const node = workload.find<Node>(nodes, instance.privateDnsName);
    if (node?.spec?.providerID === providerIdOf(instance)) await setReady(node, "Unknown");
  };
  cloud.onInstance(({ instance, state }) => {
    if (state === "running") time.after(REGISTER_SECONDS, () => register(instance));
    if (state === "shutting-down") time.after(MONITOR_GRACE_SECONDS, () => turnUnknown(instance));
  });
  return {
    isUp: (nodeName) => {
      const instance = instanceOf(nodeName);
      return instance === undefined || instance.state === "running" || instance.state === "pending";
    },
  };
}
