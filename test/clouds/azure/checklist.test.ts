/** The checklist beside this file still tells the truth. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { checklistProblems, expandIds } from "../../support/checklist.ts";

test("every row of the review of upstream's tests on Azure, and of what it does not have, has its test, or a reason", () => {
  const ids = expandIds(["1-120"]);
  assert.deepEqual(checklistProblems(fileURLToPath(new URL("checklist.md", import.meta.url)), ids), []);
});
