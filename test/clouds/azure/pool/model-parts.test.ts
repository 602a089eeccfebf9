/** Parts of a model that not every set has, and the hash that tells one model from another. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AzureClusterSpec } from "../../../../lib/api/azure/azure-cluster.ts";
import { modelOf } from "../../../../lib/providers/azure/pool/model.ts";
import { anAzureCluster, type Overrides, POOL } from "./objects.ts";
import { aRequest, aWish } from "./sights.ts";

const IMAGE = { id: "/subscriptions/s/images/one" };

const own = { name: "mine", publisher: "p", version: "1.2", settings: { a: "b" }, protectedSettings: { c: "d" } };
const extensions = async (overrides: Overrides, cluster: Partial<AzureClusterSpec> = {}) => {
  const model = modelOf(await aRequest(overrides, anAzureCluster(cluster)), IMAGE, POOL);
  const all = model.virtualMachineProfile?.extensionProfile?.extensions ?? [];
  return all.map(({ name, typeHandlerVersion }) => `${name} ${typeHandlerVersion}`);
};

test("the extension that waits for kubeadm comes only where it is asked for, and only in the public cloud", async () => {
  const asked = { disableVMBootstrapExtension: false };
  assert.deepEqual(await extensions({}), []);
  assert.deepEqual(await extensions({ template: { disableVMBootstrapExtension: true } }), []);
  assert.deepEqual(await extensions({ template: asked }), ["CAPZ.Linux.Bootstrapping 1.0"]);
  assert.deepEqual(await extensions({ template: { ...asked, vmSize: "Standard_D2ps_v5" } }), [
    "CAPZ.Linux.Bootstrapping 1.1",
  ]);
  assert.deepEqual(await extensions({ template: { ...asked, osDisk: { osType: "Windows" } } }), [
    "CAPZ.Windows.Bootstrapping 1.0",
  ]);
  assert.deepEqual(await extensions({ template: asked }, { azureEnvironment: "AzureChinaCloud" }), []);
  assert.deepEqual(await extensions({ template: { vmExtensions: [own] } }), ["mine 1.2"]);
  assert.deepEqual(await extensions({ template: { ...asked, vmExtensions: [own] } }), [
    "mine 1.2",
    "CAPZ.Linux.Bootstrapping 1.0",
  ]);
});

test("scheduled events are published outside the machines only where the deployment asks for the preview", async () => {
  const request = await aRequest();
  assert.equal(modelOf(request, IMAGE, POOL).scheduledEventsPolicy, undefined);
  assert.deepEqual(modelOf({ ...request, publishScheduledEvents: true }, IMAGE, POOL).scheduledEventsPolicy, {
    scheduledEventsAdditionalPublishingTargets: {
      eventGridAndResourceGraph: { enable: true, scheduledEventsApiVersion: "2020-07-01" },
    },
  });
});

test("the hash of a model changes with the model and with nothing that is secret, made up, or a matter of number", async () => {
  const hash = async (overrides: Overrides) => (await aWish(overrides)).modelHash;
  const same = await hash({});
  assert.equal(await hash({ replicas: 9 }), same);
  assert.equal(
    await hash({ bootstrap: { secretName: "s", format: "cloud-config", value: Buffer.from("other") } }),
    same,
  );
  assert.equal(await hash({ spec: { additionalTags: { a: "b" } } }), same);
  assert.notEqual(await hash({ template: { vmExtensions: [own] } }), same);
  assert.notEqual(await hash({ template: { spotVMOptions: {} } }), same);
  assert.notEqual(await hash({ version: "v1.35.0" }), same);
});
