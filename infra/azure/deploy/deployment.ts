/** A deployment at a subscription: put, watched resource by resource, and, when it fails, told in full. */
import * as z from "zod";
import { type Arm, type Ended, expectSuccess, runToEnd, type Waiting } from "./arm.ts";
import { DeployError } from "./deploy-error.ts";
import { errorLines } from "./error-lines.ts";

export const API_VERSION = "2024-03-01";

export interface Deployment {
  readonly subscriptionId: string;
  readonly name: string;
  /** Where Azure keeps the record of it. */
  readonly location: string;
  readonly template: unknown;
  readonly parameters: Readonly<Record<string, { readonly value: unknown }>>;
}

export const deploymentId = ({ subscriptionId, name }: Pick<Deployment, "subscriptionId" | "name">): string =>
  `/subscriptions/${subscriptionId}/providers/Microsoft.Resources/deployments/${name}`;

export const deploymentBody = ({ location, template, parameters }: Deployment) => ({
  location,
  properties: { mode: "Incremental", template, parameters },
});

const operations = z.object({
  value: z.array(
    z.object({
      properties: z.looseObject({
        provisioningState: z.string(),
        statusCode: z.string().optional(),
        statusMessage: z.unknown().optional(),
        targetResource: z
          .object({ id: z.string(), resourceType: z.string(), resourceName: z.string().optional() })
          .optional(),
      }),
    }),
  ),
  nextLink: z.string().optional(),
});
type Operation = z.output<typeof operations>["value"][number]["properties"];
interface ResourceOperation extends Operation {
  readonly targetResource: NonNullable<Operation["targetResource"]>;
}

const deployed = z.object({
  properties: z.looseObject({
    outputs: z.record(z.string(), z.object({ value: z.unknown() })).default({}),
    error: z.unknown().optional(),
  }),
});

/**
 * @param say    one line for each resource that reaches another state
 * @returns      the deployment's outputs
 * @throws       DeployError with every failed resource and its whole error
 */
export async function deploy(
  arm: Arm,
  deployment: Deployment,
  say: (line: string) => void,
  wait: Waiting["wait"],
): Promise<Readonly<Record<string, unknown>>> {
  const id = deploymentId(deployment);
  const seen = new Map<string, string>();
  const looked = async () => {
    for (const { provisioningState, targetResource } of await resourceOperations(arm, id)) {
      if (seen.get(targetResource.id) === provisioningState) continue;
      seen.set(targetResource.id, provisioningState);
      if (provisioningState !== "NotSpecified") say(`  ${provisioningState.padEnd(10)} ${short(targetResource.id)}`);
    }
  };
  const call = { method: "PUT", url: `${id}?api-version=${API_VERSION}`, body: deploymentBody(deployment) } as const;
  const ended = await runToEnd(arm, call, `the deployment ${deployment.name}`, { wait, looked });
  if (ended.status !== "succeeded") throw new DeployError(await failure(arm, deployment, ended));
  const found = expectSuccess(await arm.send({ method: "GET", url: `${id}?api-version=${API_VERSION}` }), "reading it");
  const { outputs } = deployed.parse(found.body).properties;
  return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
}

/** Every operation on a resource, those of nested deployments with them; none for a deployment that there is no record of. */
export async function resourceOperations(arm: Arm, id: string): Promise<readonly ResourceOperation[]> {
  const found: ResourceOperation[] = [];
  let url: string | undefined = `${id}/operations?api-version=${API_VERSION}`;
  while (url !== undefined) {
    const answer = await arm.send({ method: "GET", url });
    // A nested deployment's record appears a moment after its operation.
    if (answer.status === 404) return found;
    const page = operations.parse(expectSuccess(answer, "reading the deployment's progress").body);
    found.push(...page.value.flatMap(({ properties }) => (hasTarget(properties) ? [properties] : [])));
    url = page.nextLink;
  }
  const nested = found.filter(({ targetResource }) => isDeployment(targetResource.resourceType));
  const inside = await Promise.all(nested.map(({ targetResource }) => resourceOperations(arm, targetResource.id)));
  return [...found, ...inside.flat()];
}

const hasTarget = (operation: Operation): operation is ResourceOperation => operation.targetResource !== undefined;
const isDeployment = (type: string) => type.toLowerCase() === "microsoft.resources/deployments";

async function failure(arm: Arm, deployment: Deployment, { status, body }: Ended): Promise<string> {
  const id = deploymentId(deployment);
  const failed = (await resourceOperations(arm, id)).filter(
    ({ provisioningState, targetResource }) =>
      provisioningState === "Failed" && !isDeployment(targetResource.resourceType),
  );
  const resources = failed.flatMap(({ targetResource, statusCode, statusMessage }) => [
    `  ${short(targetResource.id)}${statusCode === undefined ? "" : ` (${statusCode})`}`,
    ...errorLines(statusMessage, 2),
  ]);
  const answer = await arm.send({ method: "GET", url: `${id}?api-version=${API_VERSION}` });
  const own = deployed.safeParse(answer.body).data?.properties.error;
  return [
    `the deployment ${deployment.name} ${status === "canceled" ? "was cancelled" : "failed"}:`,
    ...errorLines(own ?? body, 1),
    ...(resources.length > 0 ? ["what failed, resource by resource:", ...resources] : []),
    "what was deployed before that stays; mend the cause and deploy again: a deployment can be repeated.",
  ].join("\n");
}

/** "/subscriptions/S/resourceGroups/G/providers/Microsoft.Web/sites/x" -> "Microsoft.Web/sites/x". */
export const short = (id: string): string => {
  const [, after] = /.*\/providers\/(.+)$/i.exec(id) ?? [];
  return after ?? id.replace(/^\/subscriptions\/[^/]+\//i, "");
};
