/** A template as the list of what it will make: names, ids and order worked out, contents left until their turn. */
import { z } from "zod";
import { ArmError } from "../errors.ts";
import { providerPath } from "./expression-functions.ts";
import { type Knowledge, workedOut } from "./expression-value.ts";
import { nameProblem } from "./names.ts";

const parameterSchema = z.looseObject({
  type: z.enum(["string", "bool", "int", "object"]),
  defaultValue: z.unknown().optional(),
  allowedValues: z.array(z.unknown()).optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minValue: z.number().optional(),
  maxValue: z.number().optional(),
});

const resourceSchema = z.looseObject({
  type: z.string(),
  apiVersion: z.string().regex(/^\d{4}-\d{2}-\d{2}(-preview)?$/),
  name: z.string(),
  condition: z.union([z.string(), z.boolean()]).optional(),
  scope: z.string().optional(),
  resourceGroup: z.string().optional(),
  dependsOn: z.array(z.string()).optional(),
});

export const templateSchema = z.looseObject({
  $schema: z.string().regex(/^https:\/\/schema\.management\.azure\.com\/schemas\/.+Template\.json#$/i),
  contentVersion: z.string(),
  parameters: z.record(z.string(), parameterSchema).default({}),
  variables: z.record(z.string(), z.string()).default({}),
  resources: z.array(resourceSchema),
  outputs: z.record(z.string(), z.object({ type: z.string(), value: z.unknown() })).default({}),
});
export type Template = z.output<typeof templateSchema>;
type TemplateResource = Template["resources"][number];

export interface Scope {
  readonly subscriptionId: string;
  readonly resourceGroup?: string;
}

export interface Planned {
  readonly id: string;
  readonly type: string;
  readonly wanted: boolean;
  /** Ids in small letters. */
  readonly dependsOn: readonly string[];
  /** Of a nested deployment: where it works. */
  readonly resourceGroup?: string;
  /** As in the template. */
  readonly source: TemplateResource;
}

export interface Plan {
  readonly knows: Omit<Knowledge, "reference">;
  readonly resources: readonly Planned[];
  readonly outputs: Template["outputs"];
}

const refused = (message: string) =>
  new ArmError("InvalidTemplate", `Deployment template validation failed: '${message}'.`);
/** Before anything is made nothing can be looked up. */
const early = (id: string): never => {
  throw refused(`the function 'reference' is not expected here (${id})`);
};

/**
 * @param given  values of parameters
 * @throws       ArmError InvalidTemplate, as Resource Manager's validation before a deployment
 */
export function planOf(template: Template, given: Readonly<Record<string, unknown>>, scope: Scope): Plan {
  const parameters = parametersOf(template, given);
  const knows = { ...scope, parameters, variables: template.variables };
  const reading = { ...knows, reference: early };
  const resources = template.resources.map((one) => attempt(() => planned(one, reading)));
  const ids = resources.map(({ id }) => id.toLowerCase());
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw refused(`the resource '${twice}' is defined more than once in this template`);
  for (const { id, dependsOn } of resources)
    for (const one of dependsOn)
      if (!ids.includes(one))
        throw refused(`the resource '${one}' is not defined in the template, but '${id}' depends on it`);
  return { knows, resources: inOrder(resources), outputs: template.outputs };
}

function attempt<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw error instanceof ArmError ? error : refused(error instanceof Error ? error.message : String(error));
  }
}

function parametersOf({ parameters }: Template, given: Readonly<Record<string, unknown>>) {
  const unknown = Object.keys(given).filter((name) => !(name in parameters));
  if (unknown.length > 0) throw refused(`the template parameters '${unknown.join(", ")}' are not valid`);
  return Object.fromEntries(
    Object.entries(parameters).map(([name, declared]) => {
      const value = name in given ? given[name] : declared.defaultValue;
      if (value === undefined) throw refused(`the value for the template parameter '${name}' is not provided`);
      const problem = parameterProblem(value, declared);
      if (problem) throw refused(`the provided value for the template parameter '${name}' is not valid: ${problem}`);
      return [name, value];
    }),
  );
}

const TYPES = { string: "string", bool: "boolean", int: "number", object: "object" } as const;

function parameterProblem(value: unknown, declared: z.output<typeof parameterSchema>): string | undefined {
  const { type, allowedValues, minLength = 0, maxLength = Number.POSITIVE_INFINITY } = declared;
  const { minValue = Number.NEGATIVE_INFINITY, maxValue = Number.POSITIVE_INFINITY } = declared;
  if (typeof value !== TYPES[type]) return `it is no ${type}`;
  if (allowedValues && !allowedValues.includes(value)) return `it is none of ${allowedValues.join(", ")}`;
  if (typeof value === "string" && (value.length < minLength || value.length > maxLength)) return "its length is wrong";
  if (typeof value === "number" && !(value >= minValue && value <= maxValue)) return "it is too small or too large";
  return undefined;
}

function planned(source: TemplateResource, knows: Knowledge): Planned {
  const text = (value: string) => z.string().parse(workedOut(value, knows));
  const names = text(source.name).split("/");
  const problem = nameProblem(source.type, names.at(-1) ?? "");
  if (problem) throw new ArmError("InvalidResourceName", problem);
  const resourceGroup = source.resourceGroup === undefined ? undefined : text(source.resourceGroup);
  const base = source.scope === undefined ? scopeId(knows, resourceGroup) : text(source.scope);
  const path = `${base}/providers/${providerPath(source.type, names)}`;
  const wanted = source.condition === undefined || workedOut(source.condition, knows) === true;
  return {
    id: /^microsoft\.resources\/resourcegroups$/i.test(source.type) ? `${base}/resourceGroups/${names[0]}` : path,
    type: source.type,
    wanted,
    dependsOn: (source.dependsOn ?? []).map((one) => text(one).toLowerCase()).map(groupsOwnId),
    ...(resourceGroup === undefined ? {} : { resourceGroup }),
    source,
  };
}

/** A group may be named like any other resource of a subscription. */
const groupsOwnId = (id: string) =>
  id.replace(/\/providers\/microsoft\.resources\/resourcegroups\//i, "/resourcegroups/");

const scopeId = ({ subscriptionId, resourceGroup }: Scope, nested: string | undefined): string => {
  const group = nested ?? resourceGroup;
  return `/subscriptions/${subscriptionId}${group === undefined ? "" : `/resourceGroups/${group}`}`;
};

/** Those that depend on nothing first. @throws ArmError when they go round in a circle */
function inOrder(resources: readonly Planned[]): readonly Planned[] {
  const done = new Set<string>();
  const ordered: Planned[] = [];
  while (ordered.length < resources.length) {
    const next = resources.filter((one) => !ordered.includes(one) && one.dependsOn.every((id) => done.has(id)));
    if (next.length === 0) throw refused("circular dependency detected");
    for (const one of next) done.add(one.id.toLowerCase());
    ordered.push(...next);
  }
  return ordered;
}
