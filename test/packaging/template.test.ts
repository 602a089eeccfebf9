/** What `npm run package` would deploy, read off the emitted template: nothing open, nothing lost, nothing unwatched. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { alarmTests } from "./alarm-tests.ts";
import { environmentTests } from "./environment-tests.ts";
import { eventTests } from "./event-tests.ts";
import { type PackagedService, packagedService } from "./packaged-service.ts";
import { permissionTests } from "./permission-tests.ts";
import { queueTests } from "./queue-tests.ts";
import { referenceTests } from "./reference-tests.ts";
import { at, nameOf, ofType } from "./template.ts";

const root = path.resolve(import.meta.dirname, "../..");

describe("the packaged service", () => {
  let packaged: PackagedService | undefined;
  const service = () => {
    if (!packaged) throw new Error("nothing was packaged");
    return packaged;
  };
  // No credentials, no account, no network: packaged-service.ts sees to it.
  before(async () => {
    packaged = await packagedService();
  });
  after(() => packaged?.remove());

  test("has the functions that were asked for", () => {
    const deployed = ofType(service().template, "AWS::Lambda::Function").map(nameOf).sort();
    assert.deepEqual(
      deployed,
      service()
        .functions.map(({ name }) => name)
        .sort(),
    );
    assert.ok(deployed.length >= 11, deployed.join());
  });

  test("runs every function on arm64 and a Node release that AWS supports, for seconds", () => {
    for (const lambda of ofType(service().template, "AWS::Lambda::Function")) {
      assert.deepEqual(lambda.properties.Architectures, ["arm64"], lambda.id);
      assert.equal(lambda.properties.Runtime, "nodejs24.x", lambda.id);
      assert.ok(Number(lambda.properties.Timeout) <= 60, lambda.id);
    }
  });

  test("puts one file into each zip, the one that the handler names", () => {
    const lambdas = ofType(service().template, "AWS::Lambda::Function");
    for (const { name, files } of service().functions) {
      const handler = String(lambdas.find((one) => nameOf(one) === name)?.properties.Handler);
      assert.deepEqual(files, [`${path.posix.join(path.posix.dirname(handler), name)}.mjs`]);
      assert.ok(existsSync(path.join(root, "functions/aws", `${name}.ts`)), name);
    }
  });

  test("loads every bundle as Lambda does, each with a handler that takes no callback", () => {
    const load = `for (const file of process.argv.slice(1)) {
      const { handler } = await import(file);
      if (typeof handler !== "function" || handler.length > 2) throw new Error(file + ": handler takes " + handler?.length);
    }
    process.exit(0);`;
    const files = service().functions.map(({ bundleFile }) => bundleFile);
    const run = spawnSync(process.execPath, ["--input-type=module", "-e", load, "--", ...files], {
      env: { PATH: process.env.PATH, AWS_REGION: "us-east-1" },
      encoding: "utf8",
    });
    // The line that Node shows of a minified file is all of it.
    assert.equal(run.status, 0, run.stderr.slice(-2000));
  });

  test("keeps the logs of every function for a stated time", () => {
    const groups = ofType(service().template, "AWS::Logs::LogGroup");
    for (const lambda of ofType(service().template, "AWS::Lambda::Function")) {
      const group = groups.find(
        ({ properties }) => properties.LogGroupName === `/aws/lambda/${String(lambda.properties.FunctionName)}`,
      );
      assert.ok(Number(group?.properties.RetentionInDays) > 0, `${lambda.id} has no log group with a retention`);
    }
  });

  test("names no account", () => {
    assert.deepEqual(JSON.stringify(service().template).match(/\b\d{12}\b/g), null);
  });

  test("opens one URL to the world, and only that function's", () => {
    const urls = ofType(service().template, "AWS::Lambda::Url");
    assert.deepEqual(
      urls.map(({ properties }) => [at(properties, "TargetFunctionArn", "Fn::GetAtt", 0), properties.AuthType]),
      [["AuditDashreceivedLambdaFunction", "NONE"]],
    );
    const open = ofType(service().template, "AWS::Lambda::Permission").filter(
      ({ properties }) => properties.Principal === "*",
    );
    for (const { id, properties } of open)
      assert.ok(JSON.stringify(properties.FunctionName).includes("AuditDashreceived"), `${id} opens another function`);
    assert.equal(open.length, 2);
  });

  permissionTests(service);
  queueTests(service);
  eventTests(service);
  alarmTests(service);
  environmentTests(service);
  referenceTests(service);
});
