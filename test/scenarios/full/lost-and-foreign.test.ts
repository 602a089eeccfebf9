/** Pools whose events are lost run all the same, and pools of others are left alone. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { machinePool } from "../../../infra/local/stories/full/manifests.ts";
import { writesSince } from "../../../infra/local/stories/full/seen.ts";
import { POOL_AT } from "../../../infra/local/stories/full/stage.ts";
import { isAtRest } from "../../../infra/local/stories/full/story.ts";
import { awsMachinePools } from "../../../lib/api/aws/aws-machine-pool.ts";
import { WATCH_FILTER_LABEL } from "../../../lib/api/core/labels.ts";
import { machinePools } from "../../../lib/api/core/machine-pool.ts";
import { nodes } from "../../../lib/api/kubernetes/node.ts";
import { fullScenario } from "./scene.ts";

const labelled = (value: string) =>
  ({ type: "merge", body: { metadata: { labels: { [WATCH_FILTER_LABEL]: value } } } }) as const;

fullScenario(
  "no audit event is believed, and the sweep alone makes a pool run and scales it",
  async ({ clock, stage }) => {
    const secret = { SecretId: "lifeguard/audit-token", SecretString: "another-token" };
    await stage.cloud.aws.cloud.handle("secretsmanager", "PutSecretValue", secret);
    await stage.applyPool();
    ok(await clock.run({ maxSeconds: 900, done: () => isAtRest(stage, 3) }), "it does not run after 15 minutes");
    await stage.scaleTo(2);
    ok(await clock.run({ maxSeconds: 1200, done: () => isAtRest(stage, 2) }), "it has not shrunk after 20 minutes");
    const received = stage.cloud.host.invocations.filter((one) => one.function === "audit-received");
    const queued = received.flatMap(({ logs }) => logs).filter((line) => JSON.stringify(line).includes('"queued"'));
    ok(received.length > 0);
    deepStrictEqual(queued, []);
  },
);

fullScenario("a pool of another watch filter is never written to, nor a group made", async ({ clock, stage }) => {
  const since = clock.now();
  await stage.applyPool();
  await stage.management.patch(machinePools, POOL_AT, labelled("somebody-else"));
  await stage.management.patch(awsMachinePools, POOL_AT, labelled("somebody-else"));
  await clock.run({ maxSeconds: 900 });
  deepStrictEqual(writesSince(stage, since), []);
  strictEqual(stage.cloud.aws.cloud.instances().length, 0);
  deepStrictEqual(stage.machinePool()?.spec, { ...(machinePool() as { spec: object }).spec });
});

fullScenario(
  "an instance that carries an old token stays outside, is counted as not ready, and is said so",
  async ({ clock, stage }) => {
    await stage.management.patch(machinePools, POOL_AT, {
      type: "merge",
      body: { metadata: { annotations: { "cluster.x-k8s.io/paused": "" } } },
    });
    await clock.run({ maxSeconds: 30 });
    await stage.bootstrap.rotate();
    // While nobody looks after the pool its template keeps the old token.
    await stage.cloud.aws.cloud.handle("autoscaling", "SetDesiredCapacity", {
      AutoScalingGroupName: POOL_AT.name,
      DesiredCapacity: 4,
    });
    await clock.run({ maxSeconds: 120 });
    strictEqual(stage.instances().length, 4);
    strictEqual(stage.watched.items(nodes).length, 3);
    await stage.management.patch(machinePools, POOL_AT, {
      type: "merge",
      body: { metadata: { annotations: { "cluster.x-k8s.io/paused": null } }, spec: { replicas: 4 } },
    });
    const seen = () => stage.machinePool()?.status;
    ok(
      await clock.run({ maxSeconds: 300, done: () => seen()?.replicas === 4 && seen()?.readyReplicas === 3 }),
      JSON.stringify(seen()),
    );
    strictEqual(seen()?.phase, "ScalingUp");
  },
  { pool: {} },
);
