/** Phases, rule by rule. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { MachinePoolPhase } from "../../../../lib/api/core/machine-pool.ts";
import { type PhaseFacts, poolPhase } from "../../../../lib/reconcile/decide/pool-phase.ts";

const nothing: PhaseFacts = {
  before: undefined,
  bootstrapCreated: false,
  infrastructureProvisioned: false,
  nodeRefs: 0,
  desired: 1,
  ready: 0,
  externallyManaged: false,
  deleting: false,
};
const there = { ...nothing, bootstrapCreated: true, infrastructureProvisioned: true };

const cases: { name: string; facts: PhaseFacts; want: MachinePoolPhase }[] = [
  { name: "a new pool with nothing ready is Pending", facts: nothing, want: "Pending" },
  {
    name: "bootstrap ready and infrastructure not is Provisioning",
    facts: { ...nothing, bootstrapCreated: true },
    want: "Provisioning",
  },
  {
    name: "Nodes and infrastructure not ready is Provisioned",
    facts: { ...nothing, bootstrapCreated: true, nodeRefs: 1 },
    want: "Provisioned",
  },
  { name: "as many ready as wanted is Running", facts: { ...there, ready: 1, nodeRefs: 1 }, want: "Running" },
  { name: "nothing wanted and nothing there is Running", facts: { ...there, desired: 0 }, want: "Running" },
  { name: "5 wanted and 1 ready is ScalingUp", facts: { ...there, desired: 5, ready: 1 }, want: "ScalingUp" },
  { name: "1 wanted and 4 ready is ScalingDown", facts: { ...there, desired: 1, ready: 4 }, want: "ScalingDown" },
  {
    name: "a mismatch of a pool that somebody else scales is Scaling",
    facts: { ...there, desired: 1, ready: 4, externallyManaged: true },
    want: "Scaling",
  },
  {
    name: "a pool that somebody else scales is Running when it matches",
    facts: { ...there, ready: 1, externallyManaged: true },
    want: "Running",
  },
  { name: "deletion overrules everything", facts: { ...there, ready: 1, deleting: true }, want: "Deleting" },
  { name: "without a rule that fits the phase stays", facts: { ...nothing, before: "Running" }, want: "Running" },
  {
    name: "a bootstrap config that is not ready does not touch Running",
    facts: { ...there, bootstrapCreated: false, ready: 1 },
    want: "Running",
  },
];
for (const { name, facts, want } of cases) test(name, () => assert.equal(poolPhase(facts), want));
