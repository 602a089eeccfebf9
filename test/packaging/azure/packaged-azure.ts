/** The service packaged for Azure, and what its template makes: deployed once into the local Azure, every expression worked out. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import * as z from "zod";
import {
  createEngine,
  type Deployment,
  deploymentError,
  type Engine,
  propertiesSchema,
} from "../../../infra/local/azure/deployments/engine.ts";
import type { Plan } from "../../../infra/local/azure/deployments/plan.ts";
import { createStock, type Stock, type Stored } from "../../../infra/local/azure/deployments/stock.ts";
import { zipSizes } from "../../../infra/package.ts";
import { packagedFolder, unpackZip } from "../package-folder.ts";

export const SUBSCRIPTION = "11111111-2222-3333-4444-555555555555";
export const VAULT_ID = `/subscriptions/${SUBSCRIPTION}/resourceGroups/secrets/providers/Microsoft.KeyVault/vaults/edge-keys`;

export interface PackagedApp {
  readonly name: string;
  readonly files: readonly string[];
  readonly folder: string;
  readonly bundleFile: string;
  readonly bundle: string;
  readonly zipBytes: number;
}

export interface PackagedAzure {
  /** Where .serverless/ is. */
  readonly folder: string;
  readonly template: z.output<typeof templateSchema>;
  readonly templateText: string;
  readonly apps: readonly PackagedApp[];
  /** All that a deployment with scheduled events makes. */
  readonly resources: readonly Stored[];
  /** Of the template and of those nested in it. */
  readonly plans: readonly Plan[];
  remove(): Promise<void>;
}

const templateSchema = z.looseObject({
  parameters: z.record(z.string(), z.looseObject({ type: z.string(), defaultValue: z.unknown().optional() })),
  resources: z.array(z.looseObject({ type: z.string(), apiVersion: z.string() })),
});

/** @param settings  environment variables of whoever packages */
export async function packagedAzure(settings: Readonly<Record<string, string>> = {}): Promise<PackagedAzure> {
  const { folder, remove } = await packagedFolder({ CLOUD: "azure", LIFEGUARD_KEY_VAULT_ID: VAULT_ID, ...settings });
  try {
    const templateText = await readFile(path.join(folder, ".serverless/azure-deployment-template.json"), "utf8");
    const template = templateSchema.parse(JSON.parse(templateText));
    const apps = await unpack(folder);
    return { folder, template, templateText, apps, ...deployed(template, apps), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function unpack(folder: string): Promise<readonly PackagedApp[]> {
  const sizes = await zipSizes(folder);
  return Promise.all(
    sizes.map(async ({ functionName: name, bytes }) => {
      const { into, files } = await unpackZip(folder, name);
      const bundleFile = path.join(into, "functions/azure", `${name}.cjs`);
      const bundle = await readFile(bundleFile, "utf8");
      return { name, files, folder: into, bundleFile, bundle, zipBytes: bytes };
    }),
  );
}

/** What must be there before: the vault's resource group with the secrets. */
export const existingSecrets = (): Readonly<Record<string, string>> => ({
  [`/subscriptions/${SUBSCRIPTION}/resourceGroups/secrets`]: "Microsoft.Resources/resourceGroups",
  ...Object.fromEntries(
    [
      "recorder-kubeconfig",
      "notice-kubeconfig",
      "drain-kubeconfig",
      "pool-kubeconfig",
      "sweep-kubeconfig",
      "audit-tokens",
    ].map((name) => [`${VAULT_ID}/secrets/lifeguard-${name}`, "Microsoft.KeyVault/vaults/secrets"]),
  ),
});

function deployed(template: unknown, apps: readonly PackagedApp[]) {
  const stock = createStock(() => "localhost");
  for (const [id, type] of Object.entries(existingSecrets())) stock.seed(id, type);
  const engine = createEngine(stock, () => undefined);
  const id = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Resources/deployments/packaged`;
  run(engine, id, template, false);
  publish(stock, apps);
  const whole = run(engine, id, template, true);
  const nested = whole.plan.resources.flatMap((one) => engine.get(one.id)?.plan ?? []);
  return { resources: stock.list().filter(({ body }) => "apiVersion" in body), plans: [whole.plan, ...nested] };
}

function run(engine: Engine, id: string, template: unknown, eventSubscriptions: boolean): Deployment {
  const parameters = { eventSubscriptions: { value: eventSubscriptions }, scheduledEvents: { value: true } };
  const properties = propertiesSchema.parse({ mode: "Incremental", template, parameters });
  const deployment = engine.begin(id, properties, { subscriptionId: SUBSCRIPTION });
  while (deployment.state === "Running") engine.step(deployment);
  if (deployment.state === "Failed") throw new Error(JSON.stringify(deploymentError(deployment)));
  return deployment;
}

function publish(stock: Stock, apps: readonly PackagedApp[]): void {
  for (const { id } of stock.list().filter(({ type }) => type === "Microsoft.Web/sites")) {
    const app = apps.find(({ name }) => id.includes(`/lifeguard-${name}-`));
    if (app) stock.seed(`${id}/functions/${app.name}`, "Microsoft.Web/sites/functions");
  }
}

export const ofType = ({ resources }: PackagedAzure, type: string): readonly Stored[] =>
  resources.filter((one) => one.type.toLowerCase() === type.toLowerCase());

const settings = z.array(z.object({ name: z.string(), value: z.string() }));
const siteBody = z.object({
  tags: z.object({ function: z.string() }),
  properties: z.looseObject({ siteConfig: z.looseObject({ appSettings: settings }) }),
});

export const siteOf = (service: PackagedAzure, app: string): Stored => {
  const site = ofType(service, "Microsoft.Web/sites").find(({ body }) => siteBody.parse(body).tags.function === app);
  if (!site) throw new Error(`${app} has no function app`);
  return site;
};

/** App settings of a function, as the host would see them. */
export const settingsOf = (service: PackagedAzure, app: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    siteBody.parse(siteOf(service, app).body).properties.siteConfig.appSettings.map(({ name, value }) => [name, value]),
  );

/** "/…/name" -> "name". */
export const lastOf = (id: string): string => id.split("/").at(-1) ?? "";
