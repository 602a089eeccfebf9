/** Long-running operations between two passes: begun once, kept as text, asked for once, and healed by looking. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { LongRunningOperationState } from "../../../../lib/api/azure/azure-machine-pool.ts";
import { retryAfterSeconds } from "../../../../lib/providers/azure/errors.ts";
import { storedOperation, storedState, withOperation } from "../../../../lib/providers/azure/pool/operations.ts";
import { type Overrides, POOL } from "./objects.ts";
import { condition, type PoolRig, passes, startPoolRig, statusSaid } from "./rig.ts";

const WRITE = "virtualMachineScaleSets/write";
const POLL = "locations/operations/read";
const count = (rig: PoolRig, verb: string) => rig.calls(verb).length;

/** Begins the creation. @returns the status as the pass leaves it */
async function begun(rig: PoolRig, overrides: Overrides = {}) {
  const pass = await rig.look(overrides);
  const change = pass.session.nextChange(pass.sight);
  assert.equal(change?.do, "CreateScaleSet");
  assert.ok(change);
  await pass.session.apply(change);
  return statusSaid(pass) ?? {};
}

test("what one pass begins is in the status it writes; the next asks once and begins nothing", async (t) => {
  const rig = await startPoolRig();
  t.after(rig.close);
  const status = await begun(rig);
  const [state, ...others] = status.longRunningOperationStates ?? [];
  assert.deepEqual(others, []);
  assert.deepEqual(
    [state?.type, state?.serviceName, state?.name, state?.resourceGroup],
    ["PUT", "scalesets", POOL, "edge-pools"],
  );
  assert.match(state?.data ?? "", /^[\w-]+$/);
  const before = rig.azure.calls.length;
  const next = await rig.look({ status });
  assert.deepEqual(
    rig.azure.calls.slice(before).map(({ what }) => what.split("/").slice(-2).join("/")),
    ["operations/read", "virtualMachineScaleSets/read", "virtualMachines/read"],
  );
  assert.equal(next.sight.group?.busySeconds, 7, "as Azure's Retry-After said");
  assert.equal(next.session.nextChange(next.sight), undefined);
  assert.deepEqual(statusSaid(next)?.longRunningOperationStates, status.longRunningOperationStates);
});

test("a doubled look while it runs sends no second PUT", async (t) => {
  const rig = await startPoolRig();
  t.after(rig.close);
  const status = await begun(rig);
  for (const seen of [status, status, {}]) {
    const { session, sight } = await rig.look({ status: seen });
    assert.equal(session.nextChange(sight), undefined);
  }
  assert.equal(count(rig, WRITE), 1);
});

test("two passes that both saw no set make one", async (t) => {
  const rig = await startPoolRig();
  t.after(rig.close);
  const [first, second] = [await rig.look(), await rig.look()];
  for (const { session, sight } of [first, second]) {
    const change = session.nextChange(sight);
    assert.ok(change);
    await session.apply(change);
  }
  assert.equal(rig.cloud.scaleSets().length, 1);
  assert.deepEqual(statusSaid(second)?.longRunningOperationStates, []);
});

test("once it has ended its entry goes", async (t) => {
  const rig = await startPoolRig();
  t.after(rig.close);
  const status = await begun(rig);
  rig.clock.advance(30);
  const next = await rig.look({ status });
  assert.equal(next.sight.group?.busySeconds, undefined);
  assert.deepEqual(statusSaid(next)?.longRunningOperationStates, []);
});

const foreign: { name: string; data: string }[] = [
  {
    name: "the text of upstream's SDK",
    data: Buffer.from('{"type":"*armcompute","token":{"type":"async"}}').toString("base64url"),
  },
  { name: "no base64 at all", data: "%%%" },
  { name: "an empty text", data: "" },
  { name: "JSON of another kind", data: Buffer.from('{"poller":"{}","asked":"x"}').toString("base64url") },
];
for (const { name, data } of foreign)
  test(`a stored operation that nobody can read is dropped, and the set tells: ${name}`, async (t) => {
    const rig = await startPoolRig();
    t.after(rig.close);
    await begun(rig);
    const longRunningOperationStates = [{ type: "PUT", serviceName: "scalesets", name: POOL, data }];
    const next = await rig.look({ status: { longRunningOperationStates } });
    assert.equal(count(rig, POLL), 0);
    assert.equal(next.sight.group?.busySeconds, 15);
    assert.deepEqual(statusSaid(next)?.longRunningOperationStates, []);
  });

