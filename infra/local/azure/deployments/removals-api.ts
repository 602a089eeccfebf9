/** Taking away what was deployed, as ARM routes: a resource group with all that is in it, roles, who has them, and records. */
import { ArmError } from "../errors.ts";
import type { ArmReply, ArmRequest, Route } from "../route.ts";
import { ok } from "../route.ts";
import type { DeploymentsPlace } from "./deployments-api.ts";
import type { Stored } from "./stock.ts";

const GROUP = "/subscriptions/{subscription}/resourceGroups/{group}";
const AUTHORIZATION = "{scope*}/providers/Microsoft.Authorization";
const ROLE = /\/providers\/Microsoft\.Authorization\/roleDefinitions\/[^/]+$/i;
const ASSIGNMENT = /\/providers\/Microsoft\.Authorization\/roleAssignments\/[^/]+$/i;
const DONE: ArmReply = { status: 204 };

const lower = (text: string): string => text.toLowerCase();
const propertyOf = ({ body }: Stored, name: string): unknown => Reflect.get(Object(body.properties), name);

export function removalRoutes({ engine, stock, endpoint }: DeploymentsPlace): readonly Route[] {
  const inside = (group: string) => stock.list().filter(({ id }) => lower(id).startsWith(`${lower(group)}/`));
  const listed = (all: readonly Stored[]) =>
    ok({ value: all.map(({ id, body }) => ({ id, properties: JSON.parse(JSON.stringify(body.properties ?? {})) })) });
  // What hangs on another resource is listed with nothing.
  const isOfGroup = ({ id, type }: Stored) => type.split("/").length === 2 && !ASSIGNMENT.test(id);
  const resources = ({ path }: ArmRequest): ArmReply =>
    listed(inside(path.replace(/\/resources$/i, "")).filter(isOfGroup));
  const definitions = (): ArmReply => listed(stock.list().filter(({ id }) => ROLE.test(id)));
  const assignments = (): ArmReply => listed(stock.list().filter(({ id }) => ASSIGNMENT.test(id)));

  const removeGroup = ({ path }: ArmRequest): ArmReply => {
    if (!stock.has(path))
      throw new ArmError("ResourceGroupNotFound", `Resource group '${path}' could not be found.`, 404);
    for (const { id } of inside(path)) stock.drop(id);
    stock.drop(path);
    engine.forget(path);
    const [, subscription = ""] = /\/subscriptions\/([^/]+)/i.exec(path) ?? [];
    return {
      status: 202,
      headers: { location: `${endpoint()}/subscriptions/${subscription}/operationresults/1?api-version=2021-04-01` },
    };
  };
  // The first look comes too early.
  let looks = 0;
  const result = ({ path }: ArmRequest): ArmReply =>
    looks++ % 2 === 0
      ? { status: 202, headers: { location: `${endpoint()}${path}?api-version=2021-04-01` } }
      : { status: 200 };
  const removeRole = ({ path }: ArmRequest): ArmReply => {
    const holders = stock
      .list()
      .filter((one) => ASSIGNMENT.test(one.id) && lower(String(propertyOf(one, "roleDefinitionId"))) === lower(path));
    if (holders.length > 0)
      throw new ArmError(
        "RoleDefinitionHasAssignments",
        "There are existing role assignments referencing role (code: RoleDefinitionHasAssignments)",
        400,
      );
    return removeOne(path);
  };
  const removeOne = (path: string): ArmReply => (stock.drop(path) ? { status: 200 } : DONE);
  const removeRecord = ({ path }: ArmRequest): ArmReply => {
    engine.forget(path);
    return DONE;
  };
  return [
    { method: "GET", pattern: `${GROUP}/resources`, run: resources },
    {
      method: "GET",
      pattern: "/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions",
      run: definitions,
    },
    {
      method: "GET",
      pattern: "/subscriptions/{subscription}/providers/Microsoft.Authorization/roleAssignments",
      run: assignments,
    },
    { method: "GET", pattern: "/subscriptions/{subscription}/operationresults/{id}", run: result },
    { method: "DELETE", pattern: GROUP, run: removeGroup },
    { method: "DELETE", pattern: `${AUTHORIZATION}/roleDefinitions/{name}`, run: removeRole },
    { method: "DELETE", pattern: `${AUTHORIZATION}/roleAssignments/{name}`, run: ({ path }) => removeOne(path) },
    { method: "DELETE", pattern: "{scope*}/providers/Microsoft.Resources/deployments/{name}", run: removeRecord },
  ];
}
