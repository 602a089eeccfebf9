/** Bad days: what the functions do when a cluster, AWS, the time or their own environment is not there; and what they never say. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Node, nodes } from "../../../../lib/api/kubernetes/node.ts";
import { batchOf } from "./batch.ts";
import { type Harness, metricsOf, outcomesOf, startHarness } from "./harness.ts";
import { NAMESPACE, POOL, type StagedInstance, setStage, takeOut } from "./stage.ts";

let harness: Harness;
let instances: readonly StagedInstance[];
before(async () => {
  harness = await startHarness();
  instances = await setStage(harness, 9);
});
after(() => harness.close());

const instance = (index: number): StagedInstance => {
  const found = instances[index];
  assert.ok(found);
  return found;
};
const isRecorded = async ({ id }: StagedInstance) =>
  (await harness.terminations()).some(({ metadata }) => metadata.name === `${POOL}-${id}`);

test("while the management API is down the event fails, to be delivered again, and then succeeds", async () => {
  const invoke = await harness.load("asg-instance-terminating");
  const event = await takeOut(harness, instance(0));
  harness.management.api.down();
  const failed = await invoke(event);
  harness.management.api.up();
  assert.equal(Object(failed.error).name, "KubernetesError");
  assert.deepEqual(outcomesOf(failed.lines), ["failed: unreachable"]);
  assert.equal(metricsOf(failed.lines, "Failures").length, 1);
  const again = await invoke(event);
  assert.equal(again.error, undefined);
  assert.deepEqual(outcomesOf(again.lines), ["recorded: Cordoned"]);
});

test("a workload API that is down costs the cordon, not the record", async () => {
  const invoke = await harness.load("asg-instance-terminating");
  const event = await takeOut(harness, instance(1));
  harness.workload.api.down();
  const { error, lines } = await invoke(event);
  harness.workload.api.up();
  assert.equal(error, undefined);
  assert.deepEqual(outcomesOf(lines), ["recorded: NotCordoned"]);
  assert.ok(await isRecorded(instance(1)));
  assert.equal(harness.takeKeys(0).length >= 1, true);
});

test("a throttled queue fails the event after the record is made; the retry only queues the key", async () => {
  const invoke = await harness.load("asg-instance-terminating");
  const event = await takeOut(harness, instance(2));
  harness.takeKeys(0);
  harness.aws.inject({ service: "sqs", action: "SendMessage", code: "RequestThrottled", times: 1 });
  const failed = await invoke(event);
  assert.equal(Object(failed.error).kind, "throttled");
  assert.ok(await isRecorded(instance(2)));
  const again = await invoke(event);
  assert.equal(again.error, undefined);
  assert.equal(outcomesOf(again.lines)[0]?.split(":")[0], "kept");
  assert.deepEqual(
    harness.takeKeys(0).map(({ name }) => name),
    [`${POOL}-${instance(2).id}`],
  );
});

test("a management kubeconfig that is changed while the sandbox lives is read again at the first refusal", async () => {
  const invoke = await harness.load("asg-instance-terminating");
  await invoke(await takeOut(harness, instance(3)));
  harness.management.api.revoke("lifeguard");
  await harness.aws.cloud.handle("secretsmanager", "PutSecretValue", {
    SecretId: "lifeguard/management",
    SecretString: harness.management.api.kubeconfig("lifeguard"),
  });
  const { error, calls, lines } = await invoke(await takeOut(harness, instance(4)));
  assert.equal(error, undefined);
  assert.deepEqual(outcomesOf(lines), ["recorded: Cordoned"]);
  assert.equal(calls.filter((what) => what === "GetSecretValue").length, 1);
});

test("a function that has no time left does no work, and says so", async () => {
  const invoke = await harness.load("asg-instance-terminating");
  const event = await takeOut(harness, instance(8));
  const { error } = await invoke(event, 100);
  assert.ok(error instanceof Error);
  assert.equal(
    (await harness.workload.client.get<Node>(nodes, { name: instance(8).nodeName })).spec?.unschedulable,
    undefined,
  );
});

test("a dry run writes its plan and nothing else: no cordon, no completion", async () => {
  const dry = { LIFEGUARD_DRY_RUN: "true" };
  const invoke = await harness.load("asg-instance-terminating", dry);
  const event = await takeOut(harness, instance(5));
  await invoke(event);
  harness.takeKeys(0);
  const drain = await harness.load("drain-continued", dry);
  const key = { kind: "InstanceTermination", namespace: NAMESPACE, name: `${POOL}-${instance(5).id}` };
  const { calls } = await drain(batchOf([JSON.stringify(key)]));
  assert.deepEqual(
    calls.filter((what) => /^(POST|PATCH|PUT|DELETE|Complete|Record)/.test(what)),
    ["PATCH instanceterminations/status"],
  );
  const found = (await harness.terminations()).find(({ metadata }) => metadata.name === key.name);
  assert.ok((found?.status?.plan?.length ?? 0) > 0);
  assert.ok(harness.aws.cloud.waiting().some(({ instanceId }) => instanceId === instance(5).id));
});

test("a missing variable is named, and its neighbours' values are not", async () => {
  const invoke = await harness.load("drain-continued", {
    LIFEGUARD_QUEUE_URL: "",
    LIFEGUARD_EVICTION_PARALLELISM: "none",
  });
  const { error, output } = await invoke(batchOf([]));
  assert.match(String(error), /LIFEGUARD_QUEUE_URL/);
  assert.match(String(error), /LIFEGUARD_EVICTION_PARALLELISM/);
  assert.ok(!output.includes("none") && !output.includes("lifeguard/management"), output);
});

test("a secret that does not exist is named, with the function's failure", async () => {
  const invoke = await harness.load("asg-instance-terminating", { LIFEGUARD_KUBECONFIG_ARN: "lifeguard/nowhere" });
  const { error } = await invoke(await takeOut(harness, instance(6)));
  assert.match(String(error), /lifeguard\/nowhere/);
});

test("no line of any function carries a credential", async () => {
  const secrets = ["secret-access-key-of-the-function", "session-token-of-the-function"];
  let output = "";
  const invoke = await harness.load("asg-instance-terminating");
  const event = await takeOut(harness, instance(7));
  harness.management.api.down();
  output += (await invoke(event)).output;
  harness.management.api.up();
  harness.management.api.inject({ match: {}, times: 2, code: 401 });
  output += (await invoke(event)).output;
  harness.aws.inject({
    service: "sqs",
    code: "SignatureDoesNotMatch",
    status: 403,
    message:
      "The Canonical String for this request should have been 'POST x-amz-security-token:session-token-of-the-function'",
    times: 1,
  });
  const refused = await invoke(event);
  output += refused.output;
  output += (await invoke(event)).output;
  assert.match(String(refused.error), /sqs:SendMessage: denied/);
  assert.ok(output.includes(NAMESPACE), "something was said");
  const tokens = [...harness.management.api.api.tokens.keys(), ...harness.workload.api.api.tokens.keys()];
  assert.ok(tokens.length >= 2);
  for (const secret of [...secrets, ...tokens]) assert.ok(!output.includes(secret), `the output has ${secret}`);
});
