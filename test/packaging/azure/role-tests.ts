/** Roles: one identity per function, each with exactly the actions that its code can call and the data that it handles. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { PURE } from "../../../infra/local/azure/deployments/expression-functions.ts";
import type { Stored } from "../../../infra/local/azure/deployments/stock.ts";
import { lastOf, ofType, type PackagedAzure, SUBSCRIPTION, siteOf } from "./packaged-azure.ts";
import { ACTIONS, BEHIND_ANOTHER, GRANTS, NOT_SHIPPED, ON_DATA } from "./permissions.ts";

const roleBody = z.object({
  properties: z.object({
    roleName: z.string(),
    permissions: z.tuple([
      z.object({
        actions: z.array(z.string()),
        dataActions: z.array(z.string()),
        notActions: z.array(z.string()).length(0),
        notDataActions: z.array(z.string()).length(0),
      }),
    ]),
    assignableScopes: z.array(z.string()),
  }),
});
const assignmentBody = z.object({
  scope: z.string().optional(),
  properties: z.object({ roleDefinitionId: z.string(), principalId: z.string(), principalType: z.string() }),
});
const siteBody = z.object({ identity: z.object({ userAssignedIdentities: z.record(z.string(), z.unknown()) }) });

/** Azure's management actions that a bundle names: our code says them where it calls. */
const NAMED = /Microsoft\.[A-Za-z]+\/[A-Za-z/]+\/(?:read|write|delete|action)\b/g;

export function roleTests(service: () => PackagedAzure): void {
  const roles = () =>
    ofType(service(), "Microsoft.Authorization/roleDefinitions").map(({ id, body }) => {
      const { roleName, permissions, assignableScopes } = roleBody.parse(body).properties;
      // "lifeguard production drain-continued 4f…"
      return { id, what: roleName.split(" ")[2] ?? "", assignableScopes, ...permissions[0] };
    });
  const assignments = () =>
    ofType(service(), "Microsoft.Authorization/roleAssignments").map(({ body }) => {
      const { scope, properties } = assignmentBody.parse(body);
      const role = roles().find(({ id }) => id === properties.roleDefinitionId);
      return { scope, role: role?.what ?? "?", principal: holderOf(service(), properties.principalId) };
    });

  test("gives every function app an identity of its own", () => {
    const identities = service().apps.map(({ name }) => {
      const { identity } = siteBody.parse(siteOf(service(), name).body);
      return Object.keys(identity.userAssignedIdentities).map(lastOf);
    });
    assert.deepEqual(
      identities,
      service().apps.map(({ name }) => [`lifeguard-${name}`]),
    );
  });

  test("allows nothing by wildcard", () => {
    for (const { what, actions, dataActions } of roles())
      for (const action of [...actions, ...dataActions])
        assert.match(action, /^Microsoft\.[A-Za-z]+(\/[A-Za-z]+)+$/i, `${what} allows ${action}`);
  });

  test("defines every role for this subscription alone", () => {
    for (const { what, assignableScopes } of roles())
      assert.deepEqual(assignableScopes, [`/subscriptions/${SUBSCRIPTION}`], what);
  });

  test("allows each function the management actions that the reviewed table gives it, no more and no fewer", () => {
    const found = roles().filter(({ dataActions }) => dataActions.length === 0);
    assert.deepEqual(
      Object.fromEntries(found.map(({ what, actions }) => [what, [...actions].sort()])),
      Object.fromEntries(Object.entries(ACTIONS).map(([app, actions]) => [app, [...actions].sort()])),
    );
  });

  test("gives a role of management actions to the one identity that it is named after, over the subscription", () => {
    const wide = assignments().filter(({ scope }) => scope === undefined);
    assert.deepEqual(
      wide.map(({ role, principal }) => `${principal}: ${role}`).sort(),
      Object.keys(ACTIONS)
        .map((app) => `${app}: ${app}`)
        .sort(),
    );
  });

  test("gives rights on data on one resource each, as the reviewed table says", () => {
    const narrow = assignments().flatMap(({ scope, role, principal }) =>
      scope === undefined ? [] : [`${principal}: ${role} on ${scopeName(service(), scope, principal)}`],
    );
    assert.deepEqual(narrow.sort(), [...GRANTS].sort());
  });

  test("has in each bundle the call behind every action that it is allowed", () => {
    for (const { name, bundle } of service().apps) {
      const named = namedIn(bundle);
      for (const action of (ACTIONS[name] ?? []).filter((one) => !(one in BEHIND_ANOTHER)))
        assert.ok(named.has(action.toLowerCase()), `${name} is allowed ${action} but cannot call it`);
    }
  });

  test("allows somebody every action that a bundle names", () => {
    const allowed = new Set([...Object.values(ACTIONS).flat(), ...ON_DATA].map((one) => one.toLowerCase()));
    for (const { name, bundle } of service().apps)
      for (const action of namedIn(bundle)) assert.ok(allowed.has(action), `${name} names ${action}`);
  });

  test("lets nobody give rights", () => {
    for (const { what, actions } of roles()) assert.doesNotMatch(actions.join(), NOT_SHIPPED, what);
    const asking = service().apps.filter(({ bundle }) => NOT_SHIPPED.test(bundle));
    assert.deepEqual(
      asking.map(({ name }) => name),
      ["pool-continued"],
    );
  });

  test("has no reason in the table for an action that nobody is allowed", () => {
    const allowed = new Set(Object.values(ACTIONS).flat());
    for (const action of Object.keys(BEHIND_ANOTHER)) assert.ok(allowed.has(action), action);
  });
}

const namedIn = (bundle: string): ReadonlySet<string> =>
  new Set([...bundle.matchAll(NAMED)].map(([action]) => action.toLowerCase()));

/** The function, or the topic, whose principal it is. */
function holderOf(service: PackagedAzure, principalId: string): string {
  const holds = (one: Stored) => PURE.guid?.(`principal ${one.id.toLowerCase()}`) === principalId;
  const found = service.resources.find(holds);
  const name = lastOf(found?.id ?? "").replace(/^lifeguard-/, "");
  return found?.type === "Microsoft.EventGrid/systemTopics" ? `topic ${name}` : name;
}

function scopeName(service: PackagedAzure, scope: string, principal: string): string {
  if (!/\/storageAccounts\/[^/]+$/.test(scope)) return lastOf(scope);
  const settings = z
    .object({
      properties: z.looseObject({
        siteConfig: z.object({ appSettings: z.array(z.object({ name: z.string(), value: z.string() })) }),
      }),
    })
    .parse(siteOf(service, principal).body).properties.siteConfig.appSettings;
  const own = settings.find(({ name }) => name === "AzureWebJobsStorage__accountName")?.value;
  return lastOf(scope) === own ? "its own storage account" : lastOf(scope);
}
