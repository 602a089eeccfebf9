/** What keeps bootstrap data out of the bucket, or in it, is said where it belongs; calls that fail lose nothing. */
import assert from "node:assert/strict";
import test from "node:test";
import type { AwsBucket } from "../../../../lib/api/aws/aws-cluster.ts";
import { anInfrastructure, type Overrides, TOKEN } from "./objects.ts";
import { condition, converge, created, type PoolRig } from "./rig.ts";
import { BUCKET, config, denied, emptied, objects, removed, started, texts, wish } from "./stored-rig.ts";

interface Refusal {
  readonly name: string;
  readonly prepare: (rig: PoolRig) => void;
  readonly wish?: Overrides;
  readonly says: RegExp;
}
const put = (rig: PoolRig, s3Bucket: AwsBucket | undefined) =>
  rig.put("AWSCluster", anInfrastructure(s3Bucket ? { s3Bucket } : {}));
const refusals: readonly Refusal[] = [
  {
    name: "a cluster without a bucket",
    prepare: (rig) => put(rig, undefined),
    says: /AWSCluster blue has no spec\.s3Bucket.*UnencryptedUserData/,
  },
  {
    name: "a bucket that does not exist",
    prepare: (rig) => rig.cloud.buckets.remove(BUCKET),
    says: /bucket cluster-api-provider-aws-blue of the cluster: .*does not exist/,
  },
  {
    name: "a bucket in another region",
    prepare: (rig) => rig.cloud.buckets.create(BUCKET, { region: "us-east-1" }),
    says: /must be addressed using the specified endpoint/,
  },
  {
    name: "a bucket that may not be listed",
    prepare: (rig) => rig.aws.inject({ ...denied, action: "ListObjectsV2" }),
    says: /allow s3:ListBucket in this function's role/,
  },
  {
    name: "a time that is none",
    prepare: (rig) => put(rig, { name: BUCKET, presignedURLDuration: "0s" }),
    says: /presignedURLDuration 0s/,
  },
  { name: "empty data", prepare: () => undefined, wish: wish(""), says: /Secret workers-a-bootstrap is empty/ },
];
for (const { name, prepare, wish: wished = wish(), says } of refusals) {
  test(`nothing is made of ${name}, and the condition says why`, async (context) => {
    const rig = await started(context);
    prepare(rig);
    const pass = await converge(rig, wished);
    assert.deepEqual(pass.did, []);
    const said = condition(pass, "LaunchTemplateReady");
    assert.deepEqual([said?.status, said?.severity, said?.reason], ["False", "Error", "LaunchTemplateReconcileFailed"]);
    assert.match(said?.message ?? "", says);
  });
}

test("an object that is refused stops what would name it, says so, and heals", async (context) => {
  const rig = await started(context);
  rig.aws.inject({ ...denied, action: "PutObject", times: 1 });
  const session = await rig.open(wish());
  const sight = await session.observe();
  const change = session.nextChange(sight);
  const failed = change && (await session.apply(change).catch((error) => error));
  const said = session.say(sight, failed).conditions.find(({ type }) => type === "LaunchTemplateReady");
  assert.equal(said?.reason, "LaunchTemplateReconcileFailed");
  assert.match(said?.message ?? "", /allow s3:PutObject/);
  assert.equal(said?.message?.includes(TOKEN), false);
  assert.equal((await converge(rig, wish())).did[0], "PutObject");
});

for (const action of ["PutObject", "CreateLaunchTemplate", "ListObjectsV2"]) {
  test(`an answer to ${action} that is lost changes nothing but the time`, async (context) => {
    const rig = await started(context);
    rig.aws.inject({ action, times: 1, drop: true, afterEffect: true });
    await assert.rejects(converge(rig, wish()));
    await created(rig, wish());
    assert.deepEqual((await converge(rig, wish())).did, []);
    assert.deepEqual(texts(rig), [config()]);
  });
}

test("a pass that dies after each change of a deletion leaves nothing behind in the end", async (context) => {
  const rig = await started(context);
  await created(rig, emptied);
  rig.aws.inject({ action: "DeleteObject", times: 1, drop: true, afterEffect: true });
  await assert.rejects(removed(rig));
  assert.deepEqual(await removed(rig), ["DeleteLaunchTemplate"]);
  assert.deepEqual(objects(rig), []);
});
