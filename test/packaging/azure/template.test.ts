/** What `CLOUD=azure npm run package` would deploy, read off the template and off what a deployment of it makes. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { createEngine, propertiesSchema } from "../../../infra/local/azure/deployments/engine.ts";
import { createStock } from "../../../infra/local/azure/deployments/stock.ts";
import { eventTests } from "./event-tests.ts";
import { existingSecrets, type PackagedAzure, packagedAzure, SUBSCRIPTION, settingsOf } from "./packaged-azure.ts";
import { queueTests } from "./queue-tests.ts";
import { roleTests } from "./role-tests.ts";
import { settingsTests } from "./settings-tests.ts";
import { shapeTests } from "./shape-tests.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const FORWARDS = '[{"namespaces":["edge"],"url":"https://forward.example","tokenReference":"edge"}]';

describe("the service packaged for Azure", () => {
  let packaged: PackagedAzure | undefined;
  const service = () => {
    if (!packaged) throw new Error("nothing was packaged");
    return packaged;
  };
  // No credentials, no account, no network: package-folder.ts sees to it.
  before(async () => {
    packaged = await packagedAzure({ LIFEGUARD_AUDIT_FORWARDS: FORWARDS });
  });
  after(() => packaged?.remove());

  test("has one zip for each function that there is", () => {
    const sources = readdirSync(path.join(root, "functions/azure"), { withFileTypes: true });
    const functions = sources.filter((one) => one.isFile() && /^[a-z]+(-[a-z]+)+\.ts$/.test(one.name));
    assert.deepEqual(
      service().apps.map(({ name }) => name),
      functions.map(({ name }) => path.basename(name, ".ts")).sort(),
    );
  });

  test("has in each zip the bundle, host.json and package.json that names the bundle, and nothing else", () => {
    for (const { name, files, folder } of service().apps) {
      const main = `functions/azure/${name}.cjs`;
      assert.deepEqual([...files].sort(), [main, "host.json", "package.json"].sort(), name);
      const manifest: unknown = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
      assert.deepEqual(manifest, { name, version: "1.0.0", private: true, main });
      const host: unknown = JSON.parse(readFileSync(path.join(folder, "host.json"), "utf8"));
      assert.equal(Reflect.get(Object(host), "version"), "2.0", name);
      assert.equal(Reflect.get(Object(host), "functionTimeout"), "00:00:30", name);
    }
  });

  for (const name of ["audit-received", "drain-continued", "overdue-swept", "scheduled-event-emitted"])
    test(`registers ${name} with the host's programming model and no other function`, () => {
      const app = service().apps.find((one) => one.name === name);
      const run = spawnSync(
        process.execPath,
        [path.join(import.meta.dirname, "load-as-host.cjs"), app?.bundleFile ?? ""],
        {
          encoding: "utf8",
          env: { PATH: process.env.PATH },
        },
      );
      assert.equal(run.status, 0, run.stderr.slice(0, 2000));
      assert.deepEqual(JSON.parse(run.stdout), [name]);
    });

  test("keeps a setting that looks like an expression as it is", () => {
    assert.equal(settingsOf(service(), "audit-received").LIFEGUARD_AUDIT_FORWARDS, FORWARDS);
  });

  test("deploys without the preview of scheduled events", () => {
    const stock = createStock(() => "localhost");
    for (const [id, type] of Object.entries(existingSecrets())) stock.seed(id, type);
    const engine = createEngine(stock, () => undefined);
    const id = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Resources/deployments/plain`;
    const parameters = { eventSubscriptions: { value: false } };
    const properties = propertiesSchema.parse({ mode: "Incremental", template: service().template, parameters });
    const deployment = engine.begin(id, properties, { subscriptionId: SUBSCRIPTION });
    while (deployment.state === "Running") engine.step(deployment);
    assert.equal(deployment.state, "Succeeded");
    assert.equal(
      stock.list().some((one) => one.id.includes("lifeguard-maintenance")),
      false,
    );
  });

  shapeTests(service);
  roleTests(service);
  settingsTests(service);
  queueTests(service);
  eventTests(service);
});
