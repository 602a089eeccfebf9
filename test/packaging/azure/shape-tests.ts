/** The template as a document: complete, in order, documented, without a secret, and small enough for Azure. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { before } from "../../../infra/local/azure/deployments/engine.ts";
import { lastOf, ofType, type PackagedAzure, siteOf } from "./packaged-azure.ts";

const MOST_BYTES = 4_000_000;
const MOST_RESOURCES = 800;
const MOST_PARAMETERS = 256;

const siteBody = z.object({
  properties: z.looseObject({
    httpsOnly: z.literal(true),
    functionAppConfig: z.object({
      deployment: z.object({
        storage: z.object({ type: z.string(), value: z.string(), authentication: z.record(z.string(), z.string()) }),
      }),
      runtime: z.object({ name: z.string(), version: z.string() }),
      scaleAndConcurrency: z.looseObject({ instanceMemoryMB: z.number(), maximumInstanceCount: z.number() }),
    }),
  }),
});

export function shapeTests(service: () => PackagedAzure): void {
  test("says of every parameter what it is", () => {
    for (const [name, declared] of Object.entries(service().template.parameters)) {
      const { description } = z.object({ description: z.string() }).parse(declared.metadata);
      assert.match(description, /^[A-Z].{10,}\.$/s, name);
    }
  });

  test("names an api-version for every resource, nested ones too", () => {
    for (const { resources } of service().plans)
      for (const { id, source } of resources) assert.match(source.apiVersion, /^20\d\d-\d\d-\d\d$/, id);
  });

  test("makes nothing before what it names", () => {
    const early = service().plans.flatMap((plan) => {
      const own = plan.resources.filter(({ type }) => !/deployments$/i.test(type));
      return own.flatMap((planned) => {
        const earlier = before(plan, planned);
        const others = own.filter((other) => other !== planned && !earlier.has(other.id.toLowerCase()));
        return others.filter(({ id }) => names(service(), planned.id, id)).map(({ id }) => `${planned.id} names ${id}`);
      });
    });
    assert.deepEqual(early, []);
  });

  test("depends on nothing twice", () => {
    for (const { resources } of service().plans)
      for (const { id, dependsOn } of resources) assert.equal(new Set(dependsOn).size, dependsOn.length, id);
  });

  test("keeps names that the whole world shares apart from those of other deployments", () => {
    const types = ["Microsoft.Storage/storageAccounts", "Microsoft.Web/sites", "Microsoft.ServiceBus/namespaces"];
    const found = types.flatMap((type) => ofType(service(), type));
    assert.equal(found.length, service().apps.length * 2 + 2);
    for (const { id } of found) assert.match(lastOf(id), /[a-z0-9]{13}$/, id);
    assert.equal(new Set(found.map(({ id }) => lastOf(id))).size, found.length);
  });

  test("stays within what Azure takes", () => {
    assert.ok(Buffer.byteLength(service().templateText) < MOST_BYTES);
    assert.ok(Object.keys(service().template.parameters).length <= MOST_PARAMETERS);
    for (const { resources } of service().plans) assert.ok(resources.length <= MOST_RESOURCES);
  });

  test("names no subscription, no tenant and no secret's value", () => {
    const text = service().templateText.replaceAll(/"\/subscriptions\/[^"]*vaults\/edge-keys"/g, '""');
    assert.deepEqual(text.match(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi), null);
    assert.doesNotMatch(text, /listKeys|AccountKey=|SharedAccessKey|securestring|password["']?\s*:/i);
  });

  test("runs every function on a Node that Azure supports, from a container that only its identity opens", () => {
    for (const { name } of service().apps) {
      const { functionAppConfig } = siteBody.parse(siteOf(service(), name).body).properties;
      assert.deepEqual(functionAppConfig.runtime, { name: "node", version: "22" }, name);
      const { storage } = functionAppConfig.deployment;
      assert.match(storage.value, /^https:\/\/lg[a-z0-9]{13}\.blob\.core\.windows\.net\/code$/);
      assert.equal(storage.authentication.type, "UserAssignedIdentity");
      assert.equal(lastOf(storage.authentication.userAssignedIdentityResourceId ?? ""), `lifeguard-${name}`);
    }
  });

  test("opens no account by key, no site by password", () => {
    for (const { id, body } of ofType(service(), "Microsoft.Storage/storageAccounts")) {
      const properties = z.record(z.string(), z.unknown()).parse(body.properties);
      assert.equal(properties.allowSharedKeyAccess, false, id);
      assert.equal(properties.allowBlobPublicAccess, false, id);
    }
    const policies = ofType(service(), "Microsoft.Web/sites/basicPublishingCredentialsPolicies");
    assert.equal(policies.length, service().apps.length * 2);
    for (const { id, body } of policies) assert.deepEqual(body.properties, { allow: false }, id);
  });

  test("puts each app on a plan of its own, as Flex Consumption asks", () => {
    const plans = ofType(service(), "Microsoft.Web/serverfarms");
    assert.deepEqual(
      plans.map(({ body }) => body.sku),
      service().apps.map(() => ({ tier: "FlexConsumption", name: "FC1" })),
    );
    assert.equal(
      new Set(
        service().apps.map(({ name }) =>
          JSON.stringify(siteBody.parse(siteOf(service(), name).body).properties.serverFarmId),
        ),
      ).size,
      plans.length,
    );
  });
}

/** The resource's body has the id of the other, or of something inside of it. */
function names({ resources }: PackagedAzure, id: string, other: string): boolean {
  const body = JSON.stringify(resources.find((one) => one.id === id)?.body ?? {}).toLowerCase();
  return [`${other.toLowerCase()}"`, `${other.toLowerCase()}/`].some((part) => body.includes(part));
}
