/** Weighs and loads the very bundles that would be deployed, each in fresh processes. */
import { spawnSync } from "node:child_process";
import { gzipSync } from "node:zlib";
import type { PackagedFunction, PackagedService } from "../packaging/packaged-service.ts";
import type { Template } from "../packaging/template.ts";
import { environmentOf } from "./deployed-function.ts";
import { counted, median, type Row, timed } from "./row.ts";

const ROUNDS = 7;
/** DESIGN: 110 ms where `node -e 0` takes 26 ms. */
const LOAD_RATIO = 110 / 26;
/** Ours: SDK clients of five services, the Kubernetes client, zod and Powertools, each reduced to what is called. */
const MOST_KILOBYTES = 800;
/** Makes groups and launch templates: EC2's wire form alone is a quarter of it. What counts is its load time, below. */
const MOST_KILOBYTES_OF: Readonly<Record<string, number>> = { "pool-continued": 1000 };

const LOAD = `const start = performance.now();
await import(process.argv[1]);
process.stdout.write(String(performance.now() - start));
process.exit(0);`;

/** Something only that cloud's SDKs carry. */
const OTHER_CLOUDS = /azsdk-js|@google-cloud\/|oci-typescript-sdk|scaleway-sdk-js/g;

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

function rowsOf({ name, bundle, bundleFile }: PackagedFunction, template: Template): readonly Row[] {
  const kilobytes = Math.round(Buffer.byteLength(bundle) / 1000);
  const zipped = Math.round(gzipSync(bundle).length / 1000);
  const environment = environmentOf(template, name);
  // In turns, so that a machine that is busy for a while is as busy for both.
  const rounds = Array.from({ length: ROUNDS }, () => ({
    empty: emptyProcess(),
    load: loadOnce(bundleFile, environment),
  }));
  const empty = median(rounds.map((round) => round.empty));
  const load = median(rounds.map((round) => round.load));
  const ratio = load / empty;
  return [
    {
      ...counted(`${name}: bundle`, kilobytes, MOST_KILOBYTES_OF[name] ?? MOST_KILOBYTES, "KB"),
      ours: `${kilobytes} KB (${zipped} gz)`,
    },
    timed(
      `${name}: load`,
      `${load.toFixed(0)} ms, ${ratio.toFixed(1)} x`,
      `<= ${LOAD_RATIO.toFixed(1)} x node -e 0 (${empty.toFixed(0)} ms)`,
      ratio <= LOAD_RATIO,
    ),
  ];
}

export function bundleRows({ template, functions }: PackagedService): readonly Row[] {
  const foreign = functions.flatMap(({ bundle }) => bundle.match(OTHER_CLOUDS) ?? []).length;
  return [
    ...functions.flatMap((one) => rowsOf(one, template)),
    counted("other clouds' SDKs in the bundles", foreign, 0, "found"),
  ];
}
