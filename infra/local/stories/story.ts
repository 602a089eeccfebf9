/** What a story is: something happens to the cloud, and promises that must hold whatever was seen. */
import { type Node, nodes } from "../../../lib/api/kubernetes/node.ts";
import { type InstanceTermination, instanceTerminations } from "../../../lib/api/lifecycle/instance-termination.ts";
import type { Observed, Promised } from "../verdict.ts";
import type { Count } from "./observed.ts";
import type { Stage, StageOptions } from "./stage.ts";

export interface Story {
  readonly name: string;
  readonly title: string;
  readonly stage: Omit<StageOptions, "timeline">;
  /** Virtual; longer is a broken promise. */
  readonly maxSeconds: number;
  readonly begin: (stage: Stage) => Promise<unknown>;
  readonly promises: (seen: Observed) => readonly Promised[];
}

/** An instance has gone, nothing is left of it, and every drain is finished. */
export function isOver({ watched }: Stage, { ended }: Count): boolean {
  const gone = new Set([...ended.values()].map(({ providerID }) => providerID));
  const drains = watched.items<InstanceTermination>(instanceTerminations);
  return (
    gone.size > 0 &&
    drains.length > 0 &&
    drains.every(({ status }) => status?.phase === "Released") &&
    !watched.items<Node>(nodes).some(({ spec }) => gone.has(spec?.providerID ?? ""))
  );
}

const listed = (items: readonly string[]) => (items.length === 0 ? "none" : items.join(", "));

export const noPodKilled = ({ killedPods }: Observed): Promised => ({
  promise: "no pod lost its process before its grace was over",
  seen: `killed: ${listed(killedPods)}`,
  kept: killedPods.length === 0,
});

export const budgetsKept = ({ budgets }: Observed): Promised => ({
  promise: "no disruption budget was ever undercut",
  seen: listed(budgets.map(({ name, lowestHealthy, wanted }) => `${name}: lowest ${lowestHealthy}, wanted ${wanted}`)),
  kept: budgets.length > 0 && budgets.every(({ lowestHealthy, wanted }) => lowestHealthy >= wanted),
});

export const holdsContinued = ({ holds }: Observed): Promised => ({
  promise: "every hold was ended once, with CONTINUE",
  seen: listed(holds.map(({ instanceId, hook, end }) => `${hook} of ${instanceId}: ${end}`)),
  kept:
    holds.length > 0 &&
    holds.every(({ end }) => end === "continued") &&
    new Set(holds.map(({ instanceId, hook }) => `${instanceId} ${hook}`)).size === holds.length,
});

export const nothingDeleted = ({ deletions }: Observed): Promised => ({
  promise: "pods were evicted, never deleted",
  seen: `deleted: ${listed(deletions.map(({ pod }) => pod))}`,
  kept: deletions.length === 0,
});

export const allGone = ({ instancesLeft, nodesLeft, terminations }: Observed): Promised => ({
  promise: "instance and Node are gone, and one finished record says so",
  seen: `left: ${listed([...instancesLeft, ...nodesLeft])}; ${listed(terminations.map(({ phase }) => phase))}`,
  kept:
    instancesLeft.length + nodesLeft.length === 0 &&
    terminations.length === 1 &&
    terminations.every(({ phase }) => phase === "Released"),
});

export const nothingFailed = ({ failedInvocations, invocations, deadLetters }: Observed): Promised => ({
  promise: "no invocation failed, no event became a dead letter",
  inPeace: true,
  seen: `${failedInvocations} of ${invocations} failed, ${deadLetters} dead letters`,
  kept: failedInvocations + deadLetters === 0,
});
