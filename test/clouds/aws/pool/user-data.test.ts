/** Bootstrap data as it goes into a template: plain, under gzip, or refused with what to do. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import test from "node:test";
import { gunzipSync } from "node:zlib";
import { userDataOf } from "../../../../lib/providers/aws/pool/user-data.ts";
import { bootstrapOf } from "./objects.ts";

const decoded = (found: ReturnType<typeof userDataOf>) =>
  "userData" in found ? Buffer.from(found.userData, "base64") : Buffer.from(found.problem.message);

test("16384 bytes go in as they are", () => {
  const text = "x".repeat(16_384);
  assert.equal(decoded(userDataOf(bootstrapOf(text), undefined)).toString(), text);
});
test("one more goes in under gzip, always the same bytes", () => {
  const text = "x".repeat(16_385);
  const found = userDataOf(bootstrapOf(text), undefined);
  assert.equal(gunzipSync(decoded(found)).toString(), text);
  assert.deepEqual(found, userDataOf(bootstrapOf(text), undefined));
});
test("what gzip cannot make small enough is refused with its sizes", () => {
  const found = userDataOf(bootstrapOf("", { value: randomBytes(20_000) }), undefined);
  assert.equal("problem" in found && found.problem.reason, "LaunchTemplateReconcileFailed");
  assert.match(decoded(found).toString(), /20000 bytes, EC2 takes 16384, and gzip leaves \d+/);
});
test("ignition goes in as it is, with or without UnencryptedUserData", () => {
  const ignition = bootstrapOf("{}", { format: "ignition" });
  for (const spec of [undefined, { storageType: "UnencryptedUserData" } as const]) {
    assert.equal(decoded(userDataOf(ignition, spec)).toString(), "{}");
  }
});
test("ignition reads no gzip, so that too much of it is refused", () => {
  const found = userDataOf(bootstrapOf("x".repeat(16_385), { format: "ignition" }), undefined);
  assert.match(decoded(found).toString(), /make it shorter/);
});
test("ignition by object store is refused with the field and the way out", () => {
  const found = userDataOf(bootstrapOf("{}", { format: "ignition" }), { storageType: "ClusterObjectStore" });
  assert.equal("problem" in found && found.problem.condition, "LaunchTemplateReady");
  assert.match(decoded(found).toString(), /spec\.ignition\.storageType.*UnencryptedUserData/);
});
test("a cloud-config does not care about ignition's store", () => {
  assert.equal(decoded(userDataOf(bootstrapOf("a"), { storageType: "ClusterObjectStore" })).toString(), "a");
});
