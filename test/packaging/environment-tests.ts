/** What the deployment tells the functions is what they ask for, and is documented for whoever deploys. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import * as z from "zod";
import type { PackagedService } from "./packaged-service.ts";
import { at, idOf, nameOf, ofType } from "./template.ts";

const root = path.resolve(import.meta.dirname, "../..");
const namesIn = (file: string, pattern: RegExp): readonly string[] => [
  ...new Set([...readFileSync(path.join(root, file), "utf8").matchAll(pattern)].map((match) => match[1] ?? "")),
];

export function environmentTests(service: () => PackagedService): void {
  const variables = (name: string): Readonly<Record<string, unknown>> => {
    const lambda = ofType(service().template, "AWS::Lambda::Function").find((one) => nameOf(one) === name);
    return z.record(z.string(), z.unknown()).parse(at(lambda?.properties, "Environment", "Variables"));
  };
  const all = () => service().functions.flatMap(({ name }) => Object.keys(variables(name)));
  const files = ["functions/aws/runtime/settings.ts", "lib/providers/environment.ts"];
  const asked = files.flatMap((file) => namesIn(file, /^ {2}(LIFEGUARD_\w+):/gm));

  test("tells the functions every setting that they ask for, and no other", () => {
    assert.ok(asked.length > 10);
    const told = new Set(all().filter((name) => name.startsWith("LIFEGUARD_")));
    assert.deepEqual([...told].sort(), [...asked].sort());
  });

  test("documents every setting at the head of provider.yml", () => {
    const documented = namesIn("infra/aws/provider.yml", /(LIFEGUARD_\w+)(?=[^\n]*$)/gm);
    const files = ["provider.yml", "functions.yml", "events.yml", "permissions.yml", "resources.yml"];
    const used = files.flatMap((file) => namesIn(`infra/aws/${file}`, /\$\{env:(\w+)/g));
    for (const name of used.filter((one) => one.startsWith("LIFEGUARD_"))) assert.ok(documented.includes(name), name);
  });

  test("names the queue that brings keys back, and no secret's value", () => {
    for (const { name } of service().functions) {
      assert.equal(idOf(variables(name).LIFEGUARD_QUEUE_URL), "Looks", name);
      assert.equal(idOf(variables(name).LIFEGUARD_POOL_QUEUE_URL), "PoolLooks", name);
    }
    for (const name of all()) assert.doesNotMatch(name, /PASSWORD|SECRET|TOKEN(?!_ARN)/);
  });

  test("gives the audit token to nobody but its receiver", () => {
    const holders = service().functions.filter(({ name }) => "LIFEGUARD_AUDIT_TOKEN_ARN" in variables(name));
    assert.deepEqual(
      holders.map(({ name }) => name),
      ["audit-received"],
    );
  });
}
