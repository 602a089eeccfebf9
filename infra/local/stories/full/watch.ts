/** Watches pools and their Machines from outside, and says in the timeline what a MachinePool and its group say of themselves. */
import { KubeConfig } from "@kubernetes/client-node";
import { machines } from "../../../../lib/api/core/machine.ts";
import { type MachinePool, machinePools } from "../../../../lib/api/core/machine-pool.ts";
import type { KubernetesObject, Resource } from "../../../../lib/api/kubernetes/meta.ts";
import type { Clock } from "../../clock.ts";
import { type Informer, startInformer } from "../../cluster/informer.ts";
import type { LocalBase } from "../../local-cloud.ts";
import type { Timeline } from "../../timeline.ts";
import type { Infrastructure } from "../infrastructure.ts";
import type { InfrastructurePool } from "./pool-stage.ts";

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

const groupState = ({ kind, metadata, status = {} }: InfrastructurePool): string => {
  const ready = status.conditions?.find(({ type }) => type === "Ready");
  const why = ready && ready.status !== "True" ? ` (${ready.reason}: ${ready.message})` : "";
  return `${kind} ${metadata.deletionTimestamp ? "deleted, " : ""}Ready ${ready?.status ?? "unsaid"}${why}`;
};

export interface Watching {
  readonly clock: Clock;
  readonly timeline: Timeline;
  /** Whose pools are watched. */
  readonly namespace: string;
  readonly infrastructure: Pick<Infrastructure, "poolKind" | "machineKind">;
}

export async function watchPools(
  cloud: Pick<LocalBase, "management">,
  { clock, timeline, infrastructure, namespace }: Watching,
): Promise<PoolWatch> {
  const { poolKind, machineKind } = infrastructure;
  const states: Readonly<Record<string, (object: KubernetesObject) => string>> = {
    [machinePools.kind]: (object) => poolState(object as MachinePool),
    [poolKind.kind]: (object) => groupState({ ...object, kind: poolKind.kind }),
  };
  const kubeconfig = new KubeConfig();
  kubeconfig.loadFromString(cloud.management.admin);
  const informers = new Map<string, Informer>();
  const said = new Map<string, string>();
  const itemsOf = ({ kind }: Resource): readonly KubernetesObject[] =>
    (informers.get(kind)?.items() ?? []).filter(({ metadata }) => metadata.namespace === namespace);
  const listeners: (() => void)[] = [];
  const tell = (resource: Resource) => {
    const stateOf = states[resource.kind];
    if (!stateOf) return;
    for (const object of itemsOf(resource)) {
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
  for (const resource of [machinePools, poolKind, machines, machineKind]) {
    const started = await startInformer(resource, { kubeconfig, clock, onChange: changed(resource), onProblem });
    if (!started) throw new Error(`the local cloud does not serve ${resource.plural}`);
    informers.set(resource.kind, started);
  }
  return {
    items: <T extends KubernetesObject>(resource: Resource) => itemsOf(resource) as readonly T[],
    onChange: (listener) => void listeners.push(listener),
    stop: () => {
      for (const informer of informers.values()) informer.close();
    },
  };
}
