/** A status patch says exactly what is new: nothing when nothing is. */
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { statusPatch } from "../../lib/kubernetes/merge-status.ts";

const cases: { name: string; before: object; next: object; want: object | undefined }[] = [
  { name: "equal statuses need no patch", before: { phase: "Draining" }, next: { phase: "Draining" }, want: undefined },
  {
    name: "the order of fields is no difference",
    before: { a: 1, b: { c: 1, d: 2 } },
    next: { b: { d: 2, c: 1 }, a: 1 },
    want: undefined,
  },
  { name: "an undefined field is an absent field", before: { a: 1 }, next: { a: 1, b: undefined }, want: undefined },
  { name: "a changed field is sent alone", before: { a: 1, b: 2 }, next: { a: 1, b: 3 }, want: { b: 3 } },
  { name: "a field that is gone is sent as null", before: { a: 1, b: 2 }, next: { a: 1 }, want: { b: null } },
  {
    name: "a nested map is patched by entry",
    before: { m: { x: 1, y: 2 } },
    next: { m: { y: 3, z: 4 } },
    want: { m: { x: null, y: 3, z: 4 } },
  },
  { name: "a list is replaced as a whole", before: { l: [1, 2] }, next: { l: [1, 2, 3] }, want: { l: [1, 2, 3] } },
  { name: "an emptied map keeps its place", before: { m: { x: 1 } }, next: { m: {} }, want: { m: { x: null } } },
  { name: "a first empty map is said", before: {}, next: { m: {} }, want: { m: {} } },
];
for (const { name, before, next, want } of cases) test(name, () => deepStrictEqual(statusPatch(before, next), want));

const leaf = fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.array(fc.integer(), { maxLength: 3 }));
const status = fc.letrec<{ node: Record<string, unknown> }>((tie) => ({
  node: fc.dictionary(fc.constantFrom("a", "b", "c", "d"), fc.oneof({ maxDepth: 3 }, leaf, tie("node")), {
    noNullPrototype: true,
  }),
})).node;

/** RFC 7386 section 2, word for word. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) delete result[field];
    else result[field] = mergePatch(result[field], value);
  }
  return result;
}
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

test("applied to the status before, the patch gives the next one (RFC 7386)", () => {
  fc.assert(
    fc.property(status, status, (before, next) => {
      const patch = statusPatch(before, next);
      deepStrictEqual(mergePatch(before, patch ?? {}), next);
      strictEqual(statusPatch(next, structuredClone(next)), undefined);
    }),
  );
});
