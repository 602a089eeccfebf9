/** What runs in the workload cluster: a few applications, each with something that a drain must mind. */
import type { Pod, Toleration } from "../../../lib/api/kubernetes/pod.ts";
import type { Chance } from "../chance.ts";

export interface App {
  readonly name: string;
  readonly kind: "ReplicaSet" | "StatefulSet" | "DaemonSet" | "Job" | "none";
  readonly replicas: number;
  readonly graceSeconds: number;
  /** How long its processes take to end once they are told to. */
  readonly shutdownSeconds: number;
  /** From bound to Ready. */
  readonly startSeconds: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly priorityClassName?: string;
  readonly tolerations?: readonly Toleration[];
  readonly localStorage?: boolean;
  /** Each of its pods has a volume of its own, by the pod's name. */
  readonly hasVolumes?: boolean;
  /** So many may be missing; absent: no budget. */
  readonly maxUnavailable?: number;
  /** Of a Job: how long it works. */
  readonly worksSeconds?: number;
}

const EVERYTHING: readonly Toleration[] = [{ operator: "Exists" }];
const DRAIN = "cluster.x-k8s.io/drain";

type Recipe = (chance: Chance) => App;

/** Its budget allows nothing, so that it never leaves by itself. */
const stuck: App = {
  name: "stuck",
  kind: "ReplicaSet",
  replicas: 6,
  graceSeconds: 3,
  shutdownSeconds: 2,
  startSeconds: 1,
  maxUnavailable: 0,
};

const web: Recipe = (chance) => ({
  name: "web",
  kind: "ReplicaSet",
  replicas: chance.whole("web replicas", 2, 5),
  graceSeconds: 30,
  shutdownSeconds: chance.pick("web shutdown", [1, 5, 60]),
  startSeconds: chance.pick("web start", [1, 10]),
  ...(chance.roll("web budget") < 0.6 && { maxUnavailable: chance.pick("web unavailable", [1, 1, 2]) }),
});

const RECIPES: readonly Recipe[] = [
  (chance) => ({
    name: "db",
    kind: "StatefulSet",
    replicas: chance.whole("db replicas", 1, 3),
    graceSeconds: chance.pick("db grace", [60, 300]),
    shutdownSeconds: 20,
    startSeconds: 5,
    ...(chance.roll("db budget") < 0.7 && { maxUnavailable: chance.pick("db unavailable", [0, 1, 1]) }),
  }),
  () => ({
    name: "dns",
    kind: "ReplicaSet",
    replicas: 2,
    graceSeconds: 30,
    shutdownSeconds: 3,
    startSeconds: 3,
    priorityClassName: "system-cluster-critical",
  }),
  () => ({
    name: "sticky",
    kind: "ReplicaSet",
    replicas: 2,
    graceSeconds: 30,
    shutdownSeconds: 2,
    startSeconds: 2,
    annotations: { "karpenter.sh/do-not-disrupt": "true" },
  }),
  () => ({
    name: "fixed",
    kind: "ReplicaSet",
    replicas: 2,
    graceSeconds: 10,
    shutdownSeconds: 2,
    startSeconds: 2,
    labels: { [DRAIN]: "skip" },
  }),
  (chance) => ({
    name: "report",
    kind: "Job",
    replicas: 2,
    graceSeconds: 30,
    shutdownSeconds: 1,
    startSeconds: 1,
    labels: { [DRAIN]: "wait-completed" },
    worksSeconds: chance.pick("report works", [60, 900]),
  }),
  () => ({
    name: "lonely",
    kind: "none",
    replicas: 2,
    graceSeconds: 5,
    shutdownSeconds: 1,
    startSeconds: 1,
    localStorage: true,
  }),
  () => ({
    name: "anywhere",
    kind: "ReplicaSet",
    replicas: 2,
    graceSeconds: 5,
    shutdownSeconds: 1,
    startSeconds: 1,
    tolerations: EVERYTHING,
  }),
  () => ({
    name: "careful",
    kind: "ReplicaSet",
    replicas: 2,
    graceSeconds: 30,
    shutdownSeconds: 2,
    startSeconds: 2,
    annotations: { "cluster-autoscaler.kubernetes.io/safe-to-evict": "false" },
  }),
];

/** Its pods hold volumes that detach late. */
const store: Recipe = (chance) => ({
  name: "store",
  kind: "StatefulSet",
  replicas: chance.whole("store replicas", 2, 4),
  graceSeconds: 30,
  shutdownSeconds: chance.pick("store shutdown", [1, 10]),
  startSeconds: 3,
  hasVolumes: true,
});

const agent: App = {
  name: "agent",
  kind: "DaemonSet",
  replicas: 0,
  graceSeconds: 30,
  shutdownSeconds: 1,
  startSeconds: 1,
  tolerations: [{ key: "node.kubernetes.io/unschedulable", operator: "Exists", effect: "NoSchedule" }],
};

export const appsOf = (chance: Chance, isStuck: boolean, hasVolumes: boolean): readonly App[] => [
  agent,
  web(chance),
  ...(isStuck ? [stuck] : []),
  ...(hasVolumes ? [store(chance)] : []),
  ...RECIPES.filter((_, index) => chance.roll(`recipe ${index}`) < 0.3).map((recipe) => recipe(chance)),
];

/** Of the claims that a pod of this name has. */
export const claimNames = ({ hasVolumes }: App, podName: string): readonly string[] =>
  hasVolumes === true ? [`data-${podName}`] : [];

export function podOf(app: App, name: string, nodeName?: string): Pod & { readonly spec: object } {
  const owner = {
    apiVersion: app.kind === "Job" ? "batch/v1" : "apps/v1",
    kind: app.kind,
    name: app.name,
    uid: `uid-${app.name}`,
    controller: true,
  };
  const claims = claimNames(app, name).map((claimName) => ({ name: "data", persistentVolumeClaim: { claimName } }));
  const scratch = app.localStorage === true ? [{ name: "scratch", emptyDir: {} }] : [];
  const volumes = [...scratch, ...claims];
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace: "default",
      labels: { app: app.name, ...app.labels },
      ...(app.annotations && { annotations: app.annotations }),
      ...(app.kind !== "none" && { ownerReferences: [owner] }),
    },
    spec: {
      ...(nodeName !== undefined && { nodeName }),
      terminationGracePeriodSeconds: app.graceSeconds,
      ...(app.priorityClassName !== undefined && { priorityClassName: app.priorityClassName }),
      ...(app.tolerations && { tolerations: app.tolerations }),
      ...(volumes.length > 0 && { volumes }),
    },
  };
}
