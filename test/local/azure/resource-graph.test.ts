/** Resource Graph: scheduled events as they were a while ago, and queries that it does not understand. */
import { deepStrictEqual } from "node:assert/strict";
import test from "node:test";
import { ask, GROUP, NOTIFIED, PUBLISHING, SET, startRig, startSet, uniformSet } from "./rig.ts";

const QUERY =
  "maintenanceresources | where type =~ 'Microsoft.Maintenance/scheduledEvents' | where properties.EventStatus =~ 'scheduled' | project id, properties";

test("Resource Graph knows of an event half a minute later", async (context) => {
  const rig = await startRig(context);
  const set = uniformSet(2);
  const virtualMachineProfile = { ...set.virtualMachineProfile, ...NOTIFIED };
  await startSet(rig, { ...set, ...PUBLISHING, virtualMachineProfile });
  await rig.compute.virtualMachineScaleSets.deleteInstances(GROUP, SET, { instanceIds: ["0"] }).submitted();
  const graph = async () =>
    (await ask(rig, "POST", "/providers/Microsoft.ResourceGraph/resources", { query: QUERY })).body.data.length;
  deepStrictEqual(await graph(), 0);
  await rig.pass(30);
  deepStrictEqual(await graph(), 1);
  await rig.pass(320);
  deepStrictEqual(await graph(), 0);
});

test("a query that is not understood is refused", async (context) => {
  const rig = await startRig(context);
  const { status, body } = await ask(rig, "POST", "/providers/Microsoft.ResourceGraph/resources", {
    query: "resources | summarize count()",
  });
  deepStrictEqual([status, body.error.code], [400, "BadRequest"]);
});
