/** What a kubelet says of a pod it runs: conditions for controllers, containers for people with kubectl. */
import type { Pod } from "../../../lib/api/kubernetes/pod.ts";
import { apiTime, type PodTemplate } from "./kinds.ts";

type Seen = Pod & {
  readonly spec?: Partial<Pick<PodTemplate["spec"], "containers">>;
  readonly status?: { readonly startTime?: string };
};

export type RunState = "Ready" | "NotReady" | "Completed";

const TRUE_UNREADY = ["PodScheduled", "Initialized"];

/** Within the usual range of pods; nothing ever connects to it. */
const addressOf = (uid = ""): string =>
  `10.128.${Number.parseInt(uid.slice(0, 2), 16)}.${Number.parseInt(uid.slice(2, 4), 16)}`;

export function podStatus({ metadata, spec, status }: Seen, runs: RunState, now: Date) {
  const [ready, isOver] = [runs === "Ready", runs === "Completed"];
  const startedAt = status?.startTime ?? apiTime(now);
  const podIP = addressOf(metadata.uid);
  const terminated = { exitCode: 0, reason: "Completed", startedAt, finishedAt: apiTime(now) };
  return {
    phase: isOver ? "Succeeded" : "Running",
    startTime: startedAt,
    podIP,
    podIPs: [{ ip: podIP }],
    qosClass: "BestEffort",
    conditions: ["PodScheduled", "Initialized", "ContainersReady", "Ready"].map((type) => ({
      type,
      status: ready || TRUE_UNREADY.includes(type) ? "True" : "False",
      lastTransitionTime: apiTime(now),
      ...(isOver && { reason: "PodCompleted" }),
    })),
    containerStatuses: (spec?.containers ?? []).map(({ name, image }) => ({
      name,
      image,
      imageID: image,
      containerID: `local://${metadata.uid}/${name}`,
      ready,
      started: !isOver,
      restartCount: 0,
      state: isOver ? { terminated } : { running: { startedAt } },
    })),
  };
}
