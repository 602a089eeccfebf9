/** The checklist beside this file still tells the truth. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { checklistProblems, expandIds } from "../../support/checklist.ts";

test("every row of the peer reviews that concerns AWS has its test, or a reason", () => {
  const ids = expandIds(["A1-A22", "B1-B11", "C1-C10", "H1-H19", "L1-L11", "M1-M10", "67-80"]);
  assert.deepEqual(checklistProblems(fileURLToPath(new URL("checklist.md", import.meta.url)), ids), []);
});
