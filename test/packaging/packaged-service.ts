/** The service packaged for AWS, as it would be deployed. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { zipSizes } from "../../infra/package.ts";
import { packagedFolder, unpackZip } from "./package-folder.ts";
import { type Template, templateSchema } from "./template.ts";

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

/** @throws when packaging ends with another exit code than 0 */
export async function packagedService(): Promise<PackagedService> {
  const { folder, remove } = await packagedFolder();
  try {
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
      const { into, files } = await unpackZip(folder, functionName);
      const bundleFile = path.join(into, "functions/aws", `${functionName}.mjs`);
      return {
        name: functionName,
        zipBytes: bytes,
        files,
        bundleFile,
        bundle: await readFile(bundleFile, "utf8"),
      };
    }),
  );
}
