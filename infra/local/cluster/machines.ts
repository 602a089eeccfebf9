/** The machines under the simulated cluster: which run, since when, and how every pod on them ended. */
import type { Taint } from "../../../lib/api/kubernetes/node.ts";
import type { Pod } from "../../../lib/api/kubernetes/pod.ts";
import type { Clock } from "../clock.ts";
import { controllerOf, fullName } from "./kinds.ts";

export interface MachineSpec {
  /** Node name, as the cloud's kubelets choose it. */
  readonly name: string;
  /** Absent: the kubelet registers without one. */
  readonly providerID?: string;
  readonly zone: string;
  readonly region: string;
  readonly instanceType: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  /** From the call to the Node's creation; default 5. */
  readonly bootSeconds?: number;
  /** From the Node's creation to Ready; default 5; Infinity: never. */
  readonly readySeconds?: number;
  /** Of the machine's image, with a leading "v"; default that of the clusters here. */
  readonly kubeletVersion?: string;
  /** Pods that fit; default 110. */
  readonly podCapacity?: number;
  /** Names of static pods; each gets a mirror pod in kube-system. */
  readonly staticPods?: readonly string[];
}

export interface Machine extends MachineSpec {
  /** Tells a machine from an earlier one of the same name. */
  readonly id: string;
  registered: boolean;
  stoppedAt?: Date;
}

export interface Ending {
  /** "namespace/name" */
  readonly pod: string;
  readonly uid: string;
  readonly node: string;
  /** killed: its instance vanished, its object was removed under it, or its grace was shorter than its shutdown takes. */
  readonly how: "graceful" | "killed";
  readonly at: Date;
  /** Kind of the controller, e.g. "DaemonSet"; absent for a bare pod. */
  readonly controller?: string;
}

/** Knows of pods only what a kubelet knows: what it started and has not stopped. */
export function machineRoom(clock: Clock) {
  const machines = new Map<string, Machine>();
  const running = new Map<string, Pod>();
  const endings: Ending[] = [];
  let booted = 0;
  const end = (pod: Pod, how: Ending["how"]): void => {
    const uid = pod.metadata.uid ?? "";
    if (!running.delete(uid)) return;
    const controller = controllerOf(pod)?.kind;
    const node = pod.spec?.nodeName ?? "";
    endings.push({ pod: fullName(pod), uid, node, how, at: clock.now(), ...(controller && { controller }) });
  };
  return {
    machines: machines as ReadonlyMap<string, Machine>,
    running: running as ReadonlyMap<string, Pod>,
    endings: endings as readonly Ending[],
    start: (pod: Pod) => void running.set(pod.metadata.uid ?? "", pod),
    end,
    finish: (pod: Pod) => void running.delete(pod.metadata.uid ?? ""),
    boot: (spec: MachineSpec) =>
      void machines.set(spec.name, { ...spec, id: `${spec.name} ${booted++}`, registered: false }),
    /** The instance is gone, and every pod that still ran on it. */
    stop: (name: string): void => {
      const machine = machines.get(name);
      if (!machine || machine.stoppedAt) return;
      machine.stoppedAt = clock.now();
      for (const pod of running.values()) if (pod.spec?.nodeName === name) end(pod, "killed");
    },
  };
}

export type MachineRoom = ReturnType<typeof machineRoom>;
