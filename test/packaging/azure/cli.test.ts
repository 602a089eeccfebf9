/** The command line as a person uses it: `serverless what-if` and `serverless deploy`, signed in by a managed identity. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { type DeploymentsServer, startDeployments } from "../../../infra/local/azure/deployments/server.ts";
import { sealed } from "../package-folder.ts";
import { existingSecrets, type PackagedAzure, packagedAzure, SUBSCRIPTION, VAULT_ID } from "./packaged-azure.ts";

const cli = createRequire(import.meta.url).resolve("serverless/bin/serverless.js");

interface Said {
  readonly code: number;
  readonly text: string;
}

describe("the command line", () => {
  let packaged: PackagedAzure | undefined;
  let azure: DeploymentsServer | undefined;
  let identity: Server | undefined;
  const server = () => azure ?? assert.fail("no server runs");

  before(async () => {
    packaged = await packagedAzure();
    azure = await startDeployments({ existing: existingSecrets() });
    identity = createServer((_, response) => {
      const body = {
        access_token: "of-an-identity",
        expires_on: "4102444800",
        resource: "https://management.azure.com",
      };
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => identity?.listen(0, "127.0.0.1", resolve));
    await writeFile(path.join(packaged.folder, "ca.pem"), azure.caPem);
  });
  after(async () => {
    identity?.closeAllConnections();
    identity?.close();
    await azure?.stop();
    await packaged?.remove();
  });

  const run = async (
    command: string,
    settings: Readonly<Record<string, string>> = {},
    stage = "staging",
  ): Promise<Said> => {
    const folder = packaged?.folder ?? assert.fail("nothing was packaged");
    const address = identity?.address();
    assert.ok(typeof address === "object" && address !== null);
    const child = spawn(process.execPath, [cli, command, "--stage", stage], {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
      env: sealed({
        CLOUD: "azure",
        AZURE_SUBSCRIPTION_ID: SUBSCRIPTION,
        LIFEGUARD_KEY_VAULT_ID: VAULT_ID,
        LIFEGUARD_ARM_ENDPOINT: server().endpoint,
        NODE_EXTRA_CA_CERTS: path.join(folder, "ca.pem"),
        IDENTITY_ENDPOINT: `http://127.0.0.1:${address.port}/msi/token`,
        IDENTITY_HEADER: "edge",
        ...settings,
      }),
    });
    const said: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => said.push(text));
    const code = await new Promise<number>((resolve) => child.once("close", (ended) => resolve(ended ?? 1)));
    return { code, text: said.join("") };
  };

  test("what-if packages, asks Azure, and changes nothing", async () => {
    const { code, text } = await run("what-if");
    assert.equal(code, 0, text);
    assert.match(text, /\+ resourceGroups\/lifeguard-staging/);
    assert.match(text, /\d+ Create/);
    assert.deepEqual(
      server()
        .calls()
        .filter((call) => call.startsWith("PUT")),
      [],
    );
  });

  test("deploy without its settings ends with their names and no stack", async () => {
    const { code, text } = await run("deploy", { AZURE_SUBSCRIPTION_ID: "", LIFEGUARD_KEY_VAULT_ID: "" });
    assert.equal(code, 1);
    assert.match(text, /set AZURE_SUBSCRIPTION_ID and LIFEGUARD_KEY_VAULT_ID to deploy/);
    assert.doesNotMatch(text, /at readDeployment|node:internal/);
  });

  test("a stage that would make names too long ends with the reason", async () => {
    const { code, text } = await run("package", {}, "a-stage-with-far-too-long-a-name");
    assert.equal(code, 1);
    assert.match(text, /provider\.stage: a stage has at most 20 lower-case letters, digits and dashes/);
  });

  test("deploy goes all the way", async () => {
    const { code, text } = await run("deploy");
    assert.equal(code, 0, text);
    assert.match(text, /deployed; the audit webhook posts to https:\/\/lifeguard-audit-received-/);
    assert.equal(server().publishing.done().length, packaged?.apps.length);
    assert.ok(server().stock.has(`/subscriptions/${SUBSCRIPTION}/resourceGroups/lifeguard-staging`));
    assert.doesNotMatch(text, /of-an-identity/);
  });

  test("remove takes all of it away again", async () => {
    const asked = await run("what-if-removed");
    assert.equal(asked.code, 0, asked.text);
    assert.match(asked.text, /- resourceGroups\/lifeguard-staging[\s\S]*\d+ Delete/);
    assert.ok(server().stock.has(`/subscriptions/${SUBSCRIPTION}/resourceGroups/lifeguard-staging`));
    const { code, text } = await run("remove");
    assert.equal(code, 0, text);
    assert.equal(server().stock.list().length, Object.keys(existingSecrets()).length);
  });
});
