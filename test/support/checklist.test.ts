/** The checker of checklists finds what is missing, misspelled or excused with nothing. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { checklistProblems, expandIds } from "./checklist.ts";

const problems = (markdown: string, ids: string[]) => {
  const folder = mkdtempSync(join(tmpdir(), "checklist-"));
  try {
    writeFileSync(join(folder, "one.test.ts"), 'test("a thing works", () => {});\nconst rows = [{ name: `b too` }];');
    writeFileSync(join(folder, "checklist.md"), `| id | file | name or reason |\n|---|---|---|\n${markdown}`);
    return checklistProblems(join(folder, "checklist.md"), ids);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const cases: { name: string; markdown: string; ids?: string[]; want: string[] }[] = [
  { name: "a test that exists is an answer", markdown: "| A1 | one.test.ts | a thing works |", want: [] },
  { name: "code quotes are only decoration", markdown: "| A1 | `one.test.ts` | b too |", want: [] },
  { name: "a reason is an answer", markdown: "| A1 | - | another cloud's matter |", want: [] },
  { name: "an empty reason is none", markdown: "| A1 | - | no |", want: ["A1 has neither a test nor a reason"] },
  {
    name: "part of a test's name is not its name",
    markdown: "| A1 | one.test.ts | a thing |",
    want: ['A1: one.test.ts has no test named "a thing"'],
  },
  {
    name: "a file must be there",
    markdown: "| A1 | two.test.ts | a thing works |",
    want: ["A1: there is no file two.test.ts"],
  },
  {
    name: "every id is answered and no other",
    markdown: "| A2 | - | for a good reason |",
    want: ["A1 is not answered", "A2 is no id of this checklist"],
  },
];
for (const { name, markdown, ids = ["A1"], want } of cases) {
  test(name, () => assert.deepEqual(problems(markdown, ids), want));
}

test("ranges of ids are written out", () => {
  assert.deepEqual(expandIds(["A1-A3", "67-68", "H9"]), ["A1", "A2", "A3", "67", "68", "H9"]);
  assert.throws(() => expandIds(["A1-B3"]), /no range/);
});
