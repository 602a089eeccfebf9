/** Notices as they come in life: doubled, overtaken, foreign, malformed, old, poisoned; what each costs, and that nothing else suffers. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { HOOK, POOL } from "../../infra/local/stories/stage.ts";
import {
  assertEvictedOnce,
  assertKept,
  cordonedNodes,
  DRAINED,
  HOOK_EVENT,
  logsOf,
  scaleIn,
  scenario,
  terminations,
  untilOver,
  writesSince,
} from "./scene.ts";

/** Names are invented, the shape is EventBridge's. */
const hookEvent = (instanceId: string, group: string, time: Date) => ({
  version: "0",
  id: "6a1f2c9e-0d34-4b7a-9a57-1c0f5d2e8b11",
  "detail-type": "EC2 Instance-terminate Lifecycle Action",
  source: "aws.autoscaling",
  account: "210987654321",
  time: `${time.toISOString().slice(0, 19)}Z`,
  region: "eu-west-1",
  resources: [],
  detail: {
    LifecycleActionToken: "c2b7d9e0-1f3a-4c58-b6d2-7e8f90a1b2c3",
    AutoScalingGroupName: group,
    LifecycleHookName: HOOK.LifecycleHookName,
    EC2InstanceId: instanceId,
    LifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
  },
});

for (const seconds of [0, 10, 70]) {
  scenario(`an event that comes again after ${seconds} s changes nothing`, async (scene) => {
    scene.stage.cloud.aws.cloud.duplicateEvents({ match: HOOK_EVENT, times: 1, seconds });
    await scaleIn(scene);
    const seen = await untilOver(scene);
    assertKept(seen, DRAINED);
    assertEvictedOnce(scene);
  });
}

scenario("a late event finds the drain that the sweep began", async (scene) => {
  scene.stage.cloud.aws.cloud.delayEvents({ match: HOOK_EVENT, times: 1, seconds: 45 });
  await scaleIn(scene);
  const seen = await untilOver(scene);
  assertKept(seen, DRAINED);
  assertEvictedOnce(scene);
});

for (const disturb of ["reorderEvents", "duplicateEvents"] as const) {
  const both = { "detail-type": [...HOOK_EVENT["detail-type"], "EC2 Spot Instance Interruption Warning"] };
  scenario(
    `a Spot warning and the hook's notice under ${disturb} end in one record and one release`,
    async (scene) => {
      const { cloud, instances } = scene.stage;
      cloud.aws.cloud[disturb]({ match: both, times: 2, seconds: 3 });
      cloud.aws.cloud.interruptSpot(instances()[0]?.id ?? "");
      const seen = await untilOver(scene);
      assertKept(seen, DRAINED);
      assertEvictedOnce(scene);
      ok(terminations(scene).every(({ spec }) => spec.deadlineTime !== undefined && spec.hold !== undefined));
    },
    { spot: true },
  );
}

scenario("an event for a foreign group is answered, counted, and writes nothing", async (scene) => {
  const since = scene.clock.now();
  strictEqual(scene.stage.cloud.host.publish(hookEvent("i-0f0f0f0f0f0f0f0f0", "somebody-elses", since)), 1);
  await scene.clock.run({ maxSeconds: 100 });
  deepStrictEqual(writesSince(scene, since), []);
  const logs = logsOf(scene, "asg-instance-terminating");
  ok(logs.some(({ did, because }) => did === "ignored" && because === "ForeignGroup"));
  ok(
    logs.some(({ Outcomes, did, because }) => Outcomes === 1 && did === "ignored" && because === "ForeignGroup"),
    "no metric counts it",
  );
});

const malformed: { name: string; change: object }[] = [
  { name: "without an instance", change: { EC2InstanceId: undefined } },
  { name: "with a number for a group", change: { AutoScalingGroupName: 7 } },
  { name: "with an instance id that is none", change: { EC2InstanceId: "../../pods" } },
];
for (const { name, change } of malformed) {
  scenario(`an event ${name} is answered, and the next one is served`, async (scene) => {
    const { publish, invocations } = scene.stage.cloud.host;
    const since = scene.clock.now();
    const event = hookEvent("i-0f0f0f0f0f0f0f0f0", POOL, since);
    publish({ ...event, detail: { ...event.detail, ...change } });
    await scene.clock.run({ maxSeconds: 20 });
    deepStrictEqual(writesSince(scene, since), []);
    deepStrictEqual(
      invocations.filter(({ function: name }) => name === "asg-instance-terminating").map(({ outcome }) => outcome),
      ["ok"],
    );
    await scaleIn(scene);
    assertKept(await untilOver(scene), DRAINED);
  });
}

scenario("a notice older than ten minutes of an instance in service takes nothing from it", async (scene) => {
  const [instance] = scene.stage.instances();
  const since = scene.clock.now();
  const old = new Date(since.getTime() - 700_000);
  scene.stage.cloud.host.publish(hookEvent(instance?.id ?? "", POOL, old));
  await scene.clock.run({ maxSeconds: 300 });
  deepStrictEqual(scene.stage.cloud.cluster.endings.slice(), []);
  deepStrictEqual(cordonedNodes(scene), []);
  ok(terminations(scene).every(({ status }) => status?.phase === "Cancelled"));
});

scenario("one poisoned message in a batch costs the others nothing", async (scene) => {
  const { queues, dropEvents, waiting } = scene.stage.cloud.aws.cloud;
  dropEvents({ match: HOOK_EVENT, times: 1 });
  await scaleIn(scene);
  const [held] = waiting();
  const { detail } = hookEvent(held?.instanceId ?? "", POOL, scene.clock.now());
  const notice = { ...detail, LifecycleActionToken: held?.token, Time: scene.clock.now().toISOString() };
  const bodies = ["{", JSON.stringify({ Event: "autoscaling:TEST_NOTIFICATION" }), JSON.stringify(notice)];
  for (const body of bodies) queues.send("Notifications", { body });
  await scene.clock.run({ maxSeconds: 5 });
  strictEqual(cordonedNodes(scene).length, 1, "the good notice waits for the bad one");
  assertKept(await untilOver(scene), DRAINED);
});
