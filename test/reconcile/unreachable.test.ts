/** Nodes that are silent or sick, and Nodes with many pods. */
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { nodes } from "../../lib/api/kubernetes/node.ts";
import { type Pod, pods } from "../../lib/api/kubernetes/pod.ts";
import { persistentVolumes, volumeAttachments } from "../../lib/api/kubernetes/volume.ts";
import { judgePods, podsOn } from "../../lib/reconcile/observe/pods.ts";
import { aNode, aPod, aTermination } from "../support/builders.ts";
import { draining } from "./support/drains.ts";
import { type Rig, startRig } from "./support/rig.ts";

const setReady = (rig: Rig, status: "False" | "Unknown") => {
  const conditions = [{ type: "Ready", status, lastTransitionTime: rig.clock.now().toISOString() }];
  return rig.workload.patch(nodes, { name: "node-1" }, { type: "merge", body: { status: { conditions } } }, "status");
};

/** A pod that was told to go and whose kubelet does nothing. */
async function stuck(rig: Rig, graceSeconds: number): Promise<void> {
  await rig.create("workload", pods, aPod({ graceSeconds }));
  await rig.workload.delete(pods, { namespace: "default", name: "web-1" });
}

test("pods that were to be gone on a Node that does not answer are not waited for", async (t) => {
  const rig = await draining(t, []);
  await stuck(rig, 5);
  await setReady(rig, "Unknown");
  rig.clock.advance(7);
  strictEqual((await rig.drain()).because, "SecondLook");
  rig.clock.advance(6);
  strictEqual((await rig.drain()).because, "Drained");
});

test("pods on a Node that does not answer are given 30 s, and a budget's word until then", async (t) => {
  const rig = await draining(t, [{ graceSeconds: 600 }]);
  await rig.drain();
  await setReady(rig, "Unknown");
  rig.clock.advance(29);
  strictEqual((await rig.drain()).because, "PodsLeaving");
  rig.clock.advance(2);
  strictEqual((await rig.drain()).because, "NodeUnreachable");
});

test("a pod a minute past its end on a Node that is not Ready is not waited for", async (t) => {
  const rig = await draining(t, []);
  await stuck(rig, 5);
  await setReady(rig, "False");
  rig.clock.advance(60);
  strictEqual((await rig.drain()).because, "PodsLeaving");
  rig.clock.advance(6);
  strictEqual((await rig.drain()).because, "Drained");
});

test("volumes of a Node that does not answer are not waited for", async (t) => {
  const volumes = [{ name: "data", persistentVolumeClaim: { claimName: "data" } }];
  const rig = await draining(t, [{ graceSeconds: 2, volumes }]);
  const claimRef = { kind: "PersistentVolumeClaim", namespace: "default", name: "data" };
  await rig.create("workload", persistentVolumes, {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: "pv" },
    spec: { claimRef },
  });
  await rig.create("workload", volumeAttachments, {
    apiVersion: "storage.k8s.io/v1",
    kind: "VolumeAttachment",
    metadata: { name: "va" },
    spec: { attacher: "csi", nodeName: "node-1", source: { persistentVolumeName: "pv" } },
    status: { attached: true },
  });
  await rig.drain();
  await rig.pass(6);
  strictEqual((await rig.drain()).because, "VolumesAttached");
  await setReady(rig, "Unknown");
  strictEqual((await rig.drain()).because, "Drained");
});

test("more pods than a page holds are all seen", async (t) => {
  const rig = await startRig(t, { node: aNode() });
  for (let index = 0; index < 7; index++) await rig.create("workload", pods, aPod({ name: `web-${index}` }));
  const { workload } = rig;
  const paged: typeof workload = {
    ...workload,
    list: (resource, query) => workload.list(resource, { ...query, limit: 3 }),
  };
  const seen = await judgePods({
    management: rig.management,
    workload: paged,
    termination: aTermination(),
    found: await podsOn(paged, "node-1"),
    nodeReady: "True",
    nowSeconds: rig.clock.now().getTime() / 1000,
    owner: async () => ({}),
  });
  strictEqual(seen.length, 7);
  const all: Pod[] = [];
  for await (const page of paged.list<Pod>(pods)) all.push(...page);
  deepStrictEqual(seen.map(({ pod }) => pod).sort(), all.map(({ metadata }) => `default/${metadata.name}`).sort());
});
