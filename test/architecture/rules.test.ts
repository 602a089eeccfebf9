/** The architecture rules themselves: each row is a file that breaks one rule, or a file that looks like it and does not. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { brokenArrows } from "./arrows.ts";
import { brokenBudgets } from "./budgets.ts";
import { packagesListedIn } from "./readme-packages.ts";
import { sourceOf } from "./sources.ts";
import { brokenTextRules } from "./text-rules.ts";

const head = "/** A file. */\n";

const cases: { name: string; file: string; text: string; want: readonly string[] }[] = [
  {
    name: "a step may use the provider contract",
    file: "lib/reconcile/drain-step.ts",
    text: 'import type { X } from "../providers/provider.ts";',
    want: [],
  },
  {
    name: "a step may not use a provider",
    file: "lib/reconcile/drain-step.ts",
    text: 'import { x } from "../providers/memory/index.ts";',
    want: ["2: imports go downward"],
  },
  {
    name: "a type is an arrow too",
    file: "lib/kubernetes/client.ts",
    text: 'import type { X } from "../providers/provider.ts";',
    want: ["2: imports go downward"],
  },
  {
    name: "an import over several lines is found on its first",
    file: "lib/api/key.ts",
    text: '\nimport {\n  a,\n  b,\n} from "../kubernetes/client.ts";',
    want: ["3: imports go downward"],
  },
  {
    name: "a re-export is an import",
    file: "lib/api/key.ts",
    text: 'export * from "../kubernetes/client.ts";',
    want: ["2: imports go downward"],
  },
  {
    name: "a dynamic import is an import",
    file: "lib/api/key.ts",
    text: `const later = () => ${"import"}("../kubernetes/client.ts");`,
    want: ["2: imports go downward"],
  },
  {
    name: "an exported string is not an import",
    file: "lib/api/key.ts",
    text: 'export const from = "../kubernetes/client.ts";',
    want: [],
  },
  {
    name: "a decision reads no clock of a package",
    file: "lib/reconcile/decide/x.ts",
    text: 'import { now } from "node:perf_hooks";',
    want: ["2: lib/reconcile/decide is pure", "2: lib/reconcile imports no package"],
  },
  {
    name: "a decision does not observe",
    file: "lib/reconcile/decide/x.ts",
    text: 'import { x } from "../observe/pods.ts";',
    want: ["2: imports go downward"],
  },
  {
    name: "a provider does not import another",
    file: "lib/providers/aws/x.ts",
    text: 'import { x } from "../azure/y.ts";',
    want: ["2: no cloud imports another"],
  },
  {
    name: "a function imports its own cloud",
    file: "functions/aws/x-y.ts",
    text: 'import { x } from "../../lib/providers/gcp/y.ts";',
    want: ["2: no cloud imports another"],
  },
  {
    name: "an SDK stays in its folder",
    file: "lib/kubernetes/x.ts",
    text: 'import { SQSClient } from "@aws-sdk/client-sqs";',
    want: ["2: a cloud's SDK stays", "2: names no cloud"],
  },
  {
    name: "a provider may use its SDK",
    file: "lib/providers/aws/x.ts",
    text: 'import { SQSClient } from "@aws-sdk/client-sqs";',
    want: [],
  },
  {
    name: "the product does not import the local cloud",
    file: "functions/aws/x-y.ts",
    text: 'import { x } from "../../infra/local/clock.ts";',
    want: ["2: imports go downward", "2: nothing imports infra/local"],
  },
  {
    name: "a cloud's word in a comment counts",
    file: "lib/reconcile/x.ts",
    text: "// as the ASG does",
    want: ["2: names no cloud"],
  },
  {
    name: "a cloud's word inside a name counts",
    file: "lib/reconcile/x.ts",
    text: "const isAwsInstance = true;",
    want: ["2: names no cloud"],
  },
  { name: "a word that only contains it does not", file: "lib/reconcile/x.ts", text: "const draws = flaws;", want: [] },
  { name: "utils is no name", file: "lib/api/string-utils.ts", text: "", want: ["1: no utils"] },
  {
    name: "the environment is the entry's",
    file: "lib/providers/aws/x.ts",
    text: "const region = process.env.AWS_REGION;",
    want: ["2: the environment is read"],
  },
  {
    name: "the entry reads it",
    file: "functions/aws/entry.ts",
    text: "const region = process.env.AWS_REGION;",
    want: [],
  },
  {
    name: "no timers in the product",
    file: "lib/kubernetes/x.ts",
    text: "setTimeout(() => {}, 5);",
    want: ["2: no timer"],
  },
  {
    name: "no clock in the reconciler",
    file: "lib/reconcile/x.ts",
    text: "const now = new Date();",
    want: ["2: time is an argument"],
  },
  {
    name: "a date of a string is no clock",
    file: "lib/reconcile/x.ts",
    text: "const then = new Date(text);",
    want: [],
  },
  {
    name: "a class that is no error",
    file: "lib/api/x.ts",
    text: "export class Pool {}",
    want: ["2: classes are for errors"],
  },
  { name: "a class that is one", file: "lib/api/x.ts", text: "export class PoolError extends Error {}", want: [] },
  {
    name: "a function file of 60 lines",
    file: "functions/aws/x-y.ts",
    text: "\n".repeat(60),
    want: ["41: a function file is wiring"],
  },
  {
    name: "a file of 300 lines",
    file: "lib/api/x.ts",
    text: "\n".repeat(300),
    want: ["251: a file has at most 250 lines"],
  },
];

