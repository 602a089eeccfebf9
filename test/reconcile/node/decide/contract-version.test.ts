/** Versions and plurals as upstream finds them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compareVersions, contractVersion, pluralOf } from "../../../../lib/reconcile/decide/contract-version.ts";

const cases: { name: string; labels: Record<string, string> | undefined; want: string | undefined }[] = [
  {
    name: "the newest contract wins",
    labels: { "cluster.x-k8s.io/v1beta1": "v1beta1", "cluster.x-k8s.io/v1beta2": "v1beta2" },
    want: "v1beta2",
  },
  {
    name: "of several versions the newest wins",
    labels: { "cluster.x-k8s.io/v1beta1": "v1alpha4_v1beta2_v1beta1" },
    want: "v1beta2",
  },
  { name: "GA is newer than beta", labels: { "cluster.x-k8s.io/v1beta2": "v2beta1_v1" }, want: "v1" },
  {
    name: "an old contract alone is none of ours",
    labels: { "cluster.x-k8s.io/v1alpha4": "v1alpha4" },
    want: undefined,
  },
  {
    name: "an empty label is no label",
    labels: { "cluster.x-k8s.io/v1beta2": "", "cluster.x-k8s.io/v1beta1": "v1" },
    want: "v1",
  },
  { name: "no labels at all", labels: undefined, want: undefined },
];
for (const { name, labels, want } of cases) test(name, () => assert.equal(contractVersion(labels), want));

test("versions are in one order: v1 over v2beta1 over v1beta10 over v1beta2 over v3alpha1", () => {
  const order = ["v1", "v2beta1", "v1beta10", "v1beta2", "v3alpha1"];
  fc.assert(
    fc.property(fc.shuffledSubarray(order, { minLength: order.length }), (shuffled) =>
      assert.deepEqual(
        [...shuffled].sort((a, b) => compareVersions(b, a)),
        order,
      ),
    ),
  );
});

test("plurals of the kinds that there are", () => {
  const kinds = {
    KubeadmConfig: "kubeadmconfigs",
    AWSMachinePool: "awsmachinepools",
    Policy: "policies",
    Box: "boxes",
    Gateway: "gateways",
  };
  for (const [kind, want] of Object.entries(kinds)) assert.equal(pluralOf(kind), want);
});
