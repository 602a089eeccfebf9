/** Watches pools and their Machines from outside, and says in the timeline what a MachinePool and its group say of themselves. */
import { KubeConfig } from "@kubernetes/client-node";
import { awsMachines } from "../../../../lib/api/aws/aws-machine.ts";
import { type AwsMachinePool, awsMachinePools } from "../../../../lib/api/aws/aws-machine-pool.ts";
import { machines } from "../../../../lib/api/core/machine.ts";
import { type MachinePool, machinePools } from "../../../../lib/api/core/machine-pool.ts";
import type { KubernetesObject, Resource } from "../../../../lib/api/kubernetes/meta.ts";
import type { Clock } from "../../clock.ts";
import { type Informer, startInformer } from "../../cluster/informer.ts";
import type { LocalCloud } from "../../local-cloud.ts";
import type { Timeline } from "../../timeline.ts";

export interface PoolWatch {
  readonly items: <T extends KubernetesObject>(resource: Resource) => readonly T[];
  /** Told after every change: what a look now and then would miss. */
  readonly onChange: (listener: () => void) => void;
  readonly stop: () => void;
}

const poolState = ({ metadata, spec, status = {} }: MachinePool): string => {
  const { replicas = 0, readyReplicas = 0, upToDateReplicas = 0, phase = "new" } = status;
  const counted = `${spec.replicas ?? "?"} wanted, ${replicas} there, ${readyReplicas} ready, ${upToDateReplicas} up to date`;
  return `MachinePool ${metadata.deletionTimestamp ? "deleted, " : ""}${phase}: ${counted}`;
};

const groupState = ({ metadata, status = {} }: AwsMachinePool): string => {
  const ready = status.conditions?.find(({ type }) => type === "Ready");
  const why = ready && ready.status !== "True" ? ` (${ready.reason}: ${ready.message})` : "";
  return `AWSMachinePool ${metadata.deletionTimestamp ? "deleted, " : ""}Ready ${ready?.status ?? "unsaid"}${why}`;
};

const STATES: Readonly<Record<string, (object: KubernetesObject) => string>> = {
  [machinePools.kind]: (object) => poolState(object as MachinePool),
  [awsMachinePools.kind]: (object) => groupState(object as AwsMachinePool),
};

export async function watchPools(cloud: LocalCloud, clock: Clock, timeline: Timeline): Promise<PoolWatch> {
  const kubeconfig = new KubeConfig();
  kubeconfig.loadFromString(cloud.management.admin);
  const informers = new Map<string, Informer>();
  const said = new Map<string, string>();
  const listeners: (() => void)[] = [];
  const tell = (resource: Resource) => {
    const stateOf = STATES[resource.kind];
    if (!stateOf) return;
    for (const object of informers.get(resource.kind)?.items() ?? []) {
      const state = stateOf(object);
      if (said.get(object.metadata.uid ?? "") === state) continue;
      said.set(object.metadata.uid ?? "", state);
      timeline.say("node", object.metadata.name, state);
    }
  };
  const changed = (resource: Resource) => () => {
    for (const listener of listeners) listener();
    tell(resource);
  };
  const onProblem = (message: string) => timeline.say("story", "observer", message);
  for (const resource of [machinePools, awsMachinePools, machines, awsMachines]) {
    const started = await startInformer(resource, { kubeconfig, clock, onChange: changed(resource), onProblem });
    if (!started) throw new Error(`the local cloud does not serve ${resource.plural}`);
    informers.set(resource.kind, started);
  }
  return {
    items: <T extends KubernetesObject>({ kind }: Resource) => (informers.get(kind)?.items() ?? []) as readonly T[],
    onChange: (listener) => void listeners.push(listener),
    stop: () => {
      for (const informer of informers.values()) informer.close();
    },
  };
}
