/** What the scenarios share: one scene each, the ways to begin, and what is asked afterwards. */
import { ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { SetDesiredCapacityCommand } from "@aws-sdk/client-auto-scaling";
import type { Call } from "../../infra/local/calls.ts";
import { openScene, type Scene } from "../../infra/local/stories/run.ts";
import { POOL } from "../../infra/local/stories/stage.ts";
import {
  allGone,
  budgetsKept,
  holdsContinued,
  isOver,
  noPodKilled,
  nothingDeleted,
  type Story,
} from "../../infra/local/stories/story.ts";
import type { Observed, Promised } from "../../infra/local/verdict.ts";
import { type Node, nodes } from "../../lib/api/kubernetes/node.ts";
import { type InstanceTermination, instanceTerminations } from "../../lib/api/lifecycle/instance-termination.ts";

export const HOOK_EVENT = { "detail-type": ["EC2 Instance-terminate Lifecycle Action"] };

/** The shown timeline is told with a failure: it says what happened in which order. */
export function scenario(name: string, run: (scene: Scene) => Promise<void>, stage: Story["stage"] = {}) {
  test(name, async (context) => {
    const scene = await openScene({ stage });
    try {
      await run(scene);
    } catch (error) {
      for (const { at, who, name: what, what: said } of scene.stage.timeline.lines) {
        context.diagnostic(`${at.toISOString().slice(11, 21)} ${who} ${what} ${said}`);
      }
      throw error;
    } finally {
      await scene.close();
    }
  });
}

/** 3 -> 2, as a person would ask for it. */
export const scaleIn = ({ stage }: Scene) =>
  stage.autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: POOL, DesiredCapacity: 2 }));

export async function untilOver({ clock, stage, count }: Scene, maxSeconds = 600): Promise<Observed> {
  ok(await clock.run({ maxSeconds, done: () => isOver(stage, count) }), `not over after ${maxSeconds} virtual seconds`);
  return count.observed();
}

export function assertKept(seen: Observed, rules: readonly ((seen: Observed) => Promised)[]): void {
  for (const { promise, seen: what, kept } of rules.map((rule) => rule(seen))) ok(kept, `${promise}: ${what}`);
}
/** P1, P2: drained first, released once, nobody hurt. */
export const DRAINED = [noPodKilled, budgetsKept, nothingDeleted, holdsContinued, allGone];

export const terminations = ({ stage }: Scene) => stage.watched.items<InstanceTermination>(instanceTerminations);
export const cordonedNodes = ({ stage }: Scene) =>
  stage.watched
    .items<Node>(nodes)
    .filter(({ spec }) => spec?.unschedulable)
    .map(({ metadata }) => metadata.name);

const WRITES = ["POST", "PUT", "PATCH", "DELETE"];
/** Writes of our functions to both clusters since a time. */
export const writesSince = ({ stage }: Scene, since: Date): readonly Call[] =>
  [...stage.cloud.management.calls, ...stage.cloud.workload.calls].filter(
    ({ who, what, at }) => who.startsWith("lifeguard") && at >= since && WRITES.includes(what.split(" ")[0] ?? ""),
  );

/** Everything our functions logged since the scene opened. */
export const logsOf = ({ stage }: Scene, functionName: string): readonly Record<string, unknown>[] =>
  stage.cloud.host.invocations
    .filter((invocation) => invocation.function === functionName)
    .flatMap(({ logs }) => logs)
    .filter((line): line is Record<string, unknown> => typeof line === "object" && line !== null);

/** Evictions of ours that were granted, by pod. */
export function assertEvictedOnce({ stage }: Scene): void {
  const granted = stage.cloud.workload.calls.filter(({ what, code }) => what === "POST pods/eviction" && code === 201);
  strictEqual(new Set(granted.map(({ target }) => target)).size, granted.length, "a pod was evicted twice");
}
