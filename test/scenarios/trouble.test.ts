/** When others fail: an API server that is away, a cloud that throttles, a function that dies between two calls, a storm of refusals. */
import { ok, strictEqual } from "node:assert/strict";
import {
  assertEvictedOnce,
  assertKept,
  cordonedNodes,
  DRAINED,
  scaleIn,
  scenario,
  terminations,
  untilOver,
} from "./scene.ts";

scenario("a management API that is away for two minutes delays the drain and breaks no promise", async (scene) => {
  const { management, cluster } = scene.stage.cloud;
  management.down();
  await scaleIn(scene);
  await scene.clock.run({ maxSeconds: 120 });
  strictEqual(cluster.endings.length, 0);
  management.up();
  const seen = await untilOver(scene);
  assertKept(seen, DRAINED);
  const dead = scene.stage.cloud.aws.cloud.queues.receive("EventDeadLetters", 10).map(({ body }) => body);
  ok(
    dead.every((body) => body.includes("Scheduled Event")),
    "a notice became a dead letter",
  );
});

scenario("a workload API that is away while the drain runs is waited for", async (scene) => {
  const { workload, aws } = scene.stage.cloud;
  await scaleIn(scene);
  await scene.clock.run({ maxSeconds: 5 });
  workload.down();
  await scene.clock.run({ maxSeconds: 60 });
  strictEqual(aws.cloud.waiting().length, 1, "nothing is released that cannot be seen to be empty");
  workload.up();
  assertKept(await untilOver(scene), DRAINED);
});

for (const times of [2, 12]) {
  scenario(
    `an Auto Scaling API that throttles ${times} completions is asked again until one is accepted`,
    async (scene) => {
      scene.stage.cloud.aws.inject({ action: "CompleteLifecycleAction", code: "Throttling", times });
      await scaleIn(scene);
      assertKept(await untilOver(scene), DRAINED);
    },
  );
}

scenario("a completion whose answer is lost is not taken for a failure", async (scene) => {
  scene.stage.cloud.aws.inject({ action: "CompleteLifecycleAction", afterEffect: true, drop: true, times: 1 });
  await scaleIn(scene);
  const seen = await untilOver(scene);
  strictEqual(seen.holds.filter(({ end }) => end !== "continued").length, 0);
  strictEqual(seen.killedPods.length, 0);
});

scenario("a function that dies between its record and the cordon leaves a drain that goes on", async (scene) => {
  const before = ({ method, path }: { method: string; path: string }) => method === "PATCH" && path.includes("/nodes/");
  scene.stage.cloud.host.kill({ function: "asg-instance-terminating", before, times: 1 });
  await scaleIn(scene);
  await scene.clock.run({ maxSeconds: 2 });
  strictEqual(terminations(scene).length, 1, "it died before the record");
  strictEqual(cordonedNodes(scene).length, 0, "it died after the cordon");
  assertKept(await untilOver(scene), DRAINED);
  strictEqual(scene.stage.cloud.host.invocations.filter(({ outcome }) => outcome === "killed").length, 1);
});

for (const afterCalls of [1, 3, 6, 9, 12]) {
  scenario(`a drain whose pass dies after ${afterCalls} calls is finished by a later one`, async (scene) => {
    scene.stage.cloud.host.kill({ function: "drain-continued", before: ({ number }) => number > afterCalls, times: 1 });
    await scaleIn(scene);
    assertKept(await untilOver(scene), DRAINED);
    assertEvictedOnce(scene);
  });
}

scenario(
  "a storm of 429 is a reason to wait, and no pod is asked more often than every five seconds",
  async (scene) => {
    const { workload, host } = scene.stage.cloud;
    workload.inject({ match: { path: /\/eviction/ }, code: 429, retryAfterSeconds: 1, times: 30 });
    await scaleIn(scene);
    assertKept(await untilOver(scene), DRAINED);
    const asked = new Map<string, number>();
    for (const { what, target, at } of workload.calls.filter(({ what }) => what === "POST pods/eviction")) {
      const before = asked.get(target);
      ok(
        before === undefined || at.getTime() - before >= 5_000,
        `${target}: asked again after ${at.getTime() - (before ?? 0)} ms`,
      );
      asked.set(target, at.getTime());
      ok(what);
    }
    strictEqual(host.invocations.filter(({ outcome }) => outcome !== "ok").length, 0, "429 is no error");
  },
);
