/** The simulated kubelets: each registers its Node, runs the pods bound to it, and ends them within their grace. */
import { type Node, nodes } from "../../../lib/api/kubernetes/node.ts";
import { MIRROR_POD_ANNOTATION, type Pod, pods } from "../../../lib/api/kubernetes/pod.ts";
import {
  apiTime,
  BECOMES_READY,
  COMPLETES_SECONDS,
  controlledBy,
  isFinished,
  isLeaving,
  SHUTDOWN_SECONDS,
} from "./kinds.ts";
import type { Machine, MachineRoom } from "./machines.ts";
import { podStatus, type RunState } from "./pod-status.ts";
import type { Controller, World } from "./world.ts";

const KUBELET_VERSION = "v1.36.4";
const POD_START_SECONDS = 2;
const DEFAULT_SHUTDOWN_SECONDS = 1;
const annotation = (pod: Pod, name: string) => pod.metadata.annotations?.[name];

/** Every field is there, as Kubernetes' own type has them. */
const nodeInfo = ({ id, name, kubeletVersion = KUBELET_VERSION }: Machine) => ({
  kubeletVersion,
  operatingSystem: "linux",
  architecture: "amd64",
  osImage: "Local Linux",
  kernelVersion: "6.12.0",
  containerRuntimeVersion: "containerd://2.1.0",
  kubeProxyVersion: "",
  machineID: name,
  systemUUID: name,
  bootID: id,
});

const nodeStatus = (machine: Machine, ready: boolean, now: Date) => {
  const lastTransitionTime = apiTime(now);
  const healthy = ["MemoryPressure", "DiskPressure", "PIDPressure"].map((type) => ({
    type,
    status: "False",
    reason: "KubeletHasNoPressure",
    lastHeartbeatTime: lastTransitionTime,
    lastTransitionTime,
  }));
  const capacity = { cpu: "4", memory: "16Gi", pods: String(machine.podCapacity ?? 110) };
  const reason = ready ? "KubeletReady" : "KubeletNotReady";
  return {
    capacity,
    allocatable: capacity,
    addresses: [{ type: "Hostname", address: machine.name }],
    nodeInfo: nodeInfo(machine),
    conditions: [
      ...healthy,
      {
        type: "Ready",
        status: ready ? "True" : "False",
        reason,
        lastHeartbeatTime: lastTransitionTime,
        lastTransitionTime,
      },
    ],
  };
};

const newNode = ({ name, providerID, taints, ...machine }: Machine): Node => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: {
    name,
    labels: {
      "kubernetes.io/hostname": name,
      "kubernetes.io/os": "linux",
      "kubernetes.io/arch": "amd64",
      "topology.kubernetes.io/region": machine.region,
      "topology.kubernetes.io/zone": machine.zone,
      "node.kubernetes.io/instance-type": machine.instanceType,
      ...machine.labels,
    },
  },
  spec: { ...(providerID && { providerID }), ...(taints && { taints }) },
});

/** A Node that is there already under this name is taken over as it is, as kubelets do. */
async function keepNode(world: World, machine: Machine): Promise<Node | undefined> {
  if (!world.due(`boot ${machine.id}`, machine.bootSeconds ?? 5)) return undefined;
  const find = () => world.list<Node>(nodes).find(({ metadata }) => metadata.name === machine.name);
  if (!machine.registered && !find()) await world.create(nodes, newNode(machine));
  const node = find();
  machine.registered ||= node !== undefined;
  if (!node) return undefined;
  const ready = world.due(`ready ${machine.id}`, machine.readySeconds ?? 5);
  const seen = node.status?.conditions?.find(({ type }) => type === "Ready")?.status;
  if (seen !== (ready ? "True" : "False"))
    await world.patch(nodes, node, { status: nodeStatus(machine, ready, world.clock.now()) }, "status");
  return node;
}

/** Mirror pods show static pods in the API; whoever deletes one sees it come back. */
async function keepMirrorPods(world: World, machine: Machine, node: Node): Promise<void> {
  for (const staticPod of machine.staticPods ?? []) {
    const name = `${staticPod}-${machine.name}`;
    if (world.list<Pod>(pods).some(({ metadata }) => metadata.name === name)) continue;
    const spec = {
      nodeName: machine.name,
      priorityClassName: "system-node-critical",
      tolerations: [{ operator: "Exists" }],
      containers: [{ name: staticPod, image: `registry.local/${staticPod}` }],
    };
    const metadata = {
      name,
      namespace: "kube-system",
      labels: { component: staticPod },
      annotations: { [MIRROR_POD_ANNOTATION]: machine.id },
      ownerReferences: [controlledBy(nodes, node)],
    };
    await world.create<Pod>(pods, { apiVersion: "v1", kind: "Pod", metadata, spec });
  }
}

async function runPod(world: World, room: MachineRoom, pod: Pod): Promise<void> {
  const { uid } = pod.metadata;
  const show = (runs: RunState) =>
    world.patch(pods, pod, { status: podStatus(pod, runs, world.clock.now()) }, "status");
  if (isFinished(pod)) return room.finish(pod);
  if (!world.due(`start ${uid}`, POD_START_SECONDS)) return;
  if (pod.status?.phase !== "Running") {
    if (await show(annotation(pod, BECOMES_READY) === "false" ? "NotReady" : "Ready")) room.start(pod);
    return;
  }
  room.start(pod);
  const completes = annotation(pod, COMPLETES_SECONDS);
  if (completes && world.due(`complete ${uid}`, Number(completes))) await show("Completed");
}

/** Runs on until its shutdown is done or its grace is over, whichever is first; then the object goes. */
async function endPod(world: World, room: MachineRoom, pod: Pod): Promise<void> {
  const { uid, deletionGracePeriodSeconds: grace = 0 } = pod.metadata;
  const asked = annotation(pod, SHUTDOWN_SECONDS);
  const shutdown = asked === undefined ? DEFAULT_SHUTDOWN_SECONDS : Number(asked);
  if (annotation(pod, MIRROR_POD_ANNOTATION)) room.finish(pod);
  const runs = room.running.has(uid ?? "");
  if (runs && !world.due(`stop ${uid}`, Math.min(grace, shutdown))) return;
  room.end(pod, grace >= shutdown ? "graceful" : "killed");
  const isHeld = grace === 0 && (pod.metadata.finalizers?.length ?? 0) > 0;
  if (!isHeld) await world.remove(pods, pod, { gracePeriodSeconds: 0 });
}

/** @returns whether its kubelet runs pods */
async function runMachine(world: World, machine: Machine): Promise<boolean> {
  if (machine.stoppedAt) return false;
  const node = await keepNode(world, machine);
  if (node) await keepMirrorPods(world, machine, node);
  return machine.registered;
}

/** One pass over every machine that runs; the pods of one that does not are left as they are. */
export const kubelets =
  (room: MachineRoom): Controller =>
  async (world) => {
    const alive = new Set<string>();
    for (const machine of room.machines.values()) if (await runMachine(world, machine)) alive.add(machine.name);
    const present = world.list<Pod>(pods);
    for (const pod of present.filter(({ spec }) => alive.has(spec?.nodeName ?? "")))
      await (isLeaving(pod) ? endPod(world, room, pod) : runPod(world, room, pod));
    const uids = new Set(present.map(({ metadata }) => metadata.uid));
    for (const [uid, pod] of room.running) if (!uids.has(uid)) room.end(pod, "killed");
  };
