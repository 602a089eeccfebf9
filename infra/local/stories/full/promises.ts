/** The promises of the full profile, each judged by what servers, kubelets and the cloud saw. */
import type { Promised } from "../../verdict.ts";
import { budgetsKept, noPodKilled, nothingDeleted, nothingFailed } from "../story.ts";
import type { FullSeen } from "./seen.ts";

export type Rule = (seen: FullSeen) => Promised;

export const listed = (items: readonly string[]) => (items.length === 0 ? "none" : items.join(", "));

export const capacityKept =
  (least: number): Rule =>
  ({ lowestCapacity }) => ({
    promise: `never fewer than ${least} Nodes took pods`,
    seen: `at the worst second: ${lowestCapacity}`,
    kept: lowestCapacity >= least && Number.isFinite(lowestCapacity),
  });

/** Nobody lost a process, and no instance began to shut down with pods on it. */
export const drainedFirst: Rule = ({ undrained, ended }) => ({
  promise: "every instance was drained before it began to shut down",
  seen: `${ended.length} left; with pods: ${listed(undrained)}`,
  kept: undrained.length === 0,
});

export const oneRecordEach: Rule = ({ ended, terminations }) => ({
  promise: "each instance that left has one finished record",
  seen: `${ended.length} left; ${listed(terminations.map(({ name, phase }) => `${name}: ${phase}`))}`,
  kept:
    ended.every((id) => terminations.filter(({ name, instance }) => (instance ?? name).endsWith(id)).length === 1) &&
    terminations.length === ended.length &&
    terminations.every(({ phase }) => phase === "Released"),
});

/** Whoever goes through a hook is let go by us: a hold that nobody ends times out, and would be seen to. */
const holdsContinued: Rule = ({ waits, ended }) => ({
  promise: "each instance that left was held once, and its hold was ended with CONTINUE",
  seen: listed(waits),
  kept:
    waits.every((wait) => wait.endsWith(": continued")) &&
    new Set(waits).size === waits.length &&
    ended.every((id) => waits.filter((wait) => wait.includes(` of ${id}: `)).length === 1),
});

export const allGone: Rule = ({ instancesLeft, nodesLeft }) => ({
  promise: "of those that left neither instance nor Node is there",
  seen: listed([...instancesLeft, ...nodesLeft]),
  kept: instancesLeft.length + nodesLeft.length === 0,
});

export const settled: Rule = ({ settledWrites, settledSeconds }) => ({
  promise: `at rest nothing was written for ${settledSeconds} s, sweeps included`,
  seen: listed(settledWrites),
  kept: settledWrites.length === 0 && settledSeconds > 0,
});

export const noErrors: Rule = ({ errors }) => ({
  promise: "no pass logged an error",
  inPeace: true,
  seen: listed(errors),
  kept: errors.length === 0,
});

/** Where the API server knows roles. */
export const nothingForbidden: Rule = ({ forbidden }) => ({
  promise: "the shipped roles allow every call that was made",
  seen: `forbidden: ${listed(forbidden)}`,
  kept: forbidden.length === 0,
});

export const mostAtOnce =
  (most: number): Rule =>
  ({ mostLeaving }) => ({
    promise: `no more than ${most} Node was emptied at a time`,
    seen: `at the busiest second: ${mostLeaving}`,
    kept: mostLeaving > 0 && mostLeaving <= most,
  });

export const nothingLeft: Rule = ({ inCloud, inKubernetes }) => ({
  promise: "nothing is left in the cloud, and every finalizer is gone",
  seen: listed([...inCloud, ...inKubernetes]),
  kept: inCloud.length + inKubernetes.length === 0,
});

export const leftMany =
  (count: number): Rule =>
  ({ ended }) => ({
    promise: count === 0 ? "no instance was replaced" : `${count} instances left, and no more`,
    seen: listed(ended),
    kept: ended.length === count,
  });

export const countersTrue =
  (size: number): Rule =>
  ({ counters }) => {
    const names = ["replicas", "readyReplicas", "availableReplicas", "upToDateReplicas", "nodeRefs"];
    const wanted = [...names, "nodes", "machines", "infrastructureMachines"].map((name) => `${name} ${size}`);
    return {
      promise: `the MachinePool is Running, and every counter says ${size}`,
      seen: counters,
      kept: counters === ["Running", ...wanted].join(", "),
    };
  };

export const kubeletsAre =
  (version: string): Rule =>
  ({ kubelets }) => ({
    promise: `every kubelet is ${version}`,
    seen: listed(kubelets),
    kept: kubelets.length === 1 && kubelets[0] === version,
  });

/** What holds of every story, however many leave. */
export const ALWAYS: readonly Rule[] = [
  noPodKilled,
  budgetsKept,
  nothingDeleted,
  drainedFirst,
  oneRecordEach,
  holdsContinued,
  allGone,
  settled,
  nothingFailed,
  noErrors,
];

export const judgeBy =
  (...rules: readonly Rule[]) =>
  (seen: FullSeen): readonly Promised[] =>
    [...ALWAYS, ...(seen.knowsRoles ? [nothingForbidden] : []), ...rules].map((rule) => rule(seen));
