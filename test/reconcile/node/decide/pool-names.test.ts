/** Owners that are written again: refreshed where they stand, never doubled, and others' are left alone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { OwnerReference } from "../../../../lib/api/kubernetes/meta.ts";
import { withOwner } from "../../../../lib/reconcile/decide/pool-names.ts";

const owner: OwnerReference = { apiVersion: "cluster.x-k8s.io/v1beta2", kind: "Cluster", name: "blue", uid: "u-2" };
const foreign: OwnerReference = { apiVersion: "v1", kind: "ConfigMap", name: "blue", uid: "u-1" };

const cases: {
  name: string;
  before: readonly OwnerReference[] | undefined;
  want: readonly OwnerReference[] | undefined;
}[] = [
  { name: "no owner yet: it is added", before: undefined, want: [owner] },
  { name: "an owner of somebody else stays", before: [foreign], want: [foreign, owner] },
  { name: "it stands there already: nothing is written", before: [foreign, owner], want: undefined },
  {
    name: "an older version of the API is brought up to date where it stands",
    before: [{ ...owner, apiVersion: "cluster.x-k8s.io/v1beta1" }, foreign],
    want: [owner, foreign],
  },
  { name: "another uid, as after a move, is brought up to date", before: [{ ...owner, uid: "u-1" }], want: [owner] },
  {
    name: "the same kind and name of another group is another owner",
    before: [{ ...owner, apiVersion: "example.com/v1" }],
    want: [{ ...owner, apiVersion: "example.com/v1" }, owner],
  },
];
for (const { name, before, want } of cases) test(name, () => assert.deepEqual(withOwner(before, owner), want));
