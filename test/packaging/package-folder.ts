/** Packages the service into a folder of its own, as `npm run package` does: no account, no settings of the caller, no network. */
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { unzipSync } from "fflate";
import { packageService } from "../../infra/package.ts";

const root = path.resolve(import.meta.dirname, "../..");

export interface PackagedFolder {
  readonly folder: string;
  readonly remove: () => Promise<void>;
}

/** Nothing of the caller's account or settings gets in, and no connection gets out. */
export const sealed = (settings: Readonly<Record<string, string>>): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: "/nonexistent",
  NODE_OPTIONS: `--import=${import.meta.resolve("./no-network.ts")}`,
  ...settings,
});

/**
 * @param settings  environment variables of whoever packages; CLOUD among them
 * @throws          with all that was said, when packaging ends with another exit code than 0
 */
export async function packagedFolder(settings: Readonly<Record<string, string>> = {}): Promise<PackagedFolder> {
  const folder = await mkdtemp(path.join(tmpdir(), "lifeguard-package-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await copyFile(path.join(root, "serverless.yml"), path.join(folder, "serverless.yml"));
    for (const name of ["functions", "lib", "infra", "node_modules", "package.json", "tsconfig.json"])
      await symlink(path.join(root, name), path.join(folder, name));
    const said: string[] = [];
    const code = await packageService(folder, sealed(settings), (text) => said.push(text));
    if (code !== 0) throw new Error(`serverless package ended with ${code}:\n${said.join("")}`);
    return { folder, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

export interface Unpacked {
  readonly into: string;
  /** Paths inside the zip. */
  readonly files: readonly string[];
}

/** A function's zip, unpacked beside it. */
export async function unpackZip(folder: string, functionName: string): Promise<Unpacked> {
  const zip = unzipSync(await readFile(path.join(folder, ".serverless", `${functionName}.zip`)));
  const into = path.join(folder, "unpacked", functionName);
  for (const [name, content] of Object.entries(zip)) {
    await mkdir(path.join(into, path.dirname(name)), { recursive: true });
    await writeFile(path.join(into, name), content);
  }
  return { into, files: Object.keys(zip) };
}
