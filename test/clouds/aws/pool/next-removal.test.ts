/** What is taken away when a pool is deleted, and in which order. */
import assert from "node:assert/strict";
import test from "node:test";
import { nextRemoval, prepareRemoval } from "../../../../lib/providers/aws/pool/next-change.ts";
import type { AwsSight } from "../../../../lib/providers/aws/pool/sight.ts";
import { having, QUIET, without } from "./sights.ts";

const removals: { name: string; seen: AwsSight; want: string | undefined; input?: object }[] = [
  {
    name: "an empty group first wants nobody",
    seen: QUIET,
    want: "UpdateAutoScalingGroup",
    input: { MinSize: 0, DesiredCapacity: 0 },
  },
  {
    name: "then it is deleted, never with force",
    seen: having({ minimum: 0, desired: 0 }),
    want: "DeleteAutoScalingGroup",
    input: { ForceDelete: false },
  },
  {
    name: "a group that is being deleted is not deleted twice, the template goes meanwhile",
    seen: having({ status: "Delete in progress" }),
    want: "DeleteLaunchTemplate",
    input: { LaunchTemplateId: "lt-1" },
  },
  { name: "without a group the template goes", seen: without("group"), want: "DeleteLaunchTemplate" },
  { name: "without group and template nothing is left", seen: without("group", "template"), want: undefined },
];
for (const { name, seen, want, input } of removals) {
  test(`deletion: ${name}`, () => {
    const change = nextRemoval(seen);
    assert.equal(change?.do, want);
    if (input) assert.partialDeepStrictEqual(change?.input, input);
  });
}

test("deletion: a minimum must not keep the last instances", () => {
  assert.partialDeepStrictEqual(prepareRemoval(QUIET)?.input, { MinSize: 0 });
  assert.equal(prepareRemoval(having({ minimum: 0 })), undefined);
  assert.equal(prepareRemoval(having({ status: "Delete in progress" })), undefined);
});
