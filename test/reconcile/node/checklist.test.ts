/** The checklist of the core MachinePool controller tells the truth. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { checklistProblems, expandIds } from "../../support/checklist.ts";

test("every row of the checklist has its test, or a reason why there is none", () => {
  const path = new URL("checklist.md", import.meta.url).pathname;
  assert.deepEqual(checklistProblems(path, expandIds(["1-69", "118-120", "A1-A6"])), []);
});
