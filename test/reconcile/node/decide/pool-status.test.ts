/** The status of a pool as a function of what was seen: true counters, stable texts, no current time. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { awsMachinePools } from "../../../../lib/api/aws/aws-machine-pool.ts";
import type { PoolNumbers } from "../../../../lib/reconcile/decide/pool-numbers.ts";
import { poolNumbers } from "../../../../lib/reconcile/decide/pool-numbers.ts";
import { poolStatus } from "../../../../lib/reconcile/decide/pool-status.ts";
import type { PoolView } from "../../../../lib/reconcile/decide/pool-view.ts";
import { NOTICE_SECONDS } from "../../../support/builders.ts";
import { idOf, idsTo, infrastructureOf, livingPool } from "../support/objects.ts";
import { poolNode, quietView, viewOf } from "../support/views.ts";

const statusOf = (view: PoolView) => poolStatus(view, 1);
const minimum = (seconds: number) => ({
  machinePool: livingPool({ ids: [idOf(1)], template: { minReadySeconds: seconds } }),
});
const since = (secondsAgo: number) => ({
  found: [poolNode(1, { readySinceSeconds: NOTICE_SECONDS - secondsAgo })],
  retired: [],
  fixes: [],
});

const available: { name: string; view: PoolView; want: readonly [number | undefined, number | undefined] }[] = [
  {
    name: "without minReadySeconds a ready Node is available",
    view: quietView({ nodes: since(0) }),
    want: [1, undefined],
  },
  {
    name: "a Node that is fresh is not available, and the wait is known",
    view: quietView({ ...minimum(20), nodes: since(5) }),
    want: [0, 15],
  },
  { name: "at its time it is available", view: quietView({ ...minimum(20), nodes: since(20) }), want: [1, undefined] },
];
for (const { name, view, want } of available)
  test(name, () => {
    const numbers: PoolNumbers | undefined = poolNumbers(view);
    assert.deepEqual([numbers?.available, numbers?.nextAvailableSeconds], want);
  });

test("time that passes changes nothing", () => {
  const view = viewOf(3, [poolNode(1), poolNode(2, { ready: false })]);
  assert.deepEqual(statusOf({ ...view, nowSeconds: view.nowSeconds + 100_000 }), statusOf(view));
});

test("the order in which Nodes are listed changes nothing", () => {
  const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 9 });
  fc.assert(
    fc.property(numbers, fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }), (order, ready) => {
      const found = order.map((number) => poolNode(number, { ready: ready[number - 1] ?? false }));
      const sorted = [...found].sort((a, b) => (a.name < b.name ? -1 : 1));
      assert.deepEqual(statusOf(viewOf(9, found)), statusOf(viewOf(9, sorted)));
    }),
  );
});

test("counters never exceed each other", () => {
  fc.assert(
    fc.property(
      fc.nat(12),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 12 }), fc.boolean(), fc.nat(60))),
      (count, drawn) => {
        const found = drawn.map(([number, ready, ago], index) =>
          poolNode(number, { name: `n-${index}`, uid: `u-${index}`, ready, readySinceSeconds: NOTICE_SECONDS - ago }),
        );
        const machinePool = livingPool({ ids: idsTo(count), replicas: count, template: { minReadySeconds: 30 } });
        const { fields, v1beta1 } = statusOf(viewOf(count, found, { machinePool }));
        const { replicas = 0, readyReplicas = 0, availableReplicas = 0, nodeRefs = [], upToDateReplicas = 0 } = fields;
        assert.ok(
          availableReplicas <= readyReplicas && readyReplicas <= nodeRefs.length && nodeRefs.length <= replicas,
        );
        assert.ok(upToDateReplicas <= replicas);
        assert.equal(v1beta1.unavailableReplicas, replicas - availableReplicas);
      },
    ),
  );
});

test("a long list of instances is told in a short message", () => {
  const { conditions } = statusOf(viewOf(500, []));
  const message = conditions.find(({ type }) => type === "MachinesReady")?.message ?? "";
  assert.match(message, /\(497 more\) have no Node yet$/);
  assert.ok(message.length < 200);
});

test("what the provider calls outdated is not up to date, with or without a Node", () => {
  const { fields } = statusOf(viewOf(3, [poolNode(1), poolNode(2)], { outdated: new Set([idOf(2)]) }));
  assert.equal(fields.upToDateReplicas, 2);
});

const wants: { name: string; view: PoolView; type: string; want: string }[] = [
  { name: "enough available replicas are Available", view: quietView(), type: "Available", want: "True Available" },
  { name: "too few are not", view: viewOf(2, [poolNode(1)]), type: "Available", want: "False NotAvailable" },
  {
    name: "infrastructure that is not provisioned is not Available",
    view: quietView({
      infrastructure: {
        seen: "found",
        object: infrastructureOf({ status: { ready: false } }),
        resource: awsMachinePools,
      },
    }),
    type: "Available",
    want: "False NotAvailable",
  },
  {
    name: "more wanted than there is ScalingUp",
    view: quietView({ machinePool: livingPool({ replicas: 3 }) }),
    type: "ScalingUp",
    want: "True ScalingUp",
  },
  {
    name: "less wanted than there is ScalingDown",
    view: quietView({ machinePool: livingPool({ replicas: 0 }) }),
    type: "ScalingDown",
    want: "True ScalingDown",
  },
  { name: "as many as wanted is neither up", view: quietView(), type: "ScalingUp", want: "False NotScalingUp" },
  { name: "as many as wanted is neither down", view: quietView(), type: "ScalingDown", want: "False NotScalingDown" },
  {
    name: "a pool of nothing has no Machine that is not ready",
    view: viewOf(0, []),
    type: "MachinesReady",
    want: "True NoReplicas",
  },
  { name: "all up to date is not RollingOut", view: quietView(), type: "RollingOut", want: "False NotRollingOut" },
];
for (const { name, view, type, want } of wants)
  test(name, () => {
    const found = statusOf(view).conditions.find((one) => one.type === type);
    assert.equal(`${found?.status} ${found?.reason}`, want);
  });
