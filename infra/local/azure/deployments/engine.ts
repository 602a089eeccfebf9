/** Deployments of the local Azure: planned at once, then made in waves, each as far as dependencies allow. */
import { z } from "zod";
import { ArmError } from "../errors.ts";
import { type Knowledge, workedOut } from "./expression-value.ts";
import { type Plan, type Planned, planOf, type Scope, templateSchema } from "./plan.ts";
import type { Stock, Stored } from "./stock.ts";

export const propertiesSchema = z.looseObject({
  mode: z.literal("Incremental"),
  template: templateSchema,
  parameters: z.record(z.string(), z.object({ value: z.unknown() })).default({}),
});
export type DeploymentProperties = z.output<typeof propertiesSchema>;

export type State = "Running" | "Succeeded" | "Failed";
export interface ResourceState {
  readonly planned: Planned;
  readonly state: State;
  readonly error?: ArmError;
}
export interface Deployment {
  readonly id: string;
  readonly plan: Plan;
  state: State;
  readonly resources: Map<string, ResourceState>;
  outputs: Readonly<Record<string, { readonly type: string; readonly value: unknown }>>;
}

/** Why a resource cannot be made today; undefined: it can. */
export type Doom = (
  id: string,
) => { readonly code: string; readonly message: string; readonly status: number } | undefined;

export type Engine = ReturnType<typeof createEngine>;

export function createEngine(stock: Stock, doomed: Doom) {
  const deployments = new Map<string, Deployment>();

  const begin = (id: string, { template, parameters }: DeploymentProperties, scope: Scope): Deployment => {
    const given = Object.fromEntries(Object.entries(parameters).map(([name, { value }]) => [name, value]));
    const deployment: Deployment = {
      id,
      plan: planOf(template, given, scope),
      state: "Running",
      resources: new Map(),
      outputs: {},
    };
    deployments.set(id.toLowerCase(), deployment);
    return deployment;
  };
  const knowledge = (of: Deployment, planned: Planned | undefined): Knowledge => ({
    ...of.plan.knows,
    reference: (id, full) => {
      if (planned) orderedBefore(of.plan, planned, id);
      const deployment = deployments.get(id.toLowerCase());
      return deployment ? { outputs: deployment.outputs } : propertiesOf(stock.get(id), id, full);
    },
  });

  const nested = (of: Deployment, planned: Planned): void => {
    const { source, id, resourceGroup } = planned;
    const group = `/subscriptions/${of.plan.knows.subscriptionId}/resourceGroups/${resourceGroup}`;
    if (resourceGroup === undefined || !stock.has(group))
      throw new ArmError("ResourceGroupNotFound", `Resource group '${resourceGroup}' could not be found.`, 404);
    const { template, parameters, ...properties } = z
      .looseObject({ template: z.unknown(), parameters: z.unknown() })
      .parse(source.properties);
    // Scope "inner": only the parameters are the outer template's.
    const handed = workedOut(parameters, knowledge(of, planned));
    begin(id, propertiesSchema.parse({ ...properties, template, parameters: handed }), {
      subscriptionId: of.plan.knows.subscriptionId,
      resourceGroup,
    });
  };

  const start = (of: Deployment, planned: Planned): ResourceState => {
    try {
      const doom = doomed(planned.id);
      if (doom) throw new ArmError(doom.code, doom.message, doom.status);
      if (isNested(planned)) {
        nested(of, planned);
        return { planned, state: "Running" };
      }
      const { condition: _, dependsOn: __, ...body } = planned.source;
      const made = z.record(z.string(), z.unknown()).parse(workedOut(body, knowledge(of, planned)));
      stock.put(planned.id, planned.type, made);
      return { planned, state: "Succeeded" };
    } catch (error) {
      return { planned, state: "Failed", error: asArm(error) };
    }
  };

  const follow = ({ resources }: Deployment): void => {
    for (const [key, { planned, state }] of resources) {
      const inner = state === "Running" ? deployments.get(planned.id.toLowerCase()) : undefined;
      if (!inner) continue;
      step(inner);
      if (inner.state !== "Running") resources.set(key, ended(planned, inner));
    }
  };
  /** One wave: what waits for nested deployments goes on, what is ready is made. */
  const step = (of: Deployment): void => {
    follow(of);
    for (const planned of readyIn(of)) of.resources.set(planned.id.toLowerCase(), start(of, planned));
    finish(of, knowledge(of, undefined));
  };

  /** The record, or those of a whole resource group. */
  const forget = (id: string): void => {
    const one = id.toLowerCase();
    for (const key of deployments.keys()) if (key === one || key.startsWith(`${one}/`)) deployments.delete(key);
  };
  return { begin, step, get: (id: string) => deployments.get(id.toLowerCase()), forget };
}

