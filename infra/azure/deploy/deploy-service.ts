/** `serverless deploy` and `remove`: what would change, then the template, then the code, then the template with its event subscriptions. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DefaultAzureCredential } from "@azure/identity";
import * as z from "zod";
import { FOLDER, TEMPLATE } from "../package/package-service.ts";
import { type Arm, createArm } from "./arm.ts";
import { DeployError } from "./deploy-error.ts";
import { type Deployment, deploy } from "./deployment.ts";
import { linesOf, type Removal, remove, whatIfRemoved } from "./remove.ts";
import { whatIf } from "./what-if.ts";
import { zipDeploy } from "./zip-deploy.ts";

const target = z.object({
  stage: z.string(),
  location: z.string(),
  subscriptionId: z.string(),
  armEndpoint: z.url({ protocol: /^https$/ }),
});

const templateSchema = z.looseObject({
  parameters: z.record(z.string(), z.looseObject({ defaultValue: z.unknown().optional() })),
});

const outputs = z.object({ auditUrl: z.string(), apps: z.record(z.string(), z.string()) });

export interface Surroundings {
  readonly arm: Arm;
  readonly wait: (seconds: number) => Promise<void>;
  readonly say: (line: string) => void;
}

/** As the command line runs it: credentials of the environment, of a workload, or of `az login`. */
export async function deployService(service: string, provider: unknown, folder: string, say: (line: string) => void) {
  const { armEndpoint } = target.parse(provider);
  const arm = createArm({ endpoint: armEndpoint, credential: new DefaultAzureCredential() });
  await deployWith(
    { arm, say, wait: (seconds) => sleep(seconds * 1000) },
    await readDeployment(service, provider, folder),
    folder,
  );
}

/** The same without changing anything. */
export async function showWhatIf(service: string, provider: unknown, folder: string, say: (line: string) => void) {
  const { armEndpoint } = target.parse(provider);
  const arm = createArm({ endpoint: armEndpoint, credential: new DefaultAzureCredential() });
  await foretell(
    { arm, say, wait: (seconds) => sleep(seconds * 1000) },
    await readDeployment(service, provider, folder),
  );
}

/**
 * Takes away what a deployment has made, after it was listed.
 * @param resources `serverless.service.resources`, which names the resource group
 * @param isAsked   only the list is wanted
 */
export async function removeService(
  configured: { readonly service: string; readonly provider: unknown; readonly resources: unknown },
  isAsked: boolean,
  say: (line: string) => void,
) {
  const { armEndpoint } = target.parse(configured.provider);
  const arm = createArm({ endpoint: armEndpoint, credential: new DefaultAzureCredential() });
  await removeWith({ arm, say, wait: (seconds) => sleep(seconds * 1000) }, removalOf(configured), isAsked);
}

const shared = z.looseObject({
  parameters: z.looseObject({ resourceGroupName: z.object({ defaultValue: z.string() }) }),
});

/** @throws DeployError */
export function removalOf({ service, provider, resources }: Parameters<typeof removeService>[0]): Removal {
  const { stage, location, subscriptionId } = target.parse(provider);
  if (subscriptionId === "") throw new DeployError("set AZURE_SUBSCRIPTION_ID: the subscription that was deployed to");
  const resourceGroup = shared.parse(resources).parameters.resourceGroupName.defaultValue;
  return { service, stage, subscriptionId, resourceGroup, name: deploymentName(service, stage, location) };
}

/** @throws DeployError */
export async function removeWith({ arm, say, wait }: Surroundings, removal: Removal, isAsked: boolean): Promise<void> {
  say(`what would be removed from subscription ${removal.subscriptionId}:`);
  const doomed = await whatIfRemoved(arm, removal);
  for (const line of linesOf(doomed)) say(line);
  if (isAsked) return;
  await remove(arm, doomed, { say, wait });
  say("removed; the Key Vault, its secrets, and everything in clusters are yours and stay");
}

/** The region is part of the name: Azure refuses a second deployment of one name that is recorded elsewhere. */
const deploymentName = (service: string, stage: string, location: string) => `${service}-${stage}-${location}`;

/**
 * @param service   "lifeguard"
 * @param provider  `serverless.service.provider`
 * @throws          DeployError that names the settings that are missing
 */
export async function readDeployment(service: string, provider: unknown, folder: string): Promise<Deployment> {
  const { stage, location, subscriptionId } = target.parse(provider);
  const template = templateSchema.parse(JSON.parse(await readFile(path.join(folder, FOLDER, TEMPLATE), "utf8")));
  const missing = [
    ...(subscriptionId === "" ? ["AZURE_SUBSCRIPTION_ID"] : []),
    ...(template.parameters.keyVaultId?.defaultValue === undefined ? ["LIFEGUARD_KEY_VAULT_ID"] : []),
  ];
  if (missing.length > 0)
    throw new DeployError(
      `set ${missing.join(" and ")} to deploy; the head of infra/azure/provider.yml says what they are`,
    );
  return { subscriptionId, location, name: deploymentName(service, stage, location), template, parameters: {} };
}

/** @throws DeployError */
export async function deployWith(around: Surroundings, deployment: Deployment, folder: string): Promise<void> {
  const { arm, say, wait } = around;
  await foretell(around, deployment);
  say("deploying everything but the event subscriptions:");
  const without = { ...deployment, parameters: { ...deployment.parameters, eventSubscriptions: { value: false } } };
  const { apps } = outputs.parse(await deploy(arm, without, say, wait));
  say("publishing the code:");
  await publishAll(around, apps, folder);
  say("deploying the event subscriptions:");
  const { auditUrl } = outputs.parse(await deploy(arm, deployment, say, wait));
  say(`deployed; the audit webhook posts to ${auditUrl}`);
}

async function foretell({ arm, say, wait }: Surroundings, deployment: Deployment): Promise<void> {
  say(`what would change in subscription ${deployment.subscriptionId}:`);
  for (const line of await whatIf(arm, deployment, wait)) say(line);
}

/** All at once; what went wrong with each is told together. */
async function publishAll({ arm, say, wait }: Surroundings, apps: Readonly<Record<string, string>>, folder: string) {
  const done = await Promise.allSettled(
    Object.entries(apps).map(async ([functionName, siteId]) => {
      const zip = await readFile(path.join(folder, FOLDER, `${functionName}.zip`));
      await zipDeploy(arm, { functionName, siteId, zip }, wait);
      say(`  Published  ${functionName}`);
    }),
  );
  const failed = done.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  if (failed.length === 0) return;
  throw new DeployError(failed.map((one) => (one instanceof Error ? one.message : String(one))).join("\n"));
}
