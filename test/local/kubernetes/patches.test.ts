/** Properties of patches and pruning: compared with other people's implementations, and with themselves twice. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import jsonPatch from "fast-json-patch";
import mergePatchPackage from "json-merge-patch";
import { applyPatch, mergePatch, strategicMerge } from "../../../infra/local/kubernetes/patches.ts";
import { compileSchema, shape } from "../../../infra/local/kubernetes/schema.ts";

const key = fc.constantFrom("a", "b", "c", "d");
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.integer(),
    fc.string(),
    fc.array(tie("value"), { maxLength: 3 }),
    tie("object"),
  ),
  object: fc.dictionary(key, tie("value"), { maxKeys: 4, noNullPrototype: true }),
}));
const object = json.object as fc.Arbitrary<Record<string, unknown>>;
const copy = <T>(value: T): T => structuredClone(value);

void test("a merge patch does what the package json-merge-patch does, and leaves its input alone", () => {
  fc.assert(
    fc.property(object, object, (before, patch) => {
      const kept = copy(before);
      assert.deepEqual(mergePatch(before, patch), mergePatchPackage.apply(copy(before), copy(patch)));
      assert.deepEqual(before, kept);
    }),
  );
});

void test("a merge patch applied twice is applied once", () => {
  fc.assert(
    fc.property(object, object, (before, patch) => {
      const once = mergePatch(before, patch);
      assert.deepEqual(mergePatch(once, patch), once);
    }),
  );
});

void test("a generated JSON patch leads to its target, and leaves its input alone", () => {
  fc.assert(
    fc.property(object, object, (before, after) => {
      const kept = copy(before);
      const operations = jsonPatch.compare(before, after);
      assert.deepEqual(applyPatch(before, operations, "application/json-patch+json", false), after);
      assert.deepEqual(before, kept);
    }),
  );
});

void test("a strategic patch without keyed lists is a merge patch that copies no nulls", () => {
  fc.assert(
    fc.property(object, object, (before, patch) => {
      const once = strategicMerge(before, patch);
      assert.deepEqual(strategicMerge(once, patch), once);
    }),
  );
});

const schema = compileSchema(
  {
    type: "object",
    properties: {
      a: {
        type: "object",
        properties: {
          b: { type: "integer", default: 3 },
          c: { type: "object", default: {}, properties: { d: { type: "string", default: "x" } } },
        },
      },
      b: { type: "array", items: { type: "object", properties: { a: { type: "string" } } } },
      c: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
      d: { type: "object", additionalProperties: { type: "string", nullable: true } },
    },
  },
  "schema",
);

void test("defaulting and pruning twice is defaulting and pruning once, and the second time finds nothing unknown", () => {
  fc.assert(
    fc.property(object, (value) => {
      const kept = copy(value);
      const once = shape(schema, value, "spec", []);
      const unknown: string[] = [];
      assert.equal(shape(schema, once, "spec", unknown), once, "the very same object: nothing had to change");
      assert.deepEqual(unknown, []);
      assert.deepEqual(value, kept);
    }),
  );
});
