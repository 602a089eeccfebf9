/** Weighs one bundle and loads it in fresh processes, beside an empty one. */
import { spawnSync } from "node:child_process";
import { gzipSync } from "node:zlib";
import { counted, median, type Row, timed } from "./row.ts";

const ROUNDS = 7;

const LOAD = `const start = performance.now();
await import(process.argv[1]);
process.stdout.write(String(performance.now() - start));
process.exit(0);`;

export interface Weighed {
  readonly name: string;
  readonly bundle: string;
  readonly bundleFile: string;
  /** What the platform would set. */
  readonly environment: NodeJS.ProcessEnv;
}

export interface Budget {
  readonly mostKilobytes: number;
  /** Of the time that `node -e 0` takes. */
  readonly loadRatio: number;
}

function emptyProcess(): number {
  const start = performance.now();
  spawnSync(process.execPath, ["-e", "0"]);
  return performance.now() - start;
}

/** Milliseconds of the import; SDK clients are made at the first invocation. */
function loadOnce(file: string, environment: NodeJS.ProcessEnv): number {
  const run = spawnSync(process.execPath, ["--input-type=module", "-e", LOAD, "--", file], {
    env: environment,
    encoding: "utf8",
  });
  const milliseconds = Number(run.stdout);
  if (run.status === 0 && milliseconds > 0) return milliseconds;
  throw new Error(`${file} does not load: ${run.stderr.slice(0, 2000)}`);
}

export function weigh({ name, bundle, bundleFile, environment }: Weighed, { mostKilobytes, loadRatio }: Budget) {
  const kilobytes = Math.round(Buffer.byteLength(bundle) / 1000);
  const zipped = Math.round(gzipSync(bundle).length / 1000);
  // In turns, so that a machine that is busy for a while is as busy for both.
  const rounds = Array.from({ length: ROUNDS }, () => ({
    empty: emptyProcess(),
    load: loadOnce(bundleFile, environment),
  }));
  const empty = median(rounds.map((round) => round.empty));
  const load = median(rounds.map((round) => round.load));
  const ratio = load / empty;
  const size: Row = {
    ...counted(`${name}: bundle`, kilobytes, mostKilobytes, "KB"),
    ours: `${kilobytes} KB (${zipped} gz)`,
  };
  const time = timed(
    `${name}: load`,
    `${load.toFixed(0)} ms, ${ratio.toFixed(1)} x`,
    `<= ${loadRatio.toFixed(1)} x node -e 0 (${empty.toFixed(0)} ms)`,
    ratio <= loadRatio,
  );
  return [size, time];
}

/** How often bundles carry what only other clouds' SDKs carry. */
export const foreignRow = (bundles: readonly { readonly bundle: string }[], foreign: RegExp): Row =>
  counted(
    "other clouds' SDKs in the bundles",
    bundles.flatMap(({ bundle }) => bundle.match(foreign) ?? []).length,
    0,
    "found",
  );
