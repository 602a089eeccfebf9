/** A function app's zip: one bundle that registers the function at import, host.json and package.json of the v4 model. */
import { createRequire } from "node:module";
import path from "node:path";
import { build, type Plugin } from "esbuild";
import { strToU8, type Zippable, zipSync } from "fflate";
import * as z from "zod";
import { computeGroups } from "./compute-groups.ts";
import type { FunctionApp } from "./service.ts";

/** https://learn.microsoft.com/azure/azure-functions/functions-host-json */
const HOST = {
  version: "2.0",
  // One pass does not wait for anything: 30 s is ten times what the slowest one needs.
  functionTimeout: "00:00:30",
  extensionBundle: { id: "Microsoft.Azure.Functions.ExtensionBundle", version: "[4.*, 5.0.0)" },
  logging: {
    // Every line of a drain is wanted, and there are few.
    applicationInsights: { samplingSettings: { isEnabled: false } },
    logLevel: { default: "Information", "Host.Aggregator": "Warning", "Azure.Core": "Warning" },
  },
  extensions: {
    http: { routePrefix: "api" },
    serviceBus: { prefetchCount: 0, autoCompleteMessages: true, maxConcurrentCalls: 8 },
  },
};

/** Any fixed day: the same sources make the same bytes. */
const MODIFIED = new Date(Date.UTC(2000, 0, 1));
/** A regular file of Unix that all may read: the platform mounts the zip, and finds no function in files it cannot read. */
const UNIX = 3;
const READABLE = 0o100644 << 16;

const plugin = z.custom<Plugin>((value) => typeof value === "object" && value !== null);
const plugins = z
  .object({ kubernetesClient: plugin, builtinHttp: plugin })
  .parse(createRequire(import.meta.url)("../../bundle/light-bundles.cjs"));

/**
 * @param root    where functions/ is
 * @param target  of esbuild, e.g. "node22"
 * @throws        esbuild's error with file and line
 */
export async function zipOf({ name, handler }: FunctionApp, root: string, target: string): Promise<Uint8Array> {
  const main = handler.replace(/\.ts$/, ".cjs");
  const manifest = { name, version: "1.0.0", private: true, main };
  return zipSync(
    Object.fromEntries([
      file("host.json", JSON.stringify(HOST, undefined, 2)),
      file("package.json", JSON.stringify(manifest, undefined, 2)),
      file(main, await bundle(path.join(root, handler), root, target)),
    ]),
    { level: 9, mtime: MODIFIED },
  );
}

const file = (name: string, text: string): [string, Zippable[string]] => [
  name,
  [strToU8(text), { os: UNIX, attrs: READABLE }],
];

async function bundle(entryPoint: string, root: string, target: string): Promise<string> {
  const built = await build({
    absWorkingDir: root,
    entryPoints: [entryPoint],
    bundle: true,
    write: false,
    platform: "node",
    // What the platform's worker puts in the place of @azure/functions-core it puts there for require().
    format: "cjs",
    external: ["@azure/functions-core"],
    target,
    minify: true,
    // ES modules first: esbuild drops what a client does not use.
    mainFields: ["module", "main"],
    plugins: [...Object.values(plugins), computeGroups(root)],
    logLevel: "silent",
  });
  const [output] = built.outputFiles;
  if (!output) throw new Error(`esbuild made nothing of ${entryPoint}`);
  return output.text;
}
