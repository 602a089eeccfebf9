/** Size budgets of functions, measured by oxlint: 40 lines of its own, 4 parameters, nesting 3. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import * as z from "zod";
import type { Violation } from "./sources.ts";

const OWN_LINES = 40;

// A limit of one line makes oxlint report every function with its span; what counts is worked out here.
const config = {
  plugins: ["eslint"],
  categories: { correctness: "off" },
  rules: {
    "max-lines-per-function": ["error", { max: 1, skipBlankLines: true, skipComments: true }],
    "max-params": ["error", { max: 4 }],
    "max-depth": ["error", { max: 3 }],
  },
};

const report = z.object({
  diagnostics: z.array(
    z.object({
      code: z.string(),
      message: z.string(),
      filename: z.string(),
      labels: z.array(z.object({ span: z.object({ line: z.number(), offset: z.number(), length: z.number() }) })),
    }),
  ),
});
type Diagnostic = z.infer<typeof report>["diagnostics"][number];

/**
 * Functions over budget under these paths. A line belongs to the innermost function around it, so a factory of small
 * closures is small.
 * @param root     where the paths start
 * @param targets  files or folders, from the root
 */
export function brokenBudgets(root: string, targets: readonly string[]): readonly Violation[] {
  const found = lint(root, targets);
  const long = found.filter(({ code }) => code.includes("max-lines-per-function")).map(functionOf);
  return [
    ...long
      .map((one) => ({ ...one, own: one.lines - linesInside(one, long) }))
      .filter(({ own }) => own > OWN_LINES)
      .map(({ path: file, line, own, name }) => ({
        path: file,
        line,
        rule: `a function has at most ${OWN_LINES} lines of its own (${name} has ${own})`,
      })),
    ...found
      .filter(({ code }) => !code.includes("max-lines-per-function"))
      .map(({ filename, labels, message }) => ({ path: filename, line: labels[0]?.span.line ?? 1, rule: message })),
  ];
}

interface FunctionSpan {
  readonly path: string;
  readonly name: string;
  readonly line: number;
  readonly from: number;
  readonly to: number;
  readonly lines: number;
}

function functionOf({ filename, message, labels }: Diagnostic): FunctionSpan {
  const span = labels[0]?.span;
  const lines = /too many lines \((\d+)\)/.exec(message)?.[1];
  if (!span || !lines) throw new Error(`oxlint's report has another form than expected: ${message}`);
  const name = /`(.+?)`/.exec(message)?.[1] ?? "a function without a name";
  return {
    path: filename,
    name,
    line: span.line,
    from: span.offset,
    to: span.offset + span.length,
    lines: Number(lines),
  };
}

/** Lines of the functions directly inside; a first line shared with the outer one counts for both. */
function linesInside(outer: FunctionSpan, all: readonly FunctionSpan[]): number {
  const inside = all.filter(
    (one) => one !== outer && one.path === outer.path && one.from >= outer.from && one.to <= outer.to,
  );
  return inside
    .filter((one) => !inside.some((other) => other !== one && one.from >= other.from && one.to <= other.to))
    .reduce((sum, { lines }) => sum + lines - 1, 0);
}

function lint(root: string, targets: readonly string[]): readonly Diagnostic[] {
  const folder = mkdtempSync(path.join(tmpdir(), "budgets-"));
  try {
    const file = path.join(folder, "oxlint.json");
    writeFileSync(file, JSON.stringify(config));
    const cli = path.join(path.dirname(createRequire(import.meta.url).resolve("oxlint/package.json")), "bin/oxlint");
    const run = spawnSync(process.execPath, [cli, "-c", file, "--format", "json", ...targets], {
      cwd: root,
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    });
    if (run.stdout.trim() === "") throw new Error(`oxlint said nothing: ${run.stderr}`);
    return report.parse(JSON.parse(run.stdout)).diagnostics;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
