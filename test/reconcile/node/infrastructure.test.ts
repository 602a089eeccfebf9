/** What the infrastructure pool says reaches the MachinePool: both contracts, and half a statement is none. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { awsMachinePools } from "../../../lib/api/aws/aws-machine-pool.ts";
import { POOL } from "../../support/builders.ts";
import { idOf, infrastructureOf, livingPool } from "./support/objects.ts";
import { conditionOf, type NodeRigOptions, oldConditionOf, startNodeRig } from "./support/rig.ts";

interface InfrastructureCase {
  readonly name: string;
  readonly options: NodeRigOptions;
  readonly provisioned: boolean;
  readonly ids: readonly string[] | undefined;
  readonly phase: string;
  readonly old: string;
  readonly condition: string;
}
const infra = (status: object, ids = [idOf(1)]): NodeRigOptions => ({
  infrastructure: infrastructureOf({ ids, status }),
});
const customReady = {
  type: "Ready",
  status: "False",
  severity: "Error",
  reason: "Custom",
  message: "m",
  lastTransitionTime: "2026-01-01T00:00:00Z",
};

const infrastructureCases: readonly InfrastructureCase[] = [
  {
    name: "an infrastructure pool that is ready hands its list over",
    options: infra({}),
    provisioned: true,
    ids: [idOf(1)],
    phase: "Running",
    old: "True",
    condition: "True Provisioned",
  },
  {
    name: "initialization.provisioned alone is enough",
    options: infra({ ready: null, initialization: { provisioned: true } }),
    provisioned: true,
    ids: [idOf(1)],
    phase: "Running",
    old: "True",
    condition: "True Provisioned",
  },
  {
    name: "of the two ready flags the newer one counts",
    options: infra({ ready: true, initialization: { provisioned: false } }),
    provisioned: false,
    ids: undefined,
    phase: "Provisioning",
    old: "False WaitingForInfrastructure",
    condition: "False NotProvisioned",
  },
  {
    name: "an infrastructure pool that is not ready hands nothing over",
    options: infra({ ready: false }),
    provisioned: false,
    ids: undefined,
    phase: "Provisioning",
    old: "False WaitingForInfrastructure",
    condition: "False NotProvisioned",
  },
  {
    name: "an infrastructure pool's own Ready condition is repeated with its reason",
    options: infra({ ready: false, conditions: [customReady] }),
    provisioned: false,
    ids: undefined,
    phase: "Provisioning",
    old: "False Custom",
    condition: "False Custom",
  },
  {
    name: "an infrastructureRef to a missing object is said",
    options: { infrastructure: null },
    provisioned: false,
    ids: undefined,
    phase: "Provisioning",
    old: "False IncorrectExternalRef",
    condition: "False DoesNotExist",
  },
  {
    name: "an empty list beside a count that is not 0 is half a statement: the list is kept",
    options: { ...infra({ replicas: 1 }, []), pool: livingPool({ ids: [idOf(1)] }) },
    provisioned: true,
    ids: [idOf(1)],
    phase: "Running",
    old: "True",
    condition: "True Provisioned",
  },
];
for (const { name, options, provisioned, ids, phase, old, condition } of infrastructureCases)
  test(name, async (t) => {
    const rig = await startNodeRig(t, options);
    await rig.settle();
    const { spec, status = {} } = await rig.pool();
    assert.deepEqual(spec.providerIDList, ids);
    assert.equal(status.initialization?.infrastructureProvisioned, provisioned);
    assert.equal(status.phase, phase);
    assert.equal(oldConditionOf(status, "InfrastructureReady"), old);
    assert.equal(conditionOf(status, "InfrastructureReady"), condition);
    assert.deepEqual(
      [status.deprecated?.v1beta1?.failureReason, status.deprecated?.v1beta1?.failureMessage],
      [undefined, undefined],
    );
  });

test("infrastructure lost after it was ready is said, and no failureReason is ever set", async (t) => {
  const rig = await startNodeRig(t);
  await rig.settle();
  await rig.management.delete(awsMachinePools, { namespace: "team-a", name: POOL });
  await rig.settle();
  const status = await rig.status();
  assert.equal(conditionOf(status, "InfrastructureReady"), "False ObjectDeleted");
  assert.equal(oldConditionOf(status, "InfrastructureReady"), "False IncorrectExternalRef");
  assert.equal(JSON.stringify(status).includes("failure"), false);
  assert.ok(await rig.node(1), "its Node stays");
});

test("an object that somebody else controls is not taken over", async (t) => {
  const theirs = { apiVersion: "example.com/v1", kind: "Thing", name: "x", uid: "u", controller: true };
  const rig = await startNodeRig(t, { infrastructure: infrastructureOf({ ownerReferences: [theirs] }) });
  await rig.settle();
  const status = await rig.status();
  assert.equal(oldConditionOf(status, "InfrastructureReady"), "False ForeignController");
  assert.equal((await rig.pool()).spec.providerIDList, undefined);
});
