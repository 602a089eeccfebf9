/** The house as it stands: arrows, names and sizes of every source file, and lists that must agree with each other. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { load } from "js-yaml";
import * as z from "zod";
import { brokenArrows } from "./architecture/arrows.ts";
import { brokenBudgets } from "./architecture/budgets.ts";
import { packagesListedIn } from "./architecture/readme-packages.ts";
import { readSources, type Violation } from "./architecture/sources.ts";
import { brokenTextRules } from "./architecture/text-rules.ts";

const root = path.resolve(import.meta.dirname, "..");
const FOLDERS = ["functions", "lib", "infra", "test"];
const sources = readSources(root, FOLDERS);

const nothingIn = (violations: readonly Violation[]) =>
  assert.deepEqual(
    violations.map(({ path: file, line, rule }) => `${file}:${line}: ${rule}`),
    [],
  );

test("every folder has sources to look at", () => {
  for (const folder of ["functions/aws", "lib/api", "lib/kubernetes", "lib/providers/aws", "lib/reconcile/decide"])
    assert.ok(
      sources.some((source) => source.path.startsWith(`${folder}/`)),
      `${folder} is empty`,
    );
});

test("imports keep to the arrows", () => nothingIn(sources.flatMap(brokenArrows)));

test("every local import names a file that is there", () =>
  nothingIn(
    sources.flatMap((source) =>
      source.imports
        .filter(({ file }) => file !== undefined && !existsSync(path.join(root, file)))
        .map(({ line, specifier }) => ({ path: source.path, line, rule: `${specifier} does not exist` })),
    ),
  ));

test("files keep to the rules on names, words and size", () => nothingIn(sources.flatMap(brokenTextRules)));

test("functions keep to the size budgets", () => nothingIn(brokenBudgets(root, FOLDERS)));

const packageJson = z
  .object({ dependencies: z.record(z.string(), z.string()), devDependencies: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")));
const dependencies = [...Object.keys(packageJson.dependencies), ...Object.keys(packageJson.devDependencies)].sort();

test("every dependency is pinned to one version", () => {
  const pinned = /^(npm:[\w-]+@)?\d+\.\d+\.\d+$/;
  const versions = Object.entries({ ...packageJson.dependencies, ...packageJson.devDependencies });
  assert.deepEqual(
    versions.filter(([, version]) => !pinned.test(version)),
    [],
  );
});

test("the README's package table lists exactly the dependencies of package.json", () => {
  const readme = path.join(root, "README.md");
  assert.ok(existsSync(readme), "README.md is missing");
  assert.deepEqual([...packagesListedIn(readFileSync(readme, "utf8"))].sort(), dependencies);
});

for (const cloud of readdirSync(path.join(root, "functions"))) {
  test(`the functions deployed on ${cloud} are the files in functions/${cloud}`, () => {
    const yaml = readFileSync(path.join(root, "infra", cloud, "functions.yml"), "utf8").replace(/!\w+/g, "");
    const deployed = z.record(z.string(), z.object({ handler: z.string() })).parse(load(yaml));
    const files = readdirSync(path.join(root, "functions", cloud)).filter((name) =>
      /^[a-z0-9]+(-[a-z0-9]+)+\.ts$/.test(name),
    );
    assert.deepEqual(Object.keys(deployed).sort(), files.map((name) => path.basename(name, ".ts")).sort());
    // A cloud names the export, or the file that registers itself.
    for (const [name, { handler }] of Object.entries(deployed))
      assert.match(handler, new RegExp(`^functions/${cloud}/${name}\\.(handler|ts)$`));
  });
}
