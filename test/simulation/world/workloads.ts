/** Controllers of pods: replicas are kept, pods are bound by what the scheduler last saw, orphans are removed. */
import { repellingTaint } from "../../../infra/local/cluster/kinds.ts";
import { type Node, nodes } from "../../../lib/api/kubernetes/node.ts";
import { type Pod, pods } from "../../../lib/api/kubernetes/pod.ts";
import type { Scene } from "../scene.ts";
import { type App, podOf } from "./apps.ts";

const isLive = (pod: Pod) =>
  pod.metadata.deletionTimestamp === undefined && pod.status?.phase !== "Succeeded" && pod.status?.phase !== "Failed";

export interface Workloads {
  /** One look at everything. */
  readonly tick: () => Promise<void>;
}

export function createWorkloads({ plan, workload, chance }: Scene): Workloads {
  const born = new Map<string, number>();
  /** As the scheduler knows them; a cordon that came since is not among it. */
  let seen: readonly Node[] = [];

  const podsOf = (app: App) => workload.all<Pod>(pods).filter(({ metadata }) => metadata.labels?.app === app.name);
  const nameFor = (app: App, taken: ReadonlySet<string>) => {
    if (app.kind === "StatefulSet") {
      for (let index = 0; index < app.replicas; index++)
        if (!taken.has(`${app.name}-${index}`)) return `${app.name}-${index}`;
      return undefined;
    }
    const number = (born.get(app.name) ?? 0) + 1;
    born.set(app.name, number);
    return `${app.name}-x${number}`;
  };
  const keepReplicas = async (app: App) => {
    const all = podsOf(app);
    // A StatefulSet's name is free only when its last bearer is gone; a Job and a lonely pod are not made again.
    const once = app.kind === "none" || app.kind === "Job";
    const counted = app.kind === "StatefulSet" || once ? all.length : all.filter(isLive).length;
    if (once && born.has(app.name) && (born.get(app.name) ?? 0) >= app.replicas) return;
    for (let missing = app.replicas - counted; missing > 0; missing--) {
      const name = nameFor(app, new Set(podsOf(app).map(({ metadata }) => metadata.name)));
      if (name === undefined) return;
      await workload.create("controllers", pods, podOf(app, name));
    }
  };
  const keepOnEachNode = async (app: App) => {
    for (const node of workload.all<Node>(nodes)) {
      const { name } = node.metadata;
      if (podsOf(app).some((pod) => pod.spec?.nodeName === name)) continue;
      if (repellingTaint(node, app.tolerations ?? [], ["NoSchedule"])) continue;
      const number = (born.get(app.name) ?? 0) + 1;
      born.set(app.name, number);
      await workload.create("controllers", pods, podOf(app, `${app.name}-d${number}`, name));
    }
  };
  const fits = (pod: Pod) => (node: Node) => {
    const tolerations = pod.spec?.tolerations ?? [];
    const toleratesAll = tolerations.some(({ key, operator }) => key === undefined && operator === "Exists");
    if (node.spec?.unschedulable === true && !toleratesAll) return false;
    const isReady = node.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
    return isReady === true && repellingTaint(node, tolerations, ["NoSchedule", "NoExecute"]) === undefined;
  };
  const bind = async (pod: Pod) => {
    const load = (node: Node) =>
      workload.all<Pod>(pods).filter(({ spec }) => spec?.nodeName === node.metadata.name).length;
    const choices = seen.filter(fits(pod)).sort((a, b) => load(a) - load(b));
    const few = Math.min(2, choices.length);
    const node = choices[Math.floor(chance.roll(`bind ${pod.metadata.name} ${pod.metadata.uid}`) * few)];
    if (node) await workload.merge("scheduler", pods, pod, { body: { spec: { nodeName: node.metadata.name } } });
  };

  const schedule = async () => {
    for (const pod of workload.all<Pod>(pods)) if (pod.spec?.nodeName === undefined && isLive(pod)) await bind(pod);
    seen = workload.all<Node>(nodes);
  };
  const removeOrphans = async () => {
    const names = new Set(seen.map(({ metadata }) => metadata.name));
    const isOrphan = ({ spec }: Pod) => spec?.nodeName !== undefined && !names.has(spec.nodeName);
    for (const pod of workload.all<Pod>(pods).filter(isOrphan))
      await workload.remove("pod garbage collector", pods, pod, { gracePeriodSeconds: 0 });
  };

  return {
    tick: async () => {
      for (const app of plan.apps) await (app.kind === "DaemonSet" ? keepOnEachNode(app) : keepReplicas(app));
      await schedule();
      await removeOrphans();
    },
  };
}
