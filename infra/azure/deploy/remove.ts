/** `serverless remove`: what a deployment has made is listed first, then taken away; the record that tells of it goes last. */
import * as z from "zod";
import { type Arm, type Call, expectSuccess, runToEnd, type Waiting } from "./arm.ts";
import { DeployError } from "./deploy-error.ts";
import { API_VERSION, deploymentId, resourceOperations, short } from "./deployment.ts";
import { errorLines } from "./error-lines.ts";

export interface Removal {
  /** "lifeguard" */
  readonly service: string;
  readonly stage: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  /** Of the deployment's record. */
  readonly name: string;
}

/** Ids, in the order in which they go. */
export interface Doomed {
  /** On what is not in our resource group: the subscription, secrets of a Key Vault. */
  readonly grants: readonly string[];
  /** Absent: there is none (any more). */
  readonly group?: string;
  /** What lies in it, to be read. */
  readonly inside: readonly string[];
  readonly roles: readonly string[];
  readonly records: readonly string[];
}

const RESOURCES_VERSION = "2021-04-01";
const ROLES_VERSION = "2022-04-01";
const ROLE = "Microsoft.Authorization/roleDefinitions";
const ASSIGNMENT = "Microsoft.Authorization/roleAssignments";
/** Application Insights makes these beside itself, unasked. */
const MADE_BY_AZURE = /\/(smartDetectorAlertRules|actionGroups)\/[^/]*(Failure Anomalies|Smart Detection)[^/]*$/i;

const page = z.object({
  value: z.array(
    z.looseObject({
      id: z.string(),
      properties: z
        .looseObject({ roleName: z.string().optional(), roleDefinitionId: z.string().optional() })
        .optional(),
    }),
  ),
  nextLink: z.string().nullish(),
});
type Listed = z.output<typeof page>["value"][number];

/**
 * Asks only.
 * @throws DeployError when the resource group, or something in it, is not this deployment's: then nothing may be deleted
 */
export async function whatIfRemoved(arm: Arm, removal: Removal): Promise<Doomed> {
  const { subscriptionId } = removal;
  const made = (await resourceOperations(arm, deploymentId(removal))).map(({ targetResource }) => targetResource.id);
  const group = await groupOf(arm, removal);
  const inside = group ? await contentOf(arm, group, { made, removal }) : [];
  const all = `/subscriptions/${subscriptionId}/providers/`;
  const roles = await rolesOf(arm, `${all}${ROLE}?api-version=${ROLES_VERSION}&$filter=type+eq+'CustomRole'`, {
    made,
    removal,
  });
  const assignments = await listed(arm, `${all}${ASSIGNMENT}?api-version=${ROLES_VERSION}`);
  const ours = new Set(roles.map(lower));
  const grants = assignments.filter(
    ({ id, properties }) => ours.has(lower(properties?.roleDefinitionId ?? "")) && !isIn(group, id),
  );
  // The record itself comes last: what could not be removed is found by it the next time.
  const nested = made.filter((id) => /\/microsoft\.resources\/deployments\//i.test(id) && !isIn(group, id));
  const record = made.length > 0 ? [deploymentId(removal)] : [];
  return {
    grants: grants.map(({ id }) => id).sort(),
    ...(group && { group }),
    inside,
    roles,
    records: [...nested.sort(), ...record],
  };
}

const lower = (text: string): string => text.toLowerCase();
const isIn = (group: string | undefined, id: string): boolean =>
  group !== undefined && lower(id).startsWith(`${lower(group)}/`);

export function linesOf({ grants, group, inside, roles, records }: Doomed): readonly string[] {
  const all = [...grants, ...inside, ...(group ? [group] : []), ...roles, ...records];
  return [...all.map((id) => `  - ${short(id)}`), all.length > 0 ? `${all.length} Delete` : "nothing is left of it"];
}

/** Repeatable: what has gone already is success. @throws DeployError with the whole answer of what was refused */
export async function remove(
  arm: Arm,
  doomed: Doomed,
  { say, wait }: { readonly say: (line: string) => void; readonly wait: Waiting["wait"] },
): Promise<void> {
  const gone = async (id: string, version: string) => {
    const answer = await arm.send({ method: "DELETE", url: `${id}?api-version=${version}` });
    if (answer.status !== 404) expectSuccess(answer, `deleting ${short(id)}`);
    say(`  Deleted    ${short(id)}`);
  };
  for (const id of doomed.grants) await gone(id, ROLES_VERSION);
  if (doomed.group) {
    await deleteGroup(arm, doomed.group, wait);
    say(`  Deleted    ${short(doomed.group)}`);
  }
  for (const id of doomed.roles) await gone(id, ROLES_VERSION);
  for (const id of doomed.records) await gone(id, API_VERSION);
}

async function deleteGroup(arm: Arm, group: string, wait: Waiting["wait"]): Promise<void> {
  const call: Call = { method: "DELETE", url: `${group}?api-version=${RESOURCES_VERSION}` };
  const { status, body } = await runToEnd(arm, call, `deleting ${short(group)}`, { wait });
  if (status === "succeeded") return;
  throw new DeployError(
    [`deleting ${short(group)} ${status}:`, ...errorLines(body, 1), "mend the cause and remove again."].join("\n"),
  );
}

const tagged = z.looseObject({ id: z.string(), tags: z.record(z.string(), z.string()).default({}) });

async function groupOf(arm: Arm, removal: Removal): Promise<string | undefined> {
  const { service, stage, subscriptionId, resourceGroup } = removal;
  const url = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}?api-version=${RESOURCES_VERSION}`;
  const answer = await arm.send({ method: "GET", url });
  if (answer.status === 404) return undefined;
  const { id, tags } = tagged.parse(expectSuccess(answer, "reading the resource group").body);
  if (tags.service === service && tags.stage === stage) return id;
  throw new DeployError(
    `resource group ${resourceGroup} has not the tags service=${service} and stage=${stage}: it is not this deployment's, and nothing was deleted`,
  );
}

