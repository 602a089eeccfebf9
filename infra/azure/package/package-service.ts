/** `serverless package`: writes the template and one zip per function app into .serverless/; no network, no credentials. */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { load } from "js-yaml";
import { zipOf } from "./bundle.ts";
import { readService } from "./service.ts";
import { templateOf } from "./template.ts";

export const FOLDER = ".serverless";
export const TEMPLATE = "azure-deployment-template.json";

export interface Packaged {
  /** Paths from the service's folder. */
  readonly artifacts: readonly { readonly functionName: string; readonly file: string }[];
}

/**
 * @param configured  `serverless.service`
 * @param root        the service's folder
 * @throws            ConfigurationError; esbuild's errors
 */
export async function packageService(configured: unknown, root: string): Promise<Packaged> {
  const rights = load(await readFile(path.join(root, "infra/azure/permissions.yml"), "utf8"));
  const service = readService(configured, rights);
  const folder = path.join(root, FOLDER);
  // What another cloud, or a function that is gone, left there must not be deployed.
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const artifacts = await Promise.all(
    service.apps.map(async (app) => {
      const file = path.join(FOLDER, `${app.name}.zip`);
      await writeFile(path.join(root, file), await zipOf(app, root, service.bundleTarget));
      return { functionName: app.name, file };
    }),
  );
  await writeFile(path.join(folder, TEMPLATE), `${JSON.stringify(templateOf(service), undefined, 2)}\n`);
  return { artifacts };
}
