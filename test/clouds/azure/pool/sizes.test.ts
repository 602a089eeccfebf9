/** Sizes of machines: what a region does not have, or not for this pool, is refused before Azure is asked. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Overrides } from "./objects.ts";
import { condition, passes, startPoolRig } from "./rig.ts";

const sizes: { name: string; template: NonNullable<Overrides["template"]>; said: RegExp; zones?: string[] }[] = [
  {
    name: "a size that is too small",
    template: { vmSize: "Standard_B1s" },
    said: /fewer than 2 processors.*less than 2 GiB/,
  },
  {
    name: "a size that does not exist",
    template: { vmSize: "Standard_None" },
    said: /no size Standard_None in westeurope/,
  },
  {
    name: "a size that others get",
    template: { vmSize: "Standard_ND96asr_v4" },
    said: /not offered to this subscription/,
  },
  { name: "a zone that is none", template: {}, zones: ["7"], said: /not offered in zone 7/ },
];
for (const { name, template, said, zones } of sizes)
  test(`refused before Azure is asked: ${name}`, async (t) => {
    const rig = await startPoolRig();
    t.after(rig.close);
    const pass = await rig.look({ template, ...(zones && { failureDomains: zones }) });
    assert.equal(pass.session.nextChange(pass.sight), undefined);
    assert.match(condition(pass, "ScaleSetRunning")?.message ?? "", said);
    assert.deepEqual(rig.calls("/write"), []);
  });

test("a size that does not exist stops the new model, not the number: the machines that come are of the old one", async (t) => {
  const rig = await startPoolRig();
  t.after(rig.close);
  const { status } = await passes(rig, { replicas: 1 });
  const bootstrap = { secretName: "s", format: "cloud-config" as const, value: Buffer.from("new") };
  const wrong: Overrides = { replicas: 2, template: { vmSize: "Standard_None" }, bootstrap, ...(status && { status }) };
  const { did } = await passes(rig, wrong);
  assert.deepEqual(did, ["scale 2"]);
  assert.deepEqual(new Set(rig.cloud.instances().map(({ size }) => size)), new Set(["Standard_D4s_v5"]));
  const pass = await rig.look(wrong);
  assert.match(condition(pass, "ScaleSetRunning")?.message ?? "", /no size Standard_None/);
});

test("sizes are asked for once, and not at all once the set stands", async (t) => {
  const rig = await startPoolRig();
  t.after(rig.close);
  await rig.look();
  await passes(rig);
  assert.equal(rig.calls("Microsoft.Compute/skus/read").length, 1);
});