interface Known {
  readonly made: readonly string[];
  readonly removal: Removal;
}

async function contentOf(arm: Arm, group: string, { made, removal }: Known): Promise<readonly string[]> {
  const found = (await listed(arm, `${group}/resources?api-version=${RESOURCES_VERSION}`)).map(({ id }) => id);
  const ours = new Set(made.map(lower));
  // Of a function that is no longer deployed nothing but its name tells.
  const isNamed = (id: string) => id.split("/").at(-1)?.startsWith(`${removal.service}-`) ?? false;
  const others = found.filter((id) => !ours.has(lower(id)) && !isNamed(id) && !MADE_BY_AZURE.test(id));
  if (others.length === 0) return found.sort();
  throw new DeployError(
    [
      `resource group ${removal.resourceGroup} holds what this deployment has not made; move it to another group, or delete it, and remove again. Nothing was deleted:`,
      ...others.sort().map((id) => `  ${short(id)}`),
    ].join("\n"),
  );
}

/** Those that the last deployment made, and, by their common ending, those of functions that were deployed before. */
async function rolesOf(arm: Arm, url: string, { made, removal }: Known): Promise<readonly string[]> {
  const ours = new Set(made.map(lower));
  const named = await listed(arm, url);
  const begins = `${removal.service} ${removal.stage} `;
  const endingOf = ({ properties }: Listed) =>
    properties?.roleName?.startsWith(begins) ? properties.roleName.split(" ").at(-1) : undefined;
  const endings = new Set(named.filter(({ id }) => ours.has(lower(id))).map(endingOf));
  return named
    .filter((one) => endingOf(one) !== undefined && endings.has(endingOf(one)))
    .map(({ id }) => id)
    .sort();
}

async function listed(arm: Arm, from: string): Promise<readonly Listed[]> {
  const found: Listed[] = [];
  let url: string | null | undefined = from;
  while (url) {
    const answer = await arm.send({ method: "GET", url });
    const { value, nextLink } = page.parse(expectSuccess(answer, "listing what was deployed").body);
    found.push(...value);
    url = nextLink;
  }
  return found;
}
