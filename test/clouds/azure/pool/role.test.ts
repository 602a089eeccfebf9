/** The role of a scale set's own identity: given where a person has let us, said where not, and taken back with the pool. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Overrides, POOL, RESOURCE_GROUP } from "./objects.ts";
import { condition, passes, startPoolRig } from "./rig.ts";

const CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c";

test("a role that nobody has let us give is neither given nor looked for, and the pool is made all the same", async (t) => {
  const rig = await startPoolRig();
  t.after(rig.close);
  const wanted: Overrides = { replicas: 1, spec: { identity: "SystemAssigned" } };
  const { did, status } = await passes(rig, wanted);
  assert.deepEqual(did, ["CreateScaleSet", "ProtectInstances"]);
  assert.deepEqual(rig.calls("roleAssignments"), []);
  const said = condition(await rig.look({ ...wanted, ...(status && { status }) }), "RoleAssignmentReady");
  assert.equal(said?.reason, "RoleNotManaged");
  assert.match(said.message ?? "", /role b24988ac-6180-42a0-ab88-20f7382dd24c on \/subscriptions\/.*UserAssigned/);
});

test("the set's own identity gets its role, once, and loses it with the pool", async (t) => {
  const rig = await startPoolRig({ assignableRoles: [CONTRIBUTOR] });
  t.after(rig.close);
  const wanted: Overrides = { replicas: 1, spec: { identity: "SystemAssigned" } };
  const { did, status } = await passes(rig, wanted);
  assert.deepEqual(did, ["CreateScaleSet", "AssignRole", "ProtectInstances"]);
  assert.equal(rig.calls("roleAssignments/write").length, 1);
  const pass = await rig.look({ ...wanted, ...(status && { status }) });
  assert.equal(condition(pass, "RoleAssignmentReady")?.status, "True");
  const { compute } = rig;
  await compute.virtualMachineScaleSets.delete(RESOURCE_GROUP, POOL).submitted();
  rig.clock.advance(60);
  const going = await rig.look({ ...wanted, deleting: true });
  const removal = going.session.nextRemoval(going.sight);
  assert.equal(removal?.do, "UnassignRole");
  assert.ok(removal);
  await going.session.apply(removal);
  const after = await rig.look({ ...wanted, deleting: true });
  assert.equal(after.session.nextRemoval(after.sight), undefined);
});
