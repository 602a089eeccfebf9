/** Bootstrap data in the cluster's bucket, through the official SDKs: put before it is named, read by who has the address, taken away. */
import assert from "node:assert/strict";
import { get } from "node:https";
import test from "node:test";
import type { AwsSight } from "../../../../lib/providers/aws/pool/sight.ts";
import { anInfrastructure, bootstrapOf, TOKEN } from "./objects.ts";
import { converge, created } from "./rig.ts";
import {
  BUCKET,
  config,
  denied,
  emptied,
  latestOf,
  objects,
  PREFIX,
  removed,
  sourceIn,
  started,
  texts,
  wish,
} from "./stored-rig.ts";

/** As an instance does that has nothing but the address. */
const fetched = (url: string, ca: string) =>
  new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    get(url, { ca }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () => resolve({ status: response.statusCode, text: Buffer.concat(parts).toString() }));
    }).on("error", reject);
  });

test("the object comes first, then the template that names it; the one is encrypted, the other says nothing", async (context) => {
  const rig = await started(context);
  const pass = await created(rig, wish());
  const [object] = rig.cloud.buckets.list(BUCKET);
  assert.equal(object?.encryption, "aws:kms");
  assert.deepEqual(texts(rig), [config()]);
  assert.equal(sourceIn(pass.sight), `s3://${BUCKET}/${object?.key}`);
  assert.match(object?.key ?? "", /^machine-pool\/workers-a\/[0-9a-f]{64}$/);
  const order = rig.aws.calls.map(({ what }) => what).filter((what) => /^(Put|Create)/.test(what));
  assert.deepEqual(order, ["PutObject", "CreateLaunchTemplate", "CreateAutoScalingGroup"]);
  assert.equal(JSON.stringify(latestOf(pass.sight)).includes(TOKEN), false);
});

test("bootstrap data of any length goes there", async (context) => {
  const rig = await started(context);
  const long = config(TOKEN, "x".repeat(100_000));
  await created(rig, wish(long));
  assert.deepEqual(texts(rig), [long]);
});

test("a rotated token is another object and another version, and replaces nobody", async (context) => {
  const rig = await started(context);
  await created(rig, wish());
  const rotated = wish(config("ghijkl.fedcba9876543210"));
  const pass = await converge(rig, rotated);
  assert.deepEqual(pass.did, ["PutObject", "CreateLaunchTemplateVersion"]);
  rig.clock.advance(600);
  const after = await converge(rig, rotated);
  assert.deepEqual(after.did, []);
  assert.ok(after.sight.group?.instances.every(({ upToDate }) => upToDate));
});

test("changed content replaces every instance", async (context) => {
  const rig = await started(context);
  await created(rig, wish());
  const { did } = await converge(rig, wish(config(TOKEN, "gpu")));
  assert.deepEqual(did, ["PutObject", "CreateLaunchTemplateVersion", "StartInstanceRefresh"]);
});

test("the same content replaces nobody when it moves into the bucket, or out of it", async (context) => {
  const rig = await started(context);
  const inline = wish(config(), { storageType: "UnencryptedUserData" });
  await created(rig, inline);
  assert.deepEqual((await converge(rig, wish())).did, ["PutObject", "CreateLaunchTemplateVersion"]);
  assert.deepEqual((await converge(rig, inline)).did, ["CreateLaunchTemplateVersion"]);
  assert.ok((await converge(rig, inline)).sight.group?.instances.every(({ upToDate }) => upToDate));
});

test("a signed address is read by who has no rights, kept while it is fresh, renewed without replacing anybody", async (context) => {
  const rig = await started(context, { presignedURLDuration: "1h0m0s" });
  const first = await created(rig, wish());
  const source = sourceIn(first.sight);
  assert.deepEqual(await fetched(source, rig.aws.caPem), { status: 200, text: config() });
  rig.clock.advance(1700);
  assert.deepEqual((await converge(rig, wish())).did, []);
  rig.clock.advance(200);
  const renewed = await converge(rig, wish());
  assert.deepEqual(renewed.did, ["CreateLaunchTemplateVersion"]);
  assert.notEqual(sourceIn(renewed.sight), source);
  assert.ok(renewed.sight.group?.instances.every(({ upToDate }) => upToDate));
  rig.clock.advance(1710);
  assert.equal((await fetched(source, rig.aws.caPem)).status, 403);
  assert.equal((await fetched(sourceIn(renewed.sight), rig.aws.caPem)).status, 200);
});

