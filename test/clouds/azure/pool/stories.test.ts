/** Whole ways of a scale set through the passes of its pool, in both modes: the official SDK over HTTPS against the local Azure. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { OrchestrationMode } from "../../../../lib/api/azure/azure-machine-pool.ts";
import { joinData, type Overrides } from "./objects.ts";
import { condition, type Pass, type PoolRig, passes, startPoolRig } from "./rig.ts";

const writes = (did: readonly string[]) => did.filter((one) => one !== "ProtectInstances");
const image = (version: string) => ({ computeGallery: { gallery: "g", name: "i", version } });

/** More than `most` or fewer than `least` that are in service: a promise broken. */
const within = (rig: PoolRig, least: number, most: number) => () => {
  const all = rig.cloud.instances().filter(({ state }) => state !== "Deleting");
  const serving = all.filter(({ state }) => state === "Succeeded").length;
  assert.ok(all.length <= most, `${all.length} instances, ${most} at the most`);
  assert.ok(serving >= least, `${serving} in service, ${least} at least`);
};

for (const mode of ["Uniform", "Flexible"] as const satisfies readonly OrchestrationMode[]) {
  describe(`a pool on a scale set with ${mode} orchestration`, () => {
    const inMode = (more: Overrides = {}): Overrides => ({
      replicas: 3,
      ...more,
      spec: { orchestrationMode: mode, ...more.spec },
      template: { image: image("1.0.0"), ...more.template },
    });

    test("is made with its number in one PUT, said to be ready once its Nodes are, and then left alone", async (t) => {
      const rig = await startPoolRig();
      t.after(rig.close);
      const { did, status } = await passes(rig, inMode());
      assert.deepEqual(writes(did), ["CreateScaleSet"]);
      assert.deepEqual(
        [status?.ready, status?.replicas, status?.provisioningState, status?.lastReconciledReplicas],
        [true, 3, "Succeeded", 3],
      );
      assert.deepEqual(status?.longRunningOperationStates, []);
      const before = rig.azure.calls.length;
      const { session, sight } = await rig.look(inMode({ ...(status && { status }) }));
      assert.equal(session.nextChange(sight), undefined);
      assert.equal(rig.azure.calls.length - before, 2, "one look at the set and one list");
    });

    test("grows by its number alone, the model untouched", async (t) => {
      const rig = await startPoolRig();
      t.after(rig.close);
      const { status } = await passes(rig, inMode());
      const model = rig.set()?.model;
      const { did } = await passes(rig, inMode({ replicas: 5, ...(status && { status }) }));
      assert.deepEqual(writes(did), ["scale 5"]);
      assert.equal(rig.named().length, 5);
      assert.equal(rig.set()?.model, model);
    });

    test("shrinks by taking out the oldest, and nobody lowers the number of the set", async (t) => {
      const rig = await startPoolRig();
      t.after(rig.close);
      const { status } = await passes(rig, inMode());
      const oldest = rig.cloud.instances().map(({ name }) => name);
      const { did } = await passes(rig, inMode({ replicas: 1, ...(status && { status }) }));
      assert.deepEqual(
        writes(did).map((one) => one.split(" ")[0]),
        ["remove", "remove"],
      );
      assert.equal(rig.set()?.sku.capacity, 1);
      assert.equal(oldest.includes(rig.named()[0] ?? ""), true);
    });

    test("another image rolls: one more at a time, never fewer than wished for, until all are new", async (t) => {
      const rig = await startPoolRig();
      t.after(rig.close);
      const { status } = await passes(rig, inMode());
      const before = rig.named();
      const next = inMode({ template: { image: image("2.0.0") }, ...(status && { status }) });
      const { did, status: after } = await passes(rig, next, within(rig, 3, 4));
      assert.equal(writes(did)[0], "UpdateScaleSet");
      assert.equal(did.filter((one) => one.startsWith("remove")).length, 3);
      assert.ok(rig.named().every((name) => !before.includes(name)));
      assert.equal(rig.named().length, 3);
      assert.ok(after?.instances?.every(({ latestModelApplied }) => latestModelApplied));
      assert.equal(rig.set()?.sku.capacity, 3);
    });

    test("with two at a time and one that may be missing it rolls within these bounds", async (t) => {
      const rig = await startPoolRig();
      t.after(rig.close);
      const strategy = { rollingUpdate: { maxSurge: 2, maxUnavailable: 1 } };
      const wide = (more: Overrides) => inMode({ replicas: 4, ...more, spec: { strategy } });
      const { status } = await passes(rig, wide({}));
      const { did } = await passes(
        rig,
        wide({ template: { image: image("2.0.0") }, ...(status && { status }) }),
        within(rig, 3, 6),
      );
      assert.equal(did.filter((one) => one.startsWith("remove")).length, 4);
      assert.equal(rig.named().length, 4);
    });

    test("without surge one goes before the next comes", async (t) => {
      const rig = await startPoolRig();
      t.after(rig.close);
      const strategy = { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } };
      const tight = (more: Overrides) => inMode({ ...more, spec: { strategy } });
      const { status } = await passes(rig, tight({}));
      const before = rig.named();
      await passes(rig, tight({ template: { image: image("2.0.0") }, ...(status && { status }) }), within(rig, 2, 3));
      assert.ok(rig.named().every((name) => !before.includes(name)));
    });

    test("another size rolls as another image does", async (t) => {
      const rig = await startPoolRig();
      t.after(rig.close);
      const { status } = await passes(rig, inMode());
      const next = inMode({ template: { vmSize: "Standard_D8s_v5" }, ...(status && { status }) });
      await passes(rig, next, within(rig, 3, 4));
      assert.deepEqual(new Set(rig.cloud.instances().map(({ size }) => size)), new Set(["Standard_D8s_v5"]));
    });

    test("a terminate notification that is switched on is sent, and the machines without it are replaced", async (t) => {
      const rig = await startPoolRig();
      t.after(rig.close);
      const { status } = await passes(rig, inMode({ replicas: 1 }));
      const [before] = rig.named();
      const next = inMode({ replicas: 1, template: { terminateNotificationTimeout: 5 }, ...(status && { status }) });
      const pass = await rig.look(next);
      assert.deepEqual(
        pass.sight.group?.instances.map(({ upToDate }) => upToDate),
        [false],
      );
      assert.equal(condition(pass, "ScaleSetModelUpdated")?.reason, "ScaleSetModelOutOfDate");
      await passes(rig, next);
      assert.equal(rig.named().length, 1);
      assert.notEqual(rig.named()[0], before);
    });

    test("another token sends nothing and rolls nothing; the next machine begins with it", async (t) => {
      const rig = await startPoolRig();
      t.after(rig.close);
      const { status } = await passes(rig, inMode({ replicas: 1 }));
      const [before] = rig.named();
      const rotated = inMode({
        replicas: 1,
        bootstrap: joinData("zzzzzz.0123456789abcdef"),
        ...(status && { status }),
      });
      const quiet = await passes(rig, rotated);
      assert.deepEqual(quiet.did, []);
      const { did } = await passes(rig, { ...rotated, replicas: 2 });
      assert.deepEqual(writes(did), ["scale 2"]);
      const begun = rig.cloud.instances().map(({ name, profile }) => ({ name, data: profile.osProfile?.customData }));
      const fresh = Buffer.from(rotated.bootstrap === "none" ? "" : (rotated.bootstrap?.value ?? "")).toString(
        "base64",
      );
      assert.deepEqual(
        begun.filter(({ data }) => data === fresh).map(({ name }) => name === before),
        [false],
      );
      assert.ok(rig.named().includes(before ?? ""));
    });

    test("where somebody else owns the number another token is sent at once, and rolls nothing", async (t) => {
      const rig = await startPoolRig();
      t.after(rig.close);
      const external = (more: Overrides = {}) => inMode({ replicas: 2, managedBy: "autoscaler", ...more });
      const { status } = await passes(rig, external());
      const before = rig.named();
      const { did } = await passes(rig, external({ bootstrap: joinData("new"), ...(status && { status }) }));
      assert.deepEqual(writes(did), ["UpdateScaleSet"]);
      assert.deepEqual(rig.named(), before);
    });

    test("where somebody else owns the number another image replaces one by one, and the number stays", async (t) => {
      const rig = await startPoolRig();
      t.after(rig.close);
      const external = (more: Overrides = {}) => inMode({ replicas: 3, managedBy: "autoscaler", ...more });
      const { status } = await passes(rig, external());
      const before = rig.named();
      const next = external({ template: { image: image("2.0.0") }, ...(status && { status }) });
      await passes(rig, next, (pass: Pass) => {
        assert.equal(pass.sight.group?.desired, 3);
        within(rig, 2, 4)();
      });
      assert.ok(rig.named().every((name) => !before.includes(name)));
      assert.equal(rig.named().length, 3);
    });

    test("fewer wished for in the middle of a rollout ends with so many", async (t) => {
      const rig = await startPoolRig();
      t.after(rig.close);
      const { status } = await passes(rig, inMode());
      const next = inMode({ template: { image: image("2.0.0") }, ...(status && { status }) });
      const pass = await rig.look(next);
      const change = pass.session.nextChange(pass.sight);
      assert.ok(change);
      await pass.session.apply(change);
      rig.clock.advance(60);
      await passes(rig, { ...next, replicas: 1 });
      assert.equal(rig.named().length, 1);
    });

    test("a failed machine is replaced", async (t) => {
      const rig = await startPoolRig();
      t.after(rig.close);
      const { status } = await passes(rig, inMode());
      const [sick] = rig.cloud.instances();
      assert.ok(sick);
      rig.cloud.crashHost(sick);
      const { did } = await passes(rig, inMode({ ...(status && { status }) }));
      assert.deepEqual(writes(did), [`remove ${sick.name}`, "scale 3"]);
      assert.equal(rig.named().includes(sick.name), false);
    });

    test("a marked machine goes first", async (t) => {
      const rig = await startPoolRig();
      t.after(rig.close);
      const { status } = await passes(rig, inMode());
      const chosen = rig.cloud.instances()[1];
      assert.ok(chosen);
      rig.marked.add(rig.cloud.providerIdOf(chosen));
      const { did } = await passes(rig, inMode({ replicas: 2, ...(status && { status }) }));
      assert.deepEqual(writes(did), [`remove ${chosen.name}`]);
    });

    test("the pool goes: an empty set is deleted, once", async (t) => {
      const rig = await startPoolRig();
      t.after(rig.close);
      const { status } = await passes(rig, inMode({ replicas: 0 }));
      const going = inMode({ replicas: 0, deleting: true, ...(status && { status }) });
      const pass = await rig.look(going);
      const change = pass.session.nextRemoval(pass.sight);
      assert.equal(change?.do, "DeleteScaleSet");
      assert.ok(change);
      await pass.session.apply(change);
      const said = pass.session.say(pass.sight, undefined).status;
      const again = await rig.look({ ...going, status: said });
      assert.equal(again.session.nextRemoval(again.sight), undefined);
      assert.equal(again.sight.group?.deleting, true);
      rig.clock.advance(30);
      const after = await rig.look({ ...going, status: said });
      assert.equal(after.sight.group, undefined);
      assert.equal(after.session.nextRemoval(after.sight), undefined);
    });
  });
}
