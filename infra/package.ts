/** `npm run package`: packages for one cloud, offline and without credentials, and prints the size of each zip. */
import { spawn } from "node:child_process";
import { readdir, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import Table from "cli-table3";

export interface ZipSize {
  readonly functionName: string;
  readonly bytes: number;
}

const root = path.resolve(import.meta.dirname, "..");

/**
 * Runs `serverless package` in a directory that holds a serverless.yml.
 * @param say  takes its output as it comes; nothing of it is lost
 * @returns    the exit code
 */
export function packageService(
  directory: string,
  environment: NodeJS.ProcessEnv,
  say: (text: string) => void,
): Promise<number> {
  const cli = createRequire(import.meta.url).resolve("serverless/bin/serverless.js");
  const child = spawn(process.execPath, [cli, "package"], {
    cwd: directory,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.setEncoding("utf8").on("data", say);
  child.stderr.setEncoding("utf8").on("data", say);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}

/** The zips of the last packaging, sorted by name. */
export async function zipSizes(directory: string): Promise<readonly ZipSize[]> {
  const folder = path.join(directory, ".serverless");
  const zips = (await readdir(folder)).filter((name) => name.endsWith(".zip")).sort();
  return Promise.all(
    zips.map(async (name) => ({
      functionName: path.basename(name, ".zip"),
      bytes: (await stat(path.join(folder, name))).size,
    })),
  );
}

if (import.meta.main) {
  process.exitCode = await packageService(root, process.env, (text) => process.stdout.write(text));
  if (process.exitCode === 0) {
    const table = new Table({
      head: ["function", "zip, KB"],
      style: { head: [], border: [] },
      colAligns: ["left", "right"],
    });
    for (const { functionName, bytes } of await zipSizes(root)) table.push([functionName, (bytes / 1000).toFixed(1)]);
    process.stdout.write(`${table.toString()}\n`);
  }
}
