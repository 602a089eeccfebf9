/** What CloudFormation would refuse at deploy time and nobody sees before: dangling references and circles. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PackagedService } from "./packaged-service.ts";
import { at } from "./template.ts";

/** Ids after Ref, Fn::GetAtt, DependsOn and inside Fn::Sub; pseudo parameters such as AWS::Region left out. */
function referencesIn(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  const text = JSON.stringify(value);
  const found = [
    ...text.matchAll(/"Ref":"([^"]+)"/g),
    ...text.matchAll(/"Fn::GetAtt":\["([^"]+)"/g),
    ...[...text.matchAll(/"Fn::Sub":"((?:[^"\\]|\\.)*)"/g)].flatMap(([, sub = ""]) => [
      ...sub.matchAll(/\$\{([\w:]+)/g),
    ]),
  ].map((match) => match[1] ?? "");
  const dependsOn = at(value, "DependsOn");
  const names = typeof dependsOn === "string" ? [dependsOn] : Array.isArray(dependsOn) ? dependsOn.map(String) : [];
  return [...found, ...names].filter((id) => !id.startsWith("AWS::"));
}

export function referenceTests(service: () => PackagedService): void {
  const resources = () => service().template.Resources;

  test("refers only to resources and conditions that are there", () => {
    for (const [id, body] of Object.entries({ ...resources(), ...service().template.Outputs })) {
      for (const target of referencesIn(body)) assert.ok(target in resources(), `${id} refers to ${target}`);
      for (const [, condition = ""] of JSON.stringify(body).matchAll(/"Fn::If":\["([^"]+)"/g))
        assert.ok(condition in service().template.Conditions, `${id} asks for condition ${condition}`);
    }
  });

  test("has no circle of references", () => {
    const done = new Set<string>();
    const visit = (id: string, path: readonly string[]): void => {
      assert.ok(!path.includes(id), [...path, id].join(" -> "));
      if (done.has(id)) return;
      for (const target of referencesIn(resources()[id])) visit(target, [...path, id]);
      done.add(id);
    };
    for (const id of Object.keys(resources())) visit(id, []);
    assert.equal(done.size, Object.keys(resources()).length);
  });
}