test("an object is put again before the bucket's rule takes it, and when somebody did", async (context) => {
  const rig = await started(context);
  await created(rig, wish());
  rig.clock.advance(11 * 3600);
  assert.deepEqual((await converge(rig, wish())).did, []);
  rig.clock.advance(3600);
  assert.deepEqual((await converge(rig, wish())).did, ["PutObject"]);
  rig.cloud.buckets.drop(BUCKET, objects(rig)[0]?.key ?? "");
  assert.deepEqual((await converge(rig, wish())).did, ["PutObject"]);
  assert.deepEqual((await converge(rig, wish())).did, []);
});

test("an old version leaves after its object, and no object of others leaves with it", async (context) => {
  const rig = await started(context);
  rig.cloud.buckets.put(BUCKET, {
    key: `${PREFIX}${"0".repeat(64)}`,
    bytes: Buffer.from("another's"),
    encryption: "AES256",
  });
  const tokens = ["a", "b", "c", "d", "e"].map((letter) => config(`${letter.repeat(6)}.0123456789abcdef`));
  const did: string[] = [];
  for (const text of tokens) did.push(...(await converge(rig, wish(text))).did);
  assert.deepEqual(did.slice(-2), ["DeleteObject", "DeleteLaunchTemplateVersions"]);
  assert.deepEqual(texts(rig).sort(), ["another's", ...tokens.filter((_, index) => index !== 1)].sort());
});

test("an object that two versions name stays until the second leaves", async (context) => {
  const rig = await started(context);
  const [a, b] = [config(), config("bbbbbb.0123456789abcdef")];
  for (const text of [a, b, a, b, a]) await converge(rig, wish(text));
  const { sight } = await converge(rig, wish(a));
  assert.equal((sight.detail as AwsSight).template?.versions.length, 4);
  assert.deepEqual(texts(rig).sort(), [a, b].sort());
});

test("a pool that is deleted takes its objects along, before the template that tells which they are", async (context) => {
  const rig = await started(context);
  await created(rig, emptied);
  await converge(rig, {
    ...emptied,
    bootstrap: bootstrapOf(config("bbbbbb.0123456789abcdef"), { format: "ignition" }),
  });
  const did = await removed(rig);
  assert.deepEqual(did, ["DeleteAutoScalingGroup", "DeleteObject", "DeleteObject", "DeleteLaunchTemplate"]);
  assert.deepEqual(objects(rig), []);
});

test("a bucket that is gone already holds no deletion up", async (context) => {
  const rig = await started(context);
  await created(rig, emptied);
  rig.cloud.buckets.remove(BUCKET);
  assert.deepEqual(await removed(rig), ["DeleteAutoScalingGroup", "DeleteLaunchTemplate"]);
});

test("an object that may not be deleted is waited for, unless the cluster says that it need not be", async (context) => {
  const rig = await started(context);
  await created(rig, emptied);
  rig.aws.inject({ ...denied, action: "DeleteObject" });
  await assert.rejects(removed(rig), /s3:DeleteObject: denied.*allow s3:DeleteObject/);
  rig.put("AWSCluster", anInfrastructure({ s3Bucket: { name: BUCKET, bestEffortDeleteObjects: true } }));
  assert.deepEqual(await removed(rig), ["DeleteObject"]);
  const { detail } = await (await rig.open({ deleting: true })).observe();
  assert.equal((detail as AwsSight).template, undefined);
  assert.equal(objects(rig).length, 1);
});

test("the same where the bucket may not even be listed", async (context) => {
  const rig = await started(context, { bestEffortDeleteObjects: true });
  await created(rig, emptied);
  rig.aws.inject({ ...denied, action: "ListObjectsV2" });
  assert.deepEqual(await removed(rig), ["DeleteAutoScalingGroup", "DeleteLaunchTemplate"]);
});

test("a list of several pages is read to its end", async (context) => {
  const rig = await started(context);
  rig.cloud.limitPages(1);
  for (const letter of ["a", "b", "c"]) await created(rig, wish(config(`${letter.repeat(6)}.0123456789abcdef`)));
  assert.deepEqual((await converge(rig, wish(config("cccccc.0123456789abcdef")))).did, []);
});
