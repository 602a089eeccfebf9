/** Instances that run register a Node; one that is off turns Unknown, as the node lifecycle controller sees it. */

import { type Node, nodes } from "../../../lib/api/kubernetes/node.ts";
import type { Machine } from "../clouds/simulated-cloud.ts";
import type { Scene } from "../scene.ts";

const REGISTER_SECONDS = 5;
const MONITOR_GRACE_SECONDS = 40;

export interface Machines {
  /** Whether the machine of a Node of this name runs; true for Nodes of no instance, which somebody made by hand. */
  readonly isUp: (nodeName: string) => boolean;
}

const whole = (milliseconds: number) => new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");

export async function registerNode({ workload, time }: Scene, machine: Machine): Promise<void> {
  const ready = { type: "Ready", status: "True", lastTransitionTime: whole(time.now()) };
  const node: Node = {
    metadata: { name: machine.nodeName },
    spec: { providerID: machine.providerID },
    status: { conditions: [ready] },
  };
  await workload.create("kubelet", nodes, { apiVersion: "v1", kind: "Node", ...node });
}

export function watchInstances(scene: Scene): Machines {
  const { time, cloud, workload } = scene;
  const machineOf = (nodeName: string) => cloud.machines().find((machine) => machine.nodeName === nodeName);
  const setReady = (node: Node, status: "True" | "Unknown") => {
    const conditions = [{ type: "Ready", status, lastTransitionTime: whole(time.now()) }];
    return workload.merge("node controller", nodes, node, { body: { status: { conditions } }, subresource: "status" });
  };
  const isRunning = ({ id }: Machine) => cloud.machines().find((one) => one.id === id)?.state === "running";
  const nodeOf = ({ nodeName, providerID }: Machine) => {
    const node = workload.find<Node>(nodes, nodeName);
    return node?.spec?.providerID === providerID ? node : undefined;
  };
  const register = async (machine: Machine) => {
    if (!isRunning(machine)) return;
    const node = nodeOf(machine);
    // One that comes back from another host is the same machine still.
    await (node ? setReady(node, "True") : registerNode(scene, machine));
  };
  const turnUnknown = async (machine: Machine) => {
    const node = nodeOf(machine);
    if (node && !isRunning(machine)) await setReady(node, "Unknown");
  };
  cloud.onMachine(({ machine, state }) => {
    if (state === "running") time.after(REGISTER_SECONDS, () => register(machine));
    if (state === "shutting-down") time.after(MONITOR_GRACE_SECONDS, () => turnUnknown(machine));
  });
  return {
    isUp: (nodeName) => {
      const machine = machineOf(nodeName);
      return machine === undefined || machine.state === "running" || machine.state === "pending";
    },
  };
}
