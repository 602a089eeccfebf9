/** `npm run local` as a machine and a script see it: JSON lines, and an exit code that tells a broken promise. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../infra/local/main.ts", import.meta.url));

/** A preloaded hook that gives the story ten seconds, which no drain of a database keeps. */
const IMPATIENT = `
  import { registerHooks } from "node:module";
  registerHooks({ load: (url, context, next) => {
    const loaded = next(url, context);
    if (!url.endsWith("/stories/scale-in.ts")) return loaded;
    const source = loaded.source.toString();
    if (!source.includes("maxSeconds: 300")) throw new Error("scale-in.ts has changed");
    return { ...loaded, source: source.replace("maxSeconds: 300", "maxSeconds: 10") };
  } });`;

function run(nodeArgs: readonly string[], ...args: readonly string[]) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [...nodeArgs, MAIN, ...args], (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

test("--json says every event and, at the end, that every promise was kept; the exit code is 0", async () => {
  const { code, stdout, stderr } = await run([], "--story", "scale-in", "--speed", "0", "--json");
  strictEqual(code, 0, stderr);
  const lines = stdout
    .trim()
    .split("\n")
    .map((line): Record<string, unknown> => JSON.parse(line));
  const { kept, verdicts } = lines.pop() ?? {};
  strictEqual(kept, true);
  ok(Array.isArray(verdicts) && verdicts.length === 1);
  ok(lines.length > 20);
  for (const line of lines) deepStrictEqual(Object.keys(line), ["at", "who", "name", "what"]);
});

test("a broken promise is said and makes the exit code 1", async () => {
  const preload = `data:text/javascript,${encodeURIComponent(IMPATIENT)}`;
  const { code, stdout } = await run(["--import", preload], "--story", "scale-in", "--speed", "0");
  strictEqual(code, 1, stdout);
  match(stdout, /it is over within 10 s.*BROKEN/);
  ok(!stdout.includes("\u001b["), "colours are for terminals");
});

test("an unknown story and a negative speed are refused with what is possible", async () => {
  const story = await run([], "--story", "nonsense");
  match(story.stderr, /Allowed choices are scale-in, spot-interruption, event-lost/);
  const speed = await run([], "--speed", "-1");
  match(speed.stderr, /virtual seconds per real second/);
  deepStrictEqual([story.code, speed.code], [1, 1]);
});

test("--rounds asks for a seed, and for whole numbers", async () => {
  const seedless = await run([], "--rounds", "2");
  match(seedless.stderr, /--rounds goes with --chaos SEED/);
  const half = await run([], "--chaos", "1", "--rounds", "0.5");
  match(half.stderr, /a whole number, 1 or more/);
  deepStrictEqual([seedless.code, half.code, seedless.stdout, half.stdout], [1, 1, "", ""]);
});

test("--real asks for one story, then for its servers, and starts nothing before", async () => {
  const all = await run([], "--real");
  match(all.stderr, /--real needs --story/);
  const nowhere = await run([], "--real", "--story", "scale-in");
  match(nowhere.stderr, /LOCAL_MANAGEMENT_URL/);
  deepStrictEqual([all.code, nowhere.code, all.stdout, nowhere.stdout], [1, 1, "", ""]);
});