for (const { name, file, text, want } of cases)
  test(name, () => {
    const source = sourceOf(file, head + text);
    const found = [...brokenArrows(source), ...brokenTextRules(source)];
    assert.equal(found.length, want.length, JSON.stringify(found));
    for (const [index, start] of want.entries()) {
      const { line, rule } = found[index] ?? { line: 0, rule: "" };
      assert.ok(`${line}: ${rule}`.startsWith(start), `${line}: ${rule}`);
    }
  });

test("a file without its sentence is found, a longer comment is fine", () => {
  const rules = (text: string) => brokenTextRules(sourceOf("lib/api/x.ts", text)).map(({ rule }) => rule);
  assert.equal(rules("export const a = 1;\n").length, 1);
  assert.equal(rules("// A file.\n").length, 1);
  assert.deepEqual(rules("/** What it is,\n * in two lines. */\n"), []);
});

test("a line belongs to the innermost function around it", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "architecture-"));
  const lines = (count: number) => Array.from({ length: count }, (_, index) => `    use(${index});`).join("\n");
  try {
    writeFileSync(path.join(folder, "long.ts"), `export function long() {\n${lines(45)}\n}\n`);
    writeFileSync(
      path.join(folder, "factory.ts"),
      `export function factory() {\n  return {\n    a: () => {\n${lines(25)}\n    },\n    b: () => {\n${lines(25)}\n    },\n  };\n}\n`,
    );
    writeFileSync(path.join(folder, "wide.ts"), "export const wide = (a, b, c, d, e) => a + b + c + d + e;\n");
    const found = brokenBudgets(folder, ["."]).map(({ path: file, line }) => `${path.basename(file)}:${line}`);
    assert.deepEqual(found.sort(), ["long.ts:1", "wide.ts:1"]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("the package table is read from its own section", () => {
  const readme =
    "# X\n\n## Packages\n\n| package | why |\n| --- | --- |\n| `zod`, `@a/b` | `c` |\n\n## Next\n\n| `d` | |\n";
  assert.deepEqual(packagesListedIn(readme), ["zod", "@a/b"]);
  assert.throws(() => packagesListedIn("# X\n"), /no heading/);
  assert.throws(() => packagesListedIn("## Packages\n\ntext\n"), /no table/);
});
