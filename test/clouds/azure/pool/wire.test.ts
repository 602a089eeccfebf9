/** Azure's refusals, roles, tags and oddities as they come over the wire, through the official SDK. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ProviderError } from "../../../../lib/providers/errors.ts";
import { anAzureCluster, type Overrides, POOL, RESOURCE_GROUP } from "./objects.ts";
import { CLIENT, condition, type PoolRig, passes, startPoolRig } from "./rig.ts";

const SETS = "Microsoft.Compute/virtualMachineScaleSets";
const ofKind =
  (kind: ProviderError["kind"], more: (error: ProviderError) => boolean = () => true) =>
  (error: unknown) =>
    error instanceof ProviderError && error.kind === kind && more(error);

/** One pass that makes the next change, or fails at it. */
async function change(rig: PoolRig, overrides: Overrides = {}): Promise<void> {
  const { session, sight } = await rig.look(overrides);
  const next = session.nextChange(sight);
  assert.ok(next, "there is something to be changed");
  await session.apply(next);
}

test("throttling waits as long as Azure asks", async (t) => {
  const rig = await startPoolRig();
  t.after(rig.close);
  rig.azure.inject({ service: "arm", code: "TooManyRequests", status: 429, retryAfterSeconds: 40, times: 1 });
  await assert.rejects(
    rig.look(),
    ofKind("throttled", ({ retryAfterSeconds }) => retryAfterSeconds === 40),
  );
  rig.azure.inject({ service: "arm", code: "TooManyRequests", status: 429, times: 1 });
  await assert.rejects(
    rig.look(),
    ofKind("throttled", ({ retryAfterSeconds }) => retryAfterSeconds === 60),
  );
});

const refusals: { code: string; status: number; kind: ProviderError["kind"]; said: RegExp; message?: string }[] = [
  { code: "AuthorizationFailed", status: 403, kind: "denied", said: /grant the identity/ },
  { code: "LinkedAuthorizationFailed", status: 403, kind: "denied", said: /linked subnet/ },
  { code: "ScopeLocked", status: 403, kind: "denied", said: /take the resource lock away/ },
  { code: "QuotaExceeded", status: 409, kind: "invalid", said: /ask Azure for more quota/ },
  {
    code: "OperationNotAllowed",
    status: 409,
    kind: "invalid",
    message: "exceeding approved Total Regional Cores quota",
    said: /ask Azure for more quota/,
  },
  {
    code: "OperationNotAllowed",
    status: 409,
    kind: "conflict",
    message: "Another operation is in progress",
    said: /Another operation/,
  },
  { code: "SkuNotAvailable", status: 409, kind: "invalid", said: /choose a vmSize/ },
  { code: "InvalidParameter", status: 400, kind: "invalid", said: /correct that field/ },
  { code: "PropertyChangeNotAllowed", status: 409, kind: "invalid", said: /make a new pool/ },
  { code: "GalleryImageNotFound", status: 404, kind: "invalid", said: /replicated to this region/ },
  { code: "ResourceGroupNotFound", status: 404, kind: "not-found", said: /create the resource group/ },
  { code: "InternalServerError", status: 500, kind: "unavailable", said: /Injected/ },
  { code: "SomethingNew", status: 422, kind: "invalid", said: /Injected/ },
];
for (const { code, status, kind, said, message } of refusals)
  test(`${code} with ${status} is ${kind}${message ? `: ${message}` : ""}`, async (t) => {
    const rig = await startPoolRig();
    t.after(rig.close);
    rig.azure.inject({ service: "arm", action: `${SETS}/delete`, code, status, times: 1, ...(message && { message }) });
    await passes(rig, { replicas: 0 });
    const { session, sight } = await rig.look({ replicas: 0, deleting: true });
    const removal = session.nextRemoval(sight);
    assert.ok(removal);
    if (kind === "not-found") return session.apply(removal);
    await assert.rejects(
      session.apply(removal),
      ofKind(kind, (error) => said.test(error.message)),
    );
  });

test("a dropped connection is no answer, and no secret of the request is in what is said", async (t) => {
  const rig = await startPoolRig();
  t.after(rig.close);
  rig.azure.inject({ service: "arm", action: `${SETS}/write`, times: 1, drop: true });
  await assert.rejects(change(rig), (error: Error) => {
    assert.ok(ofKind("unavailable")(error));
    const data = Buffer.from("#cloud-config\ntoken: abcdef.0123456789abcdef\n").toString("base64");
    assert.doesNotMatch(`${error.message} ${JSON.stringify(error.cause)}`, new RegExp(`${data}|Bearer`));
    return true;
  });
});

test("an answer that is lost after the set was made is no second set", async (t) => {
  const rig = await startPoolRig();
  t.after(rig.close);
  rig.azure.inject({ service: "arm", action: `${SETS}/write`, times: 1, drop: true, afterEffect: true });
  await assert.rejects(change(rig));
  const { did } = await passes(rig, { replicas: 3 });
  assert.equal(did.includes("CreateScaleSet"), false);
  assert.equal(rig.named().length, 3);
});

test("somebody who changed the set meanwhile is not overwritten", async (t) => {
  const rig = await startPoolRig();
  t.after(rig.close);
  const { status } = await passes(rig);
  const { session, sight } = await rig.look({ template: { vmSize: "Standard_D8s_v5" }, ...(status && { status }) });
  const next = session.nextChange(sight);
  assert.ok(next);
  await rig.compute.virtualMachineScaleSets
    .update(RESOURCE_GROUP, POOL, { tags: { ...rig.set()?.tags, by: "hand" } })
    .submitted();
  rig.clock.advance(30);
  await assert.rejects(session.apply(next), ofKind("conflict"));
  assert.equal(rig.set()?.sku.name, "Standard_D4s_v5");
});

