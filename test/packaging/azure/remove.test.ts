/** Removing from the local Azure what was deployed to it: listed first, then gone, and nothing of others with it. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Arm } from "../../../infra/azure/deploy/arm.ts";
import { deployWith, readDeployment, removalOf, removeWith } from "../../../infra/azure/deploy/deploy-service.ts";
import { localDeployments, wait } from "./local-deployments.ts";
import { existingSecrets, SUBSCRIPTION } from "./packaged-azure.ts";

const provider = {
  stage: "production",
  location: "westeurope",
  subscriptionId: SUBSCRIPTION,
  armEndpoint: "https://localhost",
};
const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/lifeguard-production`;
const resources = { parameters: { resourceGroupName: { defaultValue: "lifeguard-production" } } };
const removal = removalOf({ service: "lifeguard", provider, resources });

describe("serverless remove from Azure", () => {
  const { service, server, open } = localDeployments();
  const deletions = () =>
    server()
      .calls()
      .filter((call) => call.startsWith("DELETE"));

  /** Deployed, with what was there before. */
  const deployed = async (): Promise<Arm> => {
    const arm = await open();
    const { folder } = service();
    await deployWith({ arm, wait, say: () => {} }, await readDeployment("lifeguard", provider, folder), folder);
    return arm;
  };
  const removed = async (arm: Arm, isAsked = false): Promise<readonly string[]> => {
    const said: string[] = [];
    await removeWith({ arm, wait, say: (line) => void said.push(line) }, removal, isAsked);
    return said;
  };

  test("leaves nothing of the deployment, and everything that was there before", async () => {
    const arm = await deployed();
    const said = await removed(arm);
    assert.deepEqual(
      server()
        .stock.list()
        .map(({ id }) => id)
        .sort(),
      Object.keys(existingSecrets()).sort(),
    );
    assert.match(said.at(-1) ?? "", /^removed; the Key Vault/);
    assert.ok(said.includes("  Deleted    resourceGroups/lifeguard-production"), said.join("\n"));
  });

  test("says what would go before anything goes, and what-if-removed deletes nothing", async () => {
    const arm = await deployed();
    const asked = await removed(arm, true);
    assert.deepEqual(deletions(), []);
    assert.match(asked.at(-1) ?? "", /^\d+ Delete$/);
    for (const line of [
      /^ {2}- Microsoft\.Web\/sites\/lifeguard-drain-continued-\w+$/,
      /^ {2}- Microsoft\.Authorization\/roleDefinitions\//,
      /^ {2}- Microsoft\.Authorization\/roleAssignments\//,
      /^ {2}- resourceGroups\/lifeguard-production$/,
    ])
      assert.ok(
        asked.some((one) => line.test(one)),
        `${line}: ${asked.join("\n")}`,
      );
    const said = await removed(arm);
    assert.deepEqual(said.slice(0, asked.length), asked);
  });

  test("takes grants before what they grant, and its own record last", async () => {
    const arm = await deployed();
    await removed(arm);
    const at = (pattern: RegExp) => deletions().flatMap((call, index) => (pattern.test(call) ? [index] : []));
    const [group = -1] = at(/resourceGroups\/lifeguard-production$/);
    assert.ok(Math.max(...at(/roleAssignments/)) < group);
    assert.ok(group < Math.min(...at(/roleDefinitions/)));
    assert.deepEqual(at(/\/subscriptions\/[^/]+\/providers\/Microsoft\.Resources\/deployments/), [
      deletions().length - 1,
    ]);
  });

  test("can be repeated, also when it ended in the middle", async () => {
    const arm = await deployed();
    const broken: Arm = {
      ...arm,
      send: async (call) => {
        if (call.method === "DELETE" && call.url.includes("roleDefinitions"))
          return { status: 403, body: { error: { code: "AuthorizationFailed", message: "no right" } }, headers: {} };
        return arm.send(call);
      },
    };
    await assert.rejects(removed(broken), {
      name: "DeployError",
      message: /roleDefinitions.*403[\s\S]*AuthorizationFailed no right/,
    });
    await removed(arm);
    assert.equal(server().stock.list().length, Object.keys(existingSecrets()).length);
    assert.deepEqual((await removed(arm, true)).at(-1), "nothing is left of it");
  });

  test("takes roles of functions that are deployed no longer, and none of another stage", async () => {
    const arm = await deployed();
    const roles = server()
      .stock.list()
      .filter(({ type }) => type.endsWith("/roleDefinitions"));
    const [one] = roles;
    assert.ok(one);
    const name = String(Reflect.get(Object(one.body.properties), "roleName"));
    const add = (id: string, roleName: string) =>
      server().stock.put(
        `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/${id}`,
        one.type,
        {
          properties: { roleName },
        },
      );
    add("old", `lifeguard production old-function ${name.split(" ").at(-1)}`);
    add("staging", `lifeguard staging old-function ${name.split(" ").at(-1)}`);
    add("elsewhere", "lifeguard production old-function another");
    await removed(arm);
    const left = server()
      .stock.list()
      .filter(({ type }) => type.endsWith("/roleDefinitions"))
      .map(({ id }) => id.split("/").at(-1) ?? "");
    assert.deepEqual(left.sort(), ["elsewhere", "staging"]);
  });

  test("deletes nothing where the group holds what others made", async () => {
    const arm = await deployed();
    server().stock.seed(`${GROUP}/providers/Microsoft.Compute/disks/mine`, "Microsoft.Compute/disks");
    await assert.rejects(removed(arm), {
      name: "DeployError",
      message: /holds what this deployment has not made.*Nothing was deleted:\n {2}Microsoft\.Compute\/disks\/mine$/,
    });
    assert.deepEqual(deletions(), []);
  });

  test("takes what Application Insights made beside itself for no one else's", async () => {
    const arm = await deployed();
    server().stock.seed(
      `${GROUP}/providers/microsoft.insights/actionGroups/Application Insights Smart Detection`,
      "microsoft.insights/actionGroups",
    );
    assert.match((await removed(arm)).at(-1) ?? "", /^removed;/);
  });

  test("deletes nothing where the group is somebody else's", async () => {
    const arm = await open({ [GROUP]: "Microsoft.Resources/resourceGroups" });
    await assert.rejects(removed(arm), { name: "DeployError", message: /has not the tags service=lifeguard/ });
    assert.deepEqual(deletions(), []);
  });

  test("says which setting is missing", () => {
    assert.throws(() => removalOf({ service: "lifeguard", provider: { ...provider, subscriptionId: "" }, resources }), {
      name: "DeployError",
      message: /AZURE_SUBSCRIPTION_ID/,
    });
  });
});
