/** The Node of a vanished instance, and no other, is deleted. */
import { notStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { deleteNode } from "../../../lib/reconcile/act/delete-node.ts";
import { startRig } from "../support/rig.ts";

test("a Node that is gone, or another one by now, is success", async (t) => {
  const rig = await startRig(t);
  await deleteNode(rig.workload, { name: "never-there", uid: "u" });
  await deleteNode(rig.workload, { name: "node-1", uid: "another" });
  const uid = (await rig.node())?.metadata.uid;
  ok(uid);
  await deleteNode(rig.workload, { name: "node-1", uid });
  strictEqual(await rig.node(), undefined);
});

test("a Node that the vanished instance registered anew goes as well, and that of another machine stays", async (t) => {
  const rig = await startRig(t);
  const providerID = (await rig.node())?.spec?.providerID;
  ok(providerID);
  await deleteNode(rig.workload, { name: "node-1", uid: "older", providerID: "aws:///eu-west-1a/i-0" });
  notStrictEqual(await rig.node(), undefined);
  await deleteNode(rig.workload, { name: "node-1", uid: "older", providerID });
  strictEqual(await rig.node(), undefined);
});
