/** Bootstrap data as it goes into a template: plain, under gzip, or refused with what to do. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import test from "node:test";
import { gunzipSync } from "node:zlib";
import type { AwsIgnition } from "../../../../lib/api/aws/aws-machine-pool.ts";
import { isStored, userDataOf } from "../../../../lib/providers/aws/pool/user-data.ts";
import { bootstrapOf } from "./objects.ts";

const decoded = (found: ReturnType<typeof userDataOf>) =>
  "userData" in found ? Buffer.from(found.userData, "base64") : Buffer.from(found.problem.message);

test("16384 bytes go in as they are", () => {
  const text = "x".repeat(16_384);
  assert.equal(decoded(userDataOf(bootstrapOf(text))).toString(), text);
});
test("one more goes in under gzip, always the same bytes", () => {
  const text = "x".repeat(16_385);
  const found = userDataOf(bootstrapOf(text));
  assert.equal(gunzipSync(decoded(found)).toString(), text);
  assert.deepEqual(found, userDataOf(bootstrapOf(text)));
});
test("what gzip cannot make small enough is refused with its sizes", () => {
  const found = userDataOf(bootstrapOf("", { value: randomBytes(20_000) }));
  assert.equal("problem" in found && found.problem.reason, "LaunchTemplateReconcileFailed");
  assert.match(decoded(found).toString(), /20000 bytes, EC2 takes 16384, and gzip leaves \d+/);
});
test("ignition goes in as it is", () => {
  assert.equal(decoded(userDataOf(bootstrapOf("{}", { format: "ignition" }))).toString(), "{}");
});
test("ignition reads no gzip, so that too much of it is refused", () => {
  const found = userDataOf(bootstrapOf("x".repeat(16_385), { format: "ignition" }));
  assert.match(decoded(found).toString(), /make it shorter, or set spec\.ignition\.storageType/);
});

const stored: { format: "cloud-config" | "ignition"; ignition: AwsIgnition | undefined; want: boolean }[] = [
  { format: "ignition", ignition: undefined, want: false },
  { format: "ignition", ignition: { storageType: "UnencryptedUserData" }, want: false },
  { format: "ignition", ignition: { storageType: "ClusterObjectStore" }, want: true },
  { format: "cloud-config", ignition: { storageType: "ClusterObjectStore" }, want: false },
];
for (const { format, ignition, want } of stored) {
  test(`${format} with ${ignition?.storageType ?? "no storage type"} lies in the ${want ? "bucket" : "template"}`, () => {
    assert.equal(isStored(bootstrapOf("{}", { format }), ignition), want);
  });
}
