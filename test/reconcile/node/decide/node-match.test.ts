/** Instances and Nodes are paired by the exact providerID, whatever the order, and nothing is guessed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { matchNodes } from "../../../../lib/reconcile/decide/node-match.ts";
import { idOf, idsTo } from "../support/objects.ts";
import { poolNode } from "../support/views.ts";

const short = (ids: readonly string[], found: Parameters<typeof matchNodes>[1]) => {
  const { matched, ambiguous, unmatched } = matchNodes(ids, found);
  return {
    matched: [...matched].map(([, { name }]) => name),
    ambiguous: ambiguous.map(({ nodes }) => nodes),
    unmatched,
  };
};

const cases: { name: string; ids: readonly string[]; found: Parameters<typeof matchNodes>[1]; want: object }[] = [
  { name: "no instance and no Node", ids: [], found: [], want: { matched: [], ambiguous: [], unmatched: [] } },
  {
    name: "an instance without a Node is booting",
    ids: [idOf(1)],
    found: [],
    want: { matched: [], ambiguous: [], unmatched: [idOf(1)] },
  },
  {
    name: "a Node without an instance is nobody's",
    ids: [],
    found: [poolNode(1)],
    want: { matched: [], ambiguous: [], unmatched: [] },
  },
  {
    name: "Nodes come in the order of the list",
    ids: [idOf(2), idOf(1)],
    found: [poolNode(1), poolNode(2)],
    want: { matched: ["node-2", "node-1"], ambiguous: [], unmatched: [] },
  },
  {
    name: "two Nodes of one instance are named and not believed",
    ids: [idOf(1)],
    found: [poolNode(1, { name: "b" }), poolNode(1, { name: "a" })],
    want: { matched: [], ambiguous: [["a", "b"]], unmatched: [] },
  },
];
for (const { name, ids, found, want } of cases) test(name, () => assert.deepEqual(short(ids, found), want));

test("the order of Nodes never matters, and every instance is in exactly one group", () => {
  const nodesOf = fc
    .array(fc.integer({ min: 1, max: 12 }), { maxLength: 20 })
    .map((numbers) => numbers.map((number, index) => poolNode(number, { name: `n-${index}`, uid: `u-${index}` })));
  fc.assert(
    fc.property(nodesOf, fc.integer({ min: 0, max: 12 }), fc.infiniteStream(fc.nat()), (found, count, keys) => {
      const ids = idsTo(count);
      const shuffled = found.map((node) => [keys.next().value ?? 0, node] as const).sort(([a], [b]) => a - b);
      const [one, two] = [
        matchNodes(ids, found),
        matchNodes(
          ids,
          shuffled.map(([, node]) => node),
        ),
      ];
      assert.deepEqual(
        [[...one.matched.keys()], one.ambiguous, one.unmatched],
        [[...two.matched.keys()], two.ambiguous, two.unmatched],
      );
      const all = [...one.matched.keys(), ...one.ambiguous.map(({ providerID }) => providerID), ...one.unmatched];
      assert.deepEqual([...all].sort(), [...ids].sort());
    }),
  );
});
