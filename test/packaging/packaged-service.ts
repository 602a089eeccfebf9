/** Packages the service into a folder of its own, as `npm run package` does, and reads what would be deployed. */
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { unzipSync } from "fflate";
import { packageService, zipSizes } from "../../infra/aws/package.ts";
import { type Template, templateSchema } from "./template.ts";

const root = path.resolve(import.meta.dirname, "../..");

export interface PackagedFunction {
  readonly name: string;
  readonly zipBytes: number;
  /** Paths inside the zip. */
  readonly files: readonly string[];
  /** The unpacked bundle on disk. */
  readonly bundleFile: string;
  readonly bundle: string;
}

export interface PackagedService {
  readonly template: Template;
  readonly functions: readonly PackagedFunction[];
  remove(): Promise<void>;
}

/** Nothing of the caller's account or settings gets in, and no connection gets out. */
const environment = (): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: "/nonexistent",
  NODE_OPTIONS: `--import=${import.meta.resolve("./no-network.ts")}`,
});

/** @throws when packaging ends with another exit code than 0 */
export async function packagedService(): Promise<PackagedService> {
  const folder = await mkdtemp(path.join(tmpdir(), "lifeguard-package-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await copyFile(path.join(root, "serverless.yml"), path.join(folder, "serverless.yml"));
    for (const name of ["functions", "lib", "infra", "node_modules", "package.json", "tsconfig.json"])
      await symlink(path.join(root, name), path.join(folder, name));
    const said: string[] = [];
    const code = await packageService(folder, environment(), (text) => said.push(text));
    if (code !== 0)
      throw new Error(`serverless package ended with ${code}:
${said.join("")}`);
    const file = path.join(folder, ".serverless/cloudformation-template-update-stack.json");
    const template = templateSchema.parse(JSON.parse(await readFile(file, "utf8")));
    return { template, functions: await unpack(folder), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function unpack(folder: string): Promise<readonly PackagedFunction[]> {
  const sizes = await zipSizes(folder);
  return Promise.all(
    sizes.map(async ({ functionName, bytes }) => {
      const zip = unzipSync(await readFile(path.join(folder, ".serverless", `${functionName}.zip`)));
      const into = path.join(folder, "unpacked", functionName);
      for (const [name, content] of Object.entries(zip)) {
        await mkdir(path.join(into, path.dirname(name)), { recursive: true });
        await writeFile(path.join(into, name), content);
      }
      const bundleFile = path.join(into, "functions/aws", `${functionName}.mjs`);
      return {
        name: functionName,
        zipBytes: bytes,
        files: Object.keys(zip),
        bundleFile,
        bundle: await readFile(bundleFile, "utf8"),
      };
    }),
  );
}
