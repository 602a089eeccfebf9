/** Deploying to the local Azure, over TLS: what would change is said first, progress is told, and a failure in full. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Arm } from "../../../infra/azure/deploy/arm.ts";
import { deployWith, readDeployment } from "../../../infra/azure/deploy/deploy-service.ts";
import type { Deployment } from "../../../infra/azure/deploy/deployment.ts";
import { whatIf } from "../../../infra/azure/deploy/what-if.ts";
import { localDeployments, wait } from "./local-deployments.ts";
import { existingSecrets, SUBSCRIPTION } from "./packaged-azure.ts";

describe("serverless deploy to Azure", () => {
  const { service, server, open } = localDeployments();

  const deployment = (): Promise<Deployment> => readDeployment("lifeguard", providerOf(SUBSCRIPTION), service().folder);
  const deployTo = async (arm: Arm) => {
    const said: string[] = [];
    await deployWith({ arm, wait, say: (line) => void said.push(line) }, await deployment(), service().folder);
    return said;
  };

  test("says what would change before it changes anything", async () => {
    const arm = await open();
    const lines = await whatIf(arm, await deployment(), wait);
    assert.equal(server().stock.list().length, Object.keys(existingSecrets()).length);
    assert.ok(lines.includes(`  + Microsoft.ServiceBus/namespaces/${busName(lines)}`), lines.join("\n"));
    assert.match(lines.at(-1) ?? "", /^\d+ Create$/);
    const said = await deployTo(arm);
    assert.deepEqual(said.slice(1, lines.length + 1), lines);
    assert.deepEqual(
      server()
        .calls()
        .filter((call) => /whatIf$|^PUT/.test(call))
        .map((call) => call.split(" ")[0]),
      ["POST", "POST", "PUT", "PUT"],
    );
  });

  test("brings the code before Event Grid is told of the functions", async () => {
    const said = await deployTo(await open());
    const published = server()
      .publishing.done()
      .map(({ functionName }) => functionName);
    assert.deepEqual(
      [...published].sort(),
      service().apps.map(({ name }) => name),
    );
    const puts = server()
      .calls()
      .map((call, at) => ({ call, at }));
    const [first, second] = puts.filter(({ call }) => call.startsWith("PUT")).map(({ at }) => at);
    const zips = puts.filter(({ call }) => call.includes("/api/publish")).map(({ at }) => at);
    assert.equal(zips.length, service().apps.length);
    for (const at of zips) assert.ok(at > (first ?? 0) && at < (second ?? 0));
    assert.match(
      said.at(-1) ?? "",
      /^deployed; the audit webhook posts to https:\/\/lifeguard-audit-received-\w+\.azurewebsites\.net\/api\/audit$/,
    );
    assert.ok(
      server()
        .stock.list()
        .some(({ type }) => type === "Microsoft.EventGrid/systemTopics/eventSubscriptions"),
    );
  });

  test("tells of every resource as it is made, those of nested deployments too", async () => {
    const said = await deployTo(await open());
    for (const made of [
      /Succeeded {2}resourceGroups\/lifeguard-production/,
      /Succeeded {2}Microsoft\.Web\/sites\/lifeguard-drain-continued-\w+$/,
      /Running {4}Microsoft\.Resources\/deployments\/lifeguard-production-service/,
    ])
      assert.ok(
        said.some((line) => made.test(line)),
        String(made),
      );
  });

  test("changes nothing the second time, and says so", async () => {
    const arm = await open();
    await deployTo(arm);
    const lines = await whatIf(arm, await deployment(), wait);
    assert.match(lines.join("\n"), /^\d+ NoChange$/);
  });

  test("shows old and new of a setting that changes", async () => {
    const arm = await open();
    await deployTo(arm);
    const changed = {
      ...(await deployment()),
      parameters: { nodeVersion: { value: "24" }, logRetentionDays: { value: 90 } },
    };
    const lines = await whatIf(arm, changed, wait);
    assert.ok(lines.includes('      ~ properties.functionAppConfig.runtime.version: "22" -> "24"'), lines.join("\n"));
    assert.ok(lines.includes("      ~ properties.retentionInDays: 30 -> 90"), lines.join("\n"));
    assert.match(lines.at(-1) ?? "", /^8 Modify, \d+ NoChange$/);
  });

  test("shows a failure in full: the nested error, and each resource that failed", async () => {
    const arm = await open();
    server().fail((id) =>
      id.includes("/Microsoft.Web/sites/lifeguard-drain-continued")
        ? {
            code: "BadRequest",
            status: 409,
            message: JSON.stringify({
              Code: "BadRequest",
              code: "BadRequest",
              message: "Flex Consumption is not offered in westeurope.",
              details: [{ code: "QuotaExceeded", message: "0 of 250 left" }],
            }),
          }
        : undefined,
    );
    const message = await refused(deployTo(arm));
    const lines = message.split("\n");
    assert.equal(lines[0], "the deployment lifeguard-production-westeurope failed:");
    assert.match(
      message,
      /DeploymentFailed .*\n +DeploymentFailed \(\/subscriptions\/.*lifeguard-production-service\)/,
    );
    const from = lines.indexOf("what failed, resource by resource:");
    assert.match(lines[from + 1] ?? "", /^ {2}Microsoft\.Web\/sites\/lifeguard-drain-continued-\w+ \(Conflict\)$/);
    assert.deepEqual(lines.slice(from + 2, from + 5), [
      "    BadRequest",
      "      BadRequest Flex Consumption is not offered in westeurope.",
      "        QuotaExceeded 0 of 250 left",
    ]);
    assert.equal(server().publishing.done().length, 0);
  });

  test("repeats a deployment that failed", async () => {
    const arm = await open();
    server().fail((id) =>
      /vaults.*roleAssignments/.test(id)
        ? { code: "AuthorizationFailed", status: 403, message: "no right to write role assignments" }
        : undefined,
    );
    assert.match(await refused(deployTo(arm)), /AuthorizationFailed no right to write role assignments/);
    server().fail(() => undefined);
    assert.match((await deployTo(arm)).at(-1) ?? "", /^deployed;/);
  });

  test("ends before anything is changed when the template is refused", async () => {
    const arm = await open();
    const wrong = { ...(await deployment()), parameters: { nodeVersion: { value: "18" } } };
    const said: string[] = [];
    const message = await refused(
      deployWith({ arm, wait, say: (line) => void said.push(line) }, wrong, service().folder),
    );
    assert.match(
      message,
      /refused \(HTTP 400\):\n {2}InvalidTemplate .*'nodeVersion' is not valid: it is none of 22, 24/,
    );
    assert.deepEqual(
      server()
        .calls()
        .filter((call) => call.startsWith("PUT")),
      [],
    );
  });

  test("says which app took no zip, with its own log, after all were tried", async () => {
    const arm = await open();
    server().refuseZips((site) => (site.includes("pool-continued") ? "The package is corrupt." : undefined));
    const message = await refused(deployTo(arm));
    assert.match(
      message,
      /^pool-continued: publishing its zip failed: The package is corrupt\.\n {2}Preparing deployment\./,
    );
    assert.equal(server().publishing.done().length, service().apps.length - 1);
  });

  test("says which settings are missing", async () => {
    await assert.rejects(readDeployment("lifeguard", providerOf(""), service().folder), {
      name: "DeployError",
      message: "set AZURE_SUBSCRIPTION_ID to deploy; the head of infra/azure/provider.yml says what they are",
    });
  });
});

const providerOf = (subscriptionId: string) => ({
  stage: "production",
  location: "westeurope",
  subscriptionId,
  armEndpoint: "https://localhost",
});
const busName = (lines: readonly string[]) =>
  lines.map((line) => /namespaces\/(lifeguard-\w+)$/.exec(line)?.[1]).find(Boolean) ?? "none";

async function refused(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Error && error.name === "DeployError", String(error));
  return error.message;
}
