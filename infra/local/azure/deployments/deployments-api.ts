/** The operations of Microsoft.Resources/deployments at a subscription, and reading of what was deployed, as ARM routes. */
import { z } from "zod";
import { ArmError } from "../errors.ts";
import { read } from "../json.ts";
import type { ArmReply, ArmRequest, Route } from "../route.ts";
import { type Deployment, deploymentError, type Engine, propertiesSchema, type ResourceState } from "./engine.ts";
import { removalRoutes } from "./removals-api.ts";
import type { Stock } from "./stock.ts";
import { changesOf } from "./what-if.ts";

const NAMED = "/subscriptions/{subscription}/providers/Microsoft.Resources/deployments/{name}";
const NESTED = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Resources/deployments/{name}";
const body = z.object({ location: z.string(), properties: propertiesSchema });

export interface DeploymentsPlace {
  readonly engine: Engine;
  readonly stock: Stock;
  /** "https://localhost:4711" */
  readonly endpoint: () => string;
}

export function deploymentRoutes(place: DeploymentsPlace): readonly Route[] {
  const { engine, stock, endpoint } = place;
  const foretold = new Map<string, unknown>();
  const scopeOf = ({ names }: ArmRequest) => ({ subscriptionId: names.subscription ?? "" });
  const found = ({ path }: ArmRequest): Deployment => {
    const one = engine.get(path.replace(/\/operations$/i, ""));
    if (one) return one;
    throw new ArmError("DeploymentNotFound", `Deployment '${path}' could not be found.`, 404);
  };
  const put = (request: ArmRequest): ArmReply => {
    const { properties } = read(body, request.body);
    const deployment = engine.begin(request.path, properties, scopeOf(request));
    const status = `${endpoint()}${request.path}/operationStatuses/1?api-version=2024-03-01`;
    return { status: 201, body: shown(deployment), headers: { "azure-asyncoperation": status } };
  };
  const status = ({ path }: ArmRequest): ArmReply => {
    const deployment = engine.get(path.replace(/\/operationStatuses\/.*$/i, ""));
    if (!deployment) throw new ArmError("NotFound", "The operation was not found.", 404);
    engine.step(deployment);
    const { state } = deployment;
    return {
      status: 200,
      body: { status: state, ...(state === "Failed" ? { error: deploymentError(deployment) } : {}) },
    };
  };
  const whatIf = (request: ArmRequest): ArmReply => {
    const { properties } = read(body, request.body);
    const changes = changesOf(properties, scopeOf(request), stock);
    foretold.set(request.path.toLowerCase(), { status: "Succeeded", properties: { changes } });
    const location = `${endpoint()}${request.path}Results/1?api-version=2024-03-01`;
    return { status: 202, headers: { location } };
  };
  // The first look comes too early, as it does in Azure.
  const looks = new Set<string>();
  const whatIfResult = ({ path }: ArmRequest): ArmReply => {
    const key = path.toLowerCase().replace(/results\/1$/, "");
    if (looks.delete(key)) return { status: 200, body: foretold.get(key) };
    looks.add(key);
    return { status: 202, headers: { location: `${endpoint()}${path}?api-version=2024-03-01` } };
  };
  const resource = ({ path }: ArmRequest): ArmReply => {
    const one = stock.get(path);
    if (!one) throw new ArmError("ResourceNotFound", `The Resource '${path}' was not found.`, 404);
    const properties = { ...z.looseObject({}).parse(one.body.properties ?? {}), ...one.added.properties };
    return { status: 200, body: { ...one.body, id: one.id, properties } };
  };
  return [
    { method: "PUT", pattern: NAMED, action: "Microsoft.Resources/deployments/write", run: put },
    {
      method: "POST",
      pattern: `${NAMED}/whatIf`,
      action: "Microsoft.Resources/deployments/whatIf/action",
      run: whatIf,
    },
    { method: "GET", pattern: `${NAMED}/whatIfResults/{id}`, run: whatIfResult },
    { method: "GET", pattern: `${NAMED}/operationStatuses/{id}`, run: status },
    ...[NAMED, NESTED].flatMap((pattern): readonly Route[] => [
      { method: "GET", pattern, run: (request) => ({ status: 200, body: shown(found(request)) }) },
      {
        method: "GET",
        pattern: `${pattern}/operations`,
        run: (request) => ({ status: 200, body: operationsOf(found(request)) }),
      },
    ]),
    ...removalRoutes(place),
    { method: "GET", pattern: "/subscriptions/{rest*}", run: resource },
  ];
}

const shown = (deployment: Deployment) => ({
  id: deployment.id,
  name: deployment.id.split("/").at(-1),
  type: "Microsoft.Resources/deployments",
  properties: {
    provisioningState: deployment.state,
    outputs: deployment.outputs,
    ...(deployment.state === "Failed" ? { error: deploymentError(deployment) } : {}),
  },
});

const operationsOf = ({ id, resources }: Deployment) => ({
  value: [...resources.values()].map((one, index) => ({
    id: `${id}/operations/${index}`,
    operationId: String(index),
    properties: operationOf(one),
  })),
});

const operationOf = ({ planned, state, error }: ResourceState) => ({
  provisioningOperation: "Create",
  provisioningState: state,
  targetResource: { id: planned.id, resourceType: planned.type, resourceName: planned.id.split("/").at(-1) },
  ...(error
    ? {
        statusCode: REASONS[error.status] ?? "BadRequest",
        statusMessage: { error: { code: error.code, message: error.message } },
      }
    : { statusCode: "Created" }),
});

const REASONS: Readonly<Record<number, string>> = { 403: "Forbidden", 404: "NotFound", 409: "Conflict" };
