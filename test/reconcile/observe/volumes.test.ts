/** Which claims of drained pods are still attached, from both places where attachment is told. */
import { deepStrictEqual } from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type Node, nodes } from "../../../lib/api/kubernetes/node.ts";
import { persistentVolumes, volumeAttachments } from "../../../lib/api/kubernetes/volume.ts";
import { attachedClaims } from "../../../lib/reconcile/observe/volumes.ts";
import { aNode, type NodeWishes } from "../../support/builders.ts";
import { type Rig, startRig } from "../support/rig.ts";

const CLAIMS = ["default/data"];

async function withVolume(t: TestContext, wishes: NodeWishes = {}, claimed = true): Promise<Rig> {
  const rig = await startRig(t, { node: aNode(wishes) });
  const claimRef = { kind: "PersistentVolumeClaim", namespace: "default", name: "data" };
  const csi = { driver: "csi.local", volumeHandle: "h-1" };
  const volume = { apiVersion: "v1", kind: "PersistentVolume", metadata: { name: "pv-1" } };
  await rig.create("workload", persistentVolumes, { ...volume, spec: { csi, ...(claimed && { claimRef }) } });
  return rig;
}
const attach = (rig: Rig, { nodeName = "node-1", attached = true } = {}) =>
  rig.create("workload", volumeAttachments, {
    apiVersion: "storage.k8s.io/v1",
    kind: "VolumeAttachment",
    metadata: { name: "va-1" },
    spec: { attacher: "csi.local", nodeName, source: { persistentVolumeName: "pv-1" } },
    status: { attached },
  });
const look = async (rig: Rig, claims = CLAIMS) =>
  attachedClaims(rig.workload, await rig.workload.get<Node>(nodes, { name: "node-1" }), claims);

test("a VolumeAttachment counts as attached", async (t) => {
  const rig = await withVolume(t);
  await attach(rig);
  deepStrictEqual(await look(rig), CLAIMS);
});

test("a volume in Node.status counts as attached", async (t) => {
  const rig = await withVolume(t, { volumesAttached: ["kubernetes.io/csi/csi.local^h-1"] });
  deepStrictEqual(await look(rig), CLAIMS);
});

test("a VolumeAttachment that is not attached does not count, nor does another Node's", async (t) => {
  const rig = await withVolume(t);
  await attach(rig, { attached: false });
  deepStrictEqual(await look(rig), []);
  const other = await withVolume(t);
  await attach(other, { nodeName: "node-2" });
  deepStrictEqual(await look(other), []);
});

test("a volume of a pod that we did not drain is not waited for", async (t) => {
  const rig = await withVolume(t);
  await attach(rig);
  deepStrictEqual(await look(rig, ["default/other"]), []);
});

test("a volume without a claim is nobody's that we drained", async (t) => {
  const rig = await withVolume(t, {}, false);
  await attach(rig);
  deepStrictEqual(await look(rig), []);
});
