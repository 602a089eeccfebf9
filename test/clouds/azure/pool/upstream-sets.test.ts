/** Sets that others have made or changed: taken over from upstream, marked as upstream marks them, protected from hands. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MODEL_TAG, MODEL_TIME_TAG } from "../../../../lib/providers/azure/pool/tags.ts";
import { bootstrapOf, POOL } from "./objects.ts";
import { passes, startPoolRig } from "./rig.ts";

const image = (version: string) => ({ computeGallery: { gallery: "g", name: "i", version } });

test("a pool that upstream made is taken over: its set gets our tags and rolls nothing", async (t) => {
  const rig = await startPoolRig();
  t.after(rig.close);
  const { status } = await passes(rig, { replicas: 2, template: { image: image("1.0.0") } });
  const set = rig.set();
  assert.ok(set);
  const upstreams = Object.entries(set.tags).filter(([key]) => !key.startsWith("lifecycle."));
  const { compute } = rig;
  await compute.virtualMachineScaleSets.update(set.group, POOL, { tags: Object.fromEntries(upstreams) }).submitted();
  rig.clock.advance(30);
  const before = rig.named();
  const { did } = await passes(rig, { replicas: 2, template: { image: image("1.0.0") }, ...(status && { status }) });
  assert.deepEqual(did, ["UpdateScaleSet"]);
  assert.deepEqual(rig.named(), before);
  assert.equal(rig.set()?.tags[MODEL_TIME_TAG], undefined);
  assert.notEqual(rig.set()?.tags[MODEL_TAG], undefined);
});

test("machines are protected from Azure's own scale-in: a number lowered by hand takes nobody away", async (t) => {
  const rig = await startPoolRig();
  t.after(rig.close);
  await passes(rig);
  assert.ok(rig.cloud.instances().every(({ protection }) => protection.protectFromScaleIn));
  const before = rig.named();
  await rig.compute.virtualMachineScaleSets.update("edge-pools", POOL, { sku: { capacity: 1 } }).submitted();
  rig.clock.advance(60);
  assert.deepEqual(rig.named(), before);
});

test("custom data is never said by Azure, so its hash stands in upstream's tag", async (t) => {
  const rig = await startPoolRig();
  t.after(rig.close);
  await passes(rig, { bootstrap: bootstrapOf("join") });
  // printf am9pbg== | sha256sum
  assert.equal(
    rig.set()?.tags["capz-custom-data-hash"],
    "2fc9899e8480645e10796feb0cccb1b849e8066aa5ba9d66ab7bb1cca95b757e",
  );
});