test("a set of another owner is neither read nor touched, and a person is told", async (t) => {
  const rig = await startPoolRig();
  t.after(rig.close);
  await rig.makeForeignSet(POOL);
  const pass = await rig.look();
  assert.equal(pass.sight.group, undefined);
  assert.equal(pass.session.nextChange(pass.sight), undefined);
  assert.match(
    condition(pass, "ScaleSetRunning")?.message ?? "",
    /no tag sigs.k8s.io_cluster-api-provider-azure_cluster_blue/,
  );
  const going = await rig.look({ deleting: true });
  assert.equal(going.session.nextRemoval(going.sight), undefined);
});

test("a set of another pool of this cluster is foreign as well", async (t) => {
  const rig = await startPoolRig();
  t.after(rig.close);
  await passes(rig, { replicas: 1 });
  rig.put("AzureCluster", { ...anAzureCluster(), metadata: { name: "blue", namespace: "other" } });
  const pass = await rig.look({ namespace: "other" });
  assert.match(condition(pass, "ScaleSetRunning")?.message ?? "", /belongs to the AzureMachinePool team\/workers-a/);
});

test("a failed set heals when Azure has what it lacked", async (t) => {
  const rig = await startPoolRig();
  t.after(rig.close);
  const { status } = await passes(rig, { replicas: 1 });
  const doom = { action: `${SETS}/write`, code: "AllocationFailed", message: "no room", times: 2 };
  rig.cloud.failLater(doom);
  const { did, status: after } = await passes(rig, { replicas: 2, ...(status && { status }) });
  assert.deepEqual(did[0], "scale 2");
  assert.equal(after?.longRunningOperationStates?.length, 1);
  rig.clock.advance(400);
  const healed = await passes(rig, { replicas: 2, ...(after && { status: after }) });
  assert.deepEqual(healed.did, ["AskAgain"]);
  rig.clock.advance(400);
  const end = await passes(rig, { replicas: 2, ...(healed.status && { status: healed.status }) });
  assert.deepEqual(end.did.slice(0, 1), ["AskAgain"]);
  assert.equal(rig.named().length, 2);
  assert.deepEqual(end.status?.longRunningOperationStates, []);
});

test("additional tags come and go by the tags service, those of others stay", async (t) => {
  const rig = await startPoolRig();
  t.after(rig.close);
  const { status } = await passes(rig, { replicas: 1, spec: { additionalTags: { team: "a", old: "x" } } });
  await rig.compute.virtualMachineScaleSets
    .update(RESOURCE_GROUP, POOL, { tags: { ...rig.set()?.tags, cost: "b" } })
    .submitted();
  rig.clock.advance(30);
  const annotations = { "sigs.k8s.io/cluster-api-provider-azure-last-applied-tags-vmss": '{"old":"x","team":"a"}' };
  const { did } = await passes(rig, {
    replicas: 1,
    annotations,
    spec: { additionalTags: { team: "b" } },
    ...(status && { status }),
  });
  assert.deepEqual(did, ["TagScaleSet", "UntagScaleSet"]);
  const { team, old, cost } = rig.set()?.tags ?? {};
  assert.deepEqual([team, old, cost], ["b", undefined, "b"]);
  assert.equal(rig.calls(`${SETS}/write`).length, 2, "the creation and the hand's");
});

test("an odd annotation is no reason to take tags away", async (t) => {
  const rig = await startPoolRig();
  t.after(rig.close);
  const { did } = await passes(rig, {
    replicas: 1,
    annotations: { "sigs.k8s.io/cluster-api-provider-azure-last-applied-tags-vmss": "{" },
  });
  assert.deepEqual(did, ["CreateScaleSet", "ProtectInstances"]);
});

test("every action that was needed is one that a role can name", async (t) => {
  const rig = await startPoolRig();
  t.after(rig.close);
  await passes(rig, { replicas: 2, spec: { additionalTags: { a: "1" } } });
  const who = new Set(rig.cloud.roles.needed.map((one) => one.who));
  assert.deepEqual([...who], [CLIENT]);
  assert.deepEqual([...new Set(rig.cloud.roles.needed.map(({ action }) => action))].sort(), [
    "Microsoft.Compute/locations/operations/read",
    "Microsoft.Compute/skus/read",
    `${SETS}/read`,
    `${SETS}/virtualMachines/read`,
    `${SETS}/virtualMachines/write`,
    `${SETS}/write`,
    "Microsoft.Network/loadBalancers/backendAddressPools/join/action",
    "Microsoft.Network/virtualNetworks/subnets/join/action",
  ]);
});

test("Azure's capital letters make no other machines", async (t) => {
  const rig = await startPoolRig();
  t.after(rig.close);
  rig.put("AzureCluster", anAzureCluster({ resourceGroup: "EDGE-Pools" }));
  await passes(rig, { replicas: 1 });
  const { sight } = await rig.look({ replicas: 1 });
  assert.match(sight.group?.id ?? "", /resourceGroups\/edge-pools\//);
  assert.match(
    sight.group?.instances[0]?.providerID ?? "",
    /resourceGroups\/edge-pools\/.*\/workers-a\/virtualMachines\/0$/,
  );
});
