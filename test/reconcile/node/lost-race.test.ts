/** A pass that lost a race has acted all the same: whoever waits for what it did is told, since our own writes are no hint. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { awsMachinePools } from "../../../lib/api/aws/aws-machine-pool.ts";
import { machinePools } from "../../../lib/api/core/machine-pool.ts";
import { POOL } from "../../support/builders.ts";
import { startNodeRig } from "./support/rig.ts";

const INFRASTRUCTURE = { kind: awsMachinePools.kind, namespace: "team-a", name: POOL };
const STATUS = { method: "PATCH", path: /\/machinepools\/[^/]+\/status/ };
const POOL_PATCH = { method: "PATCH", path: /\/machinepools\/[^/]+\?/ };
const GONE = { kind: "Status", status: "Failure", reason: "NotFound", code: 404, details: { name: POOL } };
const CONFIG = { method: "PATCH", path: /\/kubeadmconfigs\// };

const cases = [
  {
    name: "the hand-over is made, but the status is another pass's",
    fault: { match: STATUS, code: 409 },
    passes: 1,
    want: { did: "conflicted", others: [INFRASTRUCTURE] },
  },
  {
    name: "the hand-over is made, but the status cannot be written",
    fault: { match: STATUS, code: 503 },
    passes: 1,
    want: { did: "failed", others: [INFRASTRUCTURE] },
  },
  {
    name: "the infrastructure pool is adopted, but another pass adopted the config",
    fault: { match: CONFIG, code: 409 },
    passes: 2,
    want: { did: "conflicted", others: [INFRASTRUCTURE] },
  },
  {
    name: "the infrastructure pool is adopted, but the config cannot be written",
    fault: { match: CONFIG, code: 503 },
    passes: 2,
    want: { did: "failed", others: [INFRASTRUCTURE] },
  },
  {
    name: "a race that is lost before anything is done tells nobody",
    fault: { match: POOL_PATCH, code: 409 },
    passes: 1,
    want: { did: "conflicted", others: undefined },
  },
];

test("the finalizer is gone already: an answer that was lost is no failure", async (t) => {
  const rig = await startNodeRig(t, { infrastructure: null, config: null, nodes: [] });
  await rig.settle();
  await rig.management.delete(machinePools, { namespace: "team-a", name: POOL });
  rig.servers.management.inject({ match: POOL_PATCH, times: 1, code: 404, body: GONE });
  const outcomes = [await rig.step(), await rig.step(), await rig.step()].map(({ did }) => did);
  assert.ok(outcomes.includes("let-go"), outcomes.join(", "));
});

for (const { name, fault, passes, want } of cases) {
  test(name, async (t) => {
    const rig = await startNodeRig(t);
    rig.servers.management.inject({ ...fault, times: 1 });
    let outcome = await rig.step();
    for (let pass = 1; pass < passes; pass++) outcome = await rig.step();
    assert.deepEqual({ did: outcome.did, others: outcome.others }, want);
  });
}
