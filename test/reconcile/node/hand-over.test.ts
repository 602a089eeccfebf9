/** Bootstrap data reaches the MachinePool: both contracts, nothing too early, nothing guessed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { BootstrapConfig } from "../../../lib/api/core/bootstrap-config.ts";
import { machinePools } from "../../../lib/api/core/machine-pool.ts";
import { POOL } from "../../support/builders.ts";
import { eksConfigs, kubeadmConfigs } from "./support/crds.ts";
import { configOf, poolOf } from "./support/objects.ts";
import { conditionOf, type NodeRig, type NodeRigOptions, oldConditionOf, startNodeRig } from "./support/rig.ts";

const refTo = (kind: string, name = POOL) => ({
  bootstrap: { configRef: { apiGroup: "bootstrap.cluster.x-k8s.io", kind, name } },
});
const secretName = async (rig: NodeRig) => (await rig.pool()).spec.template.spec.bootstrap?.dataSecretName;
type Status = NonNullable<BootstrapConfig["status"]>;

interface BootstrapCase {
  readonly name: string;
  readonly options: NodeRigOptions;
  readonly secret: string | undefined;
  readonly created: boolean;
  readonly old: string;
  readonly condition: string;
}

const withConfig = (status: Status, resource = kubeadmConfigs): NodeRigOptions => ({
  config: configOf(status, { resource }),
  pool: poolOf({ template: refTo(resource.kind) }),
});
const falseReady = {
  type: "Ready",
  status: "False",
  reason: "Custom",
  message: "m",
  lastTransitionTime: "2026-01-01T00:00:00Z",
} as const;

const bootstrapCases: readonly BootstrapCase[] = [
  {
    name: "a config of contract v1beta2 that is created hands its Secret over",
    options: withConfig({ initialization: { dataSecretCreated: true }, dataSecretName: "s" }),
    secret: "s",
    created: true,
    old: "True",
    condition: "True Ready",
  },
  {
    name: "a config of contract v1beta1 that is ready hands its Secret over",
    options: withConfig({ ready: true, dataSecretName: "s" }, eksConfigs),
    secret: "s",
    created: true,
    old: "True",
    condition: "True Ready",
  },
  {
    name: "a config that says created without a Secret's name is an error that is said",
    options: withConfig({ initialization: { dataSecretCreated: true } }),
    secret: undefined,
    created: false,
    old: "False DataSecretNameMissing",
    condition: "False DataSecretNameMissing",
  },
  {
    name: "a config that is not created yet is waited for",
    options: withConfig({ initialization: { dataSecretCreated: false }, dataSecretName: "s" }),
    secret: undefined,
    created: false,
    old: "False WaitingForDataSecret",
    condition: "False NotReady",
  },
  {
    name: "a config without any status is waited for",
    options: withConfig({}),
    secret: undefined,
    created: false,
    old: "False WaitingForDataSecret",
    condition: "False NotReady",
  },
  {
    name: "a config's own Ready condition is repeated with its reason",
    options: withConfig({ initialization: { dataSecretCreated: false }, conditions: [falseReady] }),
    secret: undefined,
    created: false,
    old: "False Custom",
    condition: "False Custom",
  },
  {
    name: "a configRef to a missing object is an error that is said",
    options: { config: null },
    secret: undefined,
    created: false,
    old: "False IncorrectExternalRef",
    condition: "False DoesNotExist",
  },
  {
    name: "a kind whose CRD is not installed is said",
    options: { pool: poolOf({ template: refTo("OtherConfig") }) },
    secret: undefined,
    created: false,
    old: "False ContractUnknown",
    condition: "Unknown InternalError",
  },
  {
    name: "a Secret brought along without a config is untouched and counts as created",
    options: { pool: poolOf({ template: { bootstrap: { dataSecretName: "mine" } } }) },
    secret: "mine",
    created: true,
    old: "True",
    condition: "True DataSecretProvided",
  },
  {
    name: "the empty Secret name of managed pools counts as created",
    options: { pool: poolOf({ template: { bootstrap: { dataSecretName: "" } } }) },
    secret: "",
    created: true,
    old: "True",
    condition: "True DataSecretProvided",
  },
];
for (const { name, options, secret, created, old, condition } of bootstrapCases)
  test(name, async (t) => {
    const rig = await startNodeRig(t, options);
    await rig.settle();
    const status = await rig.status();
    assert.equal(await secretName(rig), secret);
    assert.equal(status.initialization?.bootstrapDataSecretCreated, created);
    assert.equal(oldConditionOf(status, "BootstrapReady"), old);
    assert.equal(conditionOf(status, "BootstrapConfigReady"), condition);
    if (old !== "True") assert.equal(oldConditionOf(status, "Ready"), old);
  });

test("a config in another namespace does not count", async (t) => {
  const rig = await startNodeRig(t, { config: null });
  await rig.create({ ...kubeadmConfigs }, configOf(undefined, { namespace: "default" }));
  await rig.settle();
  assert.equal(oldConditionOf(await rig.status(), "BootstrapReady"), "False IncorrectExternalRef");
});

test("another Secret name of the same config replaces the old one", async (t) => {
  const rig = await startNodeRig(t);
  await rig.settle();
  await rig.change(kubeadmConfigs, POOL, {}, { dataSecretName: "data-2" });
  await rig.settle();
  assert.equal(await secretName(rig), "data-2");
});

test("a Running pool whose configRef moves keeps its Secret and its phase until the new config is ready", async (t) => {
  const rig = await startNodeRig(t);
  await rig.settle();
  await rig.create(kubeadmConfigs, configOf({ initialization: { dataSecretCreated: false } }, { name: "next" }));
  await rig.change(machinePools, POOL, { spec: { template: { spec: refTo("KubeadmConfig", "next") } } });
  await rig.settle();
  const waiting = await rig.status();
  assert.equal(await secretName(rig), "data-1");
  assert.deepEqual(
    [waiting.phase, waiting.initialization],
    ["Running", { bootstrapDataSecretCreated: false, infrastructureProvisioned: true }],
  );
  await rig.change(
    kubeadmConfigs,
    "next",
    {},
    { initialization: { dataSecretCreated: true }, dataSecretName: "data-next" },
  );
  await rig.settle();
  assert.equal(await secretName(rig), "data-next");
  assert.equal((await rig.status()).phase, "Running");
});

test("the version of a kind is asked for once per sandbox", async (t) => {
  const rig = await startNodeRig(t);
  await rig.settle();
  const asked = rig.calls().filter(({ what }) => what === "GET customresourcedefinitions");
  assert.equal(asked.length, 1);
});
