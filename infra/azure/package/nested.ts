/** Nested deployments: a template inside of the template, about one resource group, that sees only what is handed to it. */
import { type Code, expression, parameter, quoted } from "./expressions.ts";
import type { ArmResource, Parameter } from "./service.ts";

export const SCHEMAS = "https://schema.management.azure.com/schemas";
export const RESOURCES_VERSION = "2024-03-01";
const DEPLOYMENT = "Microsoft.Resources/deployments";

export interface Template {
  readonly $schema: string;
  readonly contentVersion: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly variables?: Readonly<Record<string, string>>;
  readonly resources: readonly ArmResource[];
  readonly outputs?: Readonly<Record<string, unknown>>;
}

export interface Nested {
  /** The resource group it is about. */
  readonly group: Code;
  /** Names of those that it takes over from outside. */
  readonly parameters: readonly string[];
  readonly declared: Readonly<Record<string, Parameter>>;
  readonly variables?: Readonly<Record<string, string>>;
  readonly dependsOn: readonly Code[];
  readonly resources: readonly ArmResource[];
  readonly outputs?: Readonly<Record<string, unknown>>;
}

export function nestedDeployment(
  name: string,
  { group, parameters, declared, dependsOn, ...inside }: Nested,
): ArmResource {
  const template: Template = {
    $schema: `${SCHEMAS}/2019-04-01/deploymentTemplate.json#`,
    contentVersion: "1.0.0.0",
    parameters: Object.fromEntries(parameters.map((one) => [one, { type: declared[one]?.type ?? "string" }])),
    ...inside,
  };
  return {
    type: DEPLOYMENT,
    apiVersion: RESOURCES_VERSION,
    name,
    resourceGroup: expression(group),
    dependsOn: dependsOn.map(expression),
    properties: {
      mode: "Incremental",
      // Its resourceGroup() is its own, not the subscription's.
      expressionEvaluationOptions: { scope: "inner" },
      parameters: Object.fromEntries(parameters.map((one) => [one, { value: expression(parameter(one)) }])),
      template,
    },
  };
}

/** @param group  code of the resource group's name */
export const nestedId = (name: string, group: Code): Code =>
  `resourceId(subscription().subscriptionId, ${group}, ${quoted(DEPLOYMENT)}, ${quoted(name)})`;
