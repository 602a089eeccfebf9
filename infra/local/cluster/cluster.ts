/** A simulated workload cluster on any API server: machines that boot and vanish, and the controllers around their pods. */
import { KubeConfig } from "@kubernetes/client-node";
import { nodes } from "../../../lib/api/kubernetes/node.ts";
import { daemonSets, pods } from "../../../lib/api/kubernetes/pod.ts";
import { persistentVolumes, volumeAttachments } from "../../../lib/api/kubernetes/volume.ts";
import { connect } from "../../../lib/kubernetes/connection.ts";
import type { Clock } from "../clock.ts";
import { attachmentController } from "./attachments.ts";
import { disruptionController, type HealthyCount } from "./disruption.ts";
import { ownerCollector, podCollector } from "./garbage.ts";
import { deployments, disruptionBudgets, replicaSets, statefulSets } from "./kinds.ts";
import { kubelets } from "./kubelet.ts";
import { type Ending, type MachineSpec, machineRoom } from "./machines.ts";
import { nodeLifecycle } from "./node-lifecycle.ts";
import { type Binding, scheduler } from "./scheduler.ts";
import { daemonSetController, deploymentController, replicaSetController, statefulSetController } from "./workloads.ts";
import { startWorld } from "./world.ts";

export interface LocalClusterOptions {
  /** Default "bind". */
  readonly binding?: Binding;
  /** Told once of each way in which a write or a watch failed, lost races apart; default: standard error. */
  readonly onProblem?: (message: string) => void;
}

export interface LocalCluster {
  bootNode(machine: MachineSpec): void;
  /** The machine under this Node is gone at once: its kubelet falls silent, its pods are killed. */
  stopNode(name: string): void;
  /** As `stopNode`, by the cloud's id; the cloud node lifecycle then deletes the Node when it is no longer Ready. */
  instanceGone(providerID: string): void;
  /** How each pod that ran has ended, in order. */
  readonly endings: readonly Ending[];
  /** The worst moment of each "namespace/budget" since it was first met. */
  readonly lowestHealthy: ReadonlyMap<string, HealthyCount>;
  close(): Promise<void>;
}

const WORKLOADS = [pods, daemonSets, deployments, replicaSets, statefulSets, disruptionBudgets];
const RESOURCES = [...WORKLOADS, nodes, persistentVolumes, volumeAttachments];

/** Both ways to the API server of a kubeconfig's text: ours for the verbs, client-node's reader for the watches. */
function accessTo(text: string) {
  const kubeconfig = new KubeConfig();
  kubeconfig.loadFromString(text);
  const name = { name: "the workload cluster", origin: "the local cloud's kubeconfig" };
  return { kubeconfig, client: connect(() => Promise.resolve(text), name).client(undefined) };
}

const once = (say: (message: string) => void) => {
  const said = new Set<string>();
  return (message: string): void => {
    if (said.size < said.add(message).size) say(message);
  };
};

/**
 * @param parts.kubeconfig its text, of a user who may do everything
 * @throws Error when the API server cannot be listed
 */
export async function startCluster(parts: {
  readonly clock: Clock;
  readonly kubeconfig: string;
  readonly options?: LocalClusterOptions;
}): Promise<LocalCluster> {
  const { clock, kubeconfig, options = {} } = parts;
  const { binding = "bind", onProblem = console.error } = options;
  const room = machineRoom(clock);
  const gone = new Set<string>();
  const lowestHealthy = new Map<string, HealthyCount>();
  const controllers = [
    kubelets(room),
    nodeLifecycle(room, (providerID) => gone.has(providerID)),
    podCollector,
    ownerCollector,
    deploymentController,
    replicaSetController(),
    statefulSetController,
    daemonSetController(),
    scheduler(binding),
    attachmentController(room),
    disruptionController(room, lowestHealthy),
  ];
  const world = { clock, ...accessTo(kubeconfig), resources: RESOURCES, onProblem: once(onProblem) };
  const { trigger, close } = await startWorld(world, controllers);
  const stopAll = (names: readonly string[]) => {
    for (const name of names) room.stop(name);
    trigger();
  };
  return {
    bootNode: (machine) => {
      room.boot(machine);
      trigger();
    },
    stopNode: (name) => stopAll([name]),
    instanceGone: (providerID) => {
      gone.add(providerID);
      const machines = [...room.machines.values()].filter((machine) => machine.providerID === providerID);
      stopAll(machines.map(({ name }) => name));
    },
    endings: room.endings,
    lowestHealthy,
    close,
  };
}
