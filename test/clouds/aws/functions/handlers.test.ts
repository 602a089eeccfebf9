/** The deployed functions as files: each exports one handler that Lambda's runtime takes, and is wiring only. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../../../functions/aws/", import.meta.url));
const names = readdirSync(folder).filter(
  (file) => file.endsWith(".ts") && !["entry.ts", "middleware.ts"].includes(file),
);

test("there is one function for each source of events", () => {
  assert.deepEqual(names.toSorted(), [
    "asg-group-changed.ts",
    "asg-instance-launching.ts",
    "asg-instance-terminating.ts",
    "asg-notification-received.ts",
    "audit-received.ts",
    "drain-continued.ts",
    "ec2-capacity-expiring.ts",
    "ec2-instance-state-changed.ts",
    "ec2-rebalance-recommended.ts",
    "ec2-spot-interrupted.ts",
    "health-change-scheduled.ts",
    "overdue-swept.ts",
    "pool-continued.ts",
  ]);
});

for (const name of names) {
  test(`${name} exports one handler without a callback, and at most 40 lines`, async () => {
    const exported: Readonly<Record<string, unknown>> = await import(`${folder}${name}`);
    assert.deepEqual(Object.keys(exported), ["handler"]);
    // Node 24's runtime refuses a handler that declares a third parameter.
    assert.ok(typeof exported.handler === "function" && exported.handler.length <= 2);
    assert.ok(readFileSync(`${folder}${name}`, "utf8").split("\n").length <= 40);
  });
}

test("the environment is read in entry.ts and nowhere else", () => {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const readers = files.filter((file) => readFileSync(`${folder}${file}`, "utf8").includes("process.env"));
  assert.deepEqual(readers, ["entry.ts"]);
});
