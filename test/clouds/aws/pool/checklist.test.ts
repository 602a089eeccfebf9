/** The checklist beside this file still tells the truth. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { checklistProblems, expandIds } from "../../../support/checklist.ts";

test("every row of upstream's unit tests that concerns these pools has its test, or a reason", () => {
  const path = fileURLToPath(new URL("checklist.md", import.meta.url));
  assert.deepEqual(checklistProblems(path, expandIds(["1-62"])), []);
});