const isNested = ({ type }: Planned) => type.toLowerCase() === "microsoft.resources/deployments";
const isUnwanted = ({ resources }: Plan, id: string) =>
  resources.some((one) => one.id.toLowerCase() === id && !one.wanted);

/** Nothing more is begun once something has failed. */
function readyIn({ plan, resources }: Deployment): readonly Planned[] {
  if ([...resources.values()].some(({ state }) => state === "Failed")) return [];
  const isDone = (id: string) => resources.get(id)?.state === "Succeeded" || isUnwanted(plan, id);
  return plan.resources.filter(
    (one) => one.wanted && !resources.has(one.id.toLowerCase()) && one.dependsOn.every(isDone),
  );
}

const ended = (planned: Planned, inner: Deployment): ResourceState =>
  inner.state === "Failed"
    ? {
        planned,
        state: "Failed",
        error: new ArmError("DeploymentFailed", JSON.stringify({ error: deploymentError(inner) }), 409),
      }
    : { planned, state: "Succeeded" };

function finish(of: Deployment, knows: Knowledge): void {
  const states = [...of.resources.values()].map(({ state }) => state);
  if (states.includes("Running")) return;
  if (states.includes("Failed")) of.state = "Failed";
  else if (of.plan.resources.filter(({ wanted }) => wanted).length === states.length) {
    of.outputs = Object.fromEntries(
      Object.entries(of.plan.outputs).map(([name, { type, value }]) => [
        name,
        { type, value: workedOut(value, knows) },
      ]),
    );
    of.state = "Succeeded";
  }
}

/** Resource Manager's own words, with each resource's error as text inside. */
export const deploymentError = ({ resources }: Deployment) => ({
  code: "DeploymentFailed",
  message:
    "At least one resource deployment operation failed. Please list deployment operations for details. " +
    "Please see https://aka.ms/arm-deployment-operations for usage details.",
  details: [...resources.values()].flatMap(({ planned, error }) =>
    error ? [{ code: error.code, target: planned.id, message: error.message }] : [],
  ),
});

const asArm = (error: unknown): ArmError =>
  error instanceof ArmError
    ? error
    : new ArmError("InvalidTemplate", error instanceof Error ? error.message : String(error));

/** What a resource is known as once it is made. */
function propertiesOf(found: Stored | undefined, id: string, full: boolean): unknown {
  if (!found) throw new ArmError("ResourceNotFound", `The Resource '${id}' was not found.`, 404);
  const properties = { ...z.looseObject({}).parse(found.body.properties ?? {}), ...found.added.properties };
  return full ? { ...found.body, identity: found.added.identity, properties } : properties;
}

/** @throws when the id is of this very template and nothing says that it comes first */
function orderedBefore(plan: Plan, planned: Planned, id: string): void {
  const isOwn = plan.resources.some((one) => one.id.toLowerCase() === id.toLowerCase());
  if (isOwn && !before(plan, planned).has(id.toLowerCase()))
    throw new Error(`'${planned.id}' reads '${id}' without depending on it`);
}

/** All that comes before a resource, in small letters. */
export function before({ resources }: Pick<Plan, "resources">, planned: Planned): ReadonlySet<string> {
  const direct = resources.filter((one) => planned.dependsOn.includes(one.id.toLowerCase()));
  return new Set(direct.flatMap((one) => [one.id.toLowerCase(), ...before({ resources }, one)]));
}