test("an operation that Azure has forgotten is dropped", async (t) => {
  const rig = await startPoolRig();
  t.after(rig.close);
  const status = await begun(rig);
  rig.clock.advance(30);
  rig.azure.inject({
    service: "arm",
    action: "Microsoft.Compute/locations/operations/read",
    code: "NotFound",
    status: 404,
    times: 1,
  });
  const next = await rig.look({ status });
  assert.deepEqual(statusSaid(next)?.longRunningOperationStates, []);
});

test("a stored operation elsewhere gets no token of ours", async (t) => {
  const rig = await startPoolRig();
  t.after(rig.close);
  const status = await begun(rig);
  const [state] = status.longRunningOperationStates ?? [];
  const text = Buffer.from(state?.data ?? "", "base64url")
    .toString("utf8")
    .replaceAll(rig.azure.endpoint, "https://elsewhere.invalid");
  const data = Buffer.from(text).toString("base64url");
  const next = await rig.look({
    status: { longRunningOperationStates: [{ ...(state as LongRunningOperationState), data }] },
  });
  assert.equal(count(rig, POLL), 0);
  assert.deepEqual(statusSaid(next)?.longRunningOperationStates, []);
});

test("what Azure accepted and failed is said with its code and what to do, as long as it stays so", async (t) => {
  const rig = await startPoolRig();
  t.after(rig.close);
  const { status } = await passes(rig, { replicas: 2 });
  rig.cloud.failLater({
    action: "Microsoft.Compute/virtualMachineScaleSets/write",
    code: "OverconstrainedZonalAllocationRequest",
    message: "no room in zone 1",
    times: 1,
  });
  const more: Overrides = { replicas: 4, ...(status && { status }) };
  const pass = await rig.look(more);
  const step = pass.session.rollout?.(pass.sight, { replicas: 4, externallyManaged: false, leaving: new Map() });
  assert.equal(step?.desired, 4);
  await pass.session.scale(pass.sight, 4);
  const said = statusSaid(pass);
  rig.clock.advance(60);
  for (const _ of [1, 2]) {
    const next = await rig.look({ ...more, ...(said && { status: said }) });
    const desired = condition(next, "ScaleSetDesiredReplicas");
    assert.deepEqual(
      [desired?.status, desired?.severity, desired?.reason],
      ["False", "Warning", "OverconstrainedZonalAllocationRequest"],
    );
    assert.match(desired?.message ?? "", /no room in zone 1.*choose another vmSize/);
    assert.equal(next.session.nextChange(next.sight), undefined);
    assert.equal(next.sight.group?.busySeconds, undefined);
    assert.deepEqual(statusSaid(next)?.longRunningOperationStates, said?.longRunningOperationStates);
  }
});

test("states of others in the list stay", () => {
  const other = { type: "PUT", serviceName: "scalesetvms", name: "x", data: "d" };
  const mine = storedState({ type: "PUT", token: "t", asked: "a" }, POOL, "g");
  const status = { longRunningOperationStates: [other, { ...mine, data: "old" }] };
  assert.deepEqual(withOperation(status, POOL, mine), [other, mine]);
  assert.deepEqual(withOperation(status, POOL, undefined), [other]);
});

test("what is stored is read back, and nothing else is", () => {
  const token = JSON.stringify({ state: { status: "running", config: { operationLocation: "https://x/y" } } });
  const stored = { type: "PATCH", token, asked: "a" } as const;
  assert.deepEqual(storedOperation({ longRunningOperationStates: [storedState(stored, POOL, "g")] }, POOL), stored);
  assert.equal(storedOperation({ longRunningOperationStates: [storedState(stored, "other", "g")] }, POOL), undefined);
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json().map((one) => Buffer.from(one).toString("base64url")),
      ),
      (data) => {
        const state = { type: "PUT", serviceName: "scalesets", name: POOL, data };
        assert.equal(storedOperation({ longRunningOperationStates: [state] }, POOL), undefined);
      },
    ),
  );
});

test("Retry-After is seconds or a date, and no answer is no number", () => {
  const now = new Date("2026-11-20T08:00:00Z");
  assert.equal(retryAfterSeconds("40", now), 40);
  assert.equal(retryAfterSeconds("Fri, 20 Nov 2026 08:01:30 GMT", now), 90);
  assert.equal(retryAfterSeconds("Fri, 20 Nov 2026 07:00:00 GMT", now), 0);
  for (const odd of [undefined, "", "soon", "-5"]) assert.equal(retryAfterSeconds(odd, now), undefined, odd);
  assert.equal(retryAfterSeconds("Fri, 20 Nov 2026 08:01:30 GMT", new Date(Number.NaN)), undefined);
});
