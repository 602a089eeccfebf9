/** What runs on machines: pods start, turn Ready, work and end; nothing moves on a machine that is off. */
import { type Pod, pods } from "../../../lib/api/kubernetes/pod.ts";
import type { Scene } from "../scene.ts";
import type { Change } from "../servers.ts";
import type { App } from "./apps.ts";

interface Ending {
  readonly since: number;
  readonly graceSeconds: number;
  readonly cancel: () => void;
}

const READY = { phase: "Running", conditions: [{ type: "Ready", status: "True" }] };
const NO_APP: Pick<App, "shutdownSeconds" | "startSeconds"> & Partial<App> = { shutdownSeconds: 1, startSeconds: 1 };

/** @param isUp whether the machine of a Node runs */
export function watchPods(scene: Scene, isUp: (nodeName: string) => boolean): void {
  const { time, workload, plan } = scene;
  const started = new Set<string>();
  const endings = new Map<string, Ending>();

  const still = ({ metadata: { name, namespace, uid } }: Pod): Pod | undefined => {
    const pod = workload.find<Pod>(pods, name, namespace);
    return pod?.metadata.uid === uid && isUp(pod?.spec?.nodeName ?? "") ? pod : undefined;
  };
  const setStatus = (pod: Pod, status: object) =>
    workload.merge("kubelet", pods, pod, { body: { status }, subresource: "status" });
  const appOf = ({ metadata }: Pod) => plan.apps.find(({ name }) => name === metadata.labels?.app) ?? NO_APP;

  const start = (pod: Pod) => {
    const { startSeconds, worksSeconds } = appOf(pod);
    time.after(startSeconds, async () => {
      const alive = still(pod);
      if (alive && alive.metadata.deletionTimestamp === undefined) await setStatus(alive, READY);
    });
    if (worksSeconds === undefined) return;
    time.after(startSeconds + worksSeconds, async () => {
      const alive = still(pod);
      if (alive) await setStatus(alive, { phase: "Succeeded", conditions: [{ type: "Ready", status: "False" }] });
    });
  };
  const end = (pod: Pod, uid: string) => {
    const graceSeconds = pod.metadata.deletionGracePeriodSeconds ?? 0;
    const before = endings.get(uid);
    if (before && before.graceSeconds <= graceSeconds) return;
    before?.cancel();
    const since = before?.since ?? time.now();
    const seconds = Math.min(appOf(pod).shutdownSeconds, graceSeconds) - (time.now() - since) / 1000;
    const cancel = time.after(Math.max(0.05, seconds), async () => {
      const ended = still(pod);
      if (ended) await workload.remove("kubelet", pods, ended, { gracePeriodSeconds: 0 });
    });
    endings.set(uid, { since, graceSeconds, cancel });
  };

  scene.listeners.add(({ server, plural, after }: Change) => {
    if (server !== "workload" || plural !== pods.plural || !after) return;
    const pod = after as Pod;
    const uid = pod.metadata.uid ?? "";
    if (pod.spec?.nodeName !== undefined && !started.has(uid)) {
      started.add(uid);
      start(pod);
    }
    if (pod.metadata.deletionTimestamp !== undefined && pod.spec?.nodeName !== undefined) end(pod, uid);
  });
}
