/** What upstream's webhook would refuse is refused in a condition: one row for each rule, beside what is accepted. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AzureImage } from "../../../../lib/api/azure/azure-machine-template.ts";
import { type Size, sizeProblems } from "../../../../lib/providers/azure/pool/skus.ts";
import { specProblems } from "../../../../lib/providers/azure/pool/spec-problems.ts";
import { aPool, type Overrides } from "./objects.ts";

const problems = (overrides: Overrides, version = "v1.33.2") => specProblems(aPool(overrides).spec, version);
const image = (more: AzureImage): Overrides => ({ template: { image: more } });
const marketplace = { publisher: "p", offer: "o", sku: "s", version: "1" };
const gallery = { gallery: "g", name: "n", version: "1" };
const identity =
  "azure:///subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i";
const rolling = (maxSurge: number | string, maxUnavailable: number | string): Overrides => ({
  spec: { strategy: { rollingUpdate: { maxSurge, maxUnavailable } } },
});

const refused: { name: string; overrides: Overrides; said: RegExp }[] = [
  {
    name: "two image sources",
    overrides: image({ id: "/x", marketplace }),
    said: /exactly one source, not id and marketplace/,
  },
  { name: "an image without a source", overrides: image({}), said: /exactly one source, not none/ },
  {
    name: "a marketplace image without its publisher",
    overrides: image({ marketplace: { ...marketplace, publisher: "" } }),
    said: /lacks publisher/,
  },
  {
    name: "half of a gallery of one's own",
    overrides: image({ computeGallery: { ...gallery, subscriptionID: "s" } }),
    said: /both subscriptionID and resourceGroup/,
  },
  {
    name: "an OS disk of 4 TB",
    overrides: { template: { osDisk: { osType: "Linux", diskSizeGB: 4096 } } },
    said: /1 and 2048/,
  },
  {
    name: "two disks of one number",
    overrides: {
      template: {
        dataDisks: [
          { nameSuffix: "a", diskSizeGB: 1, lun: 1 },
          { nameSuffix: "b", diskSizeGB: 1, lun: 1 },
        ],
      },
    },
    said: /different luns/,
  },
  {
    name: "a disk number of 64",
    overrides: { template: { dataDisks: [{ nameSuffix: "a", diskSizeGB: 1, lun: 64 }] } },
    said: /0 and 63/,
  },
  {
    name: "no public key",
    overrides: { template: { sshPublicKey: Buffer.from("hello").toString("base64") } },
    said: /sshPublicKey/,
  },
  { name: "one minute of notice", overrides: { template: { terminateNotificationTimeout: 1 } }, said: /5 and 15/ },
  {
    name: "sixteen minutes of notice",
    overrides: { template: { terminateNotificationTimeout: 16 } },
    said: /5 and 15/,
  },
  {
    name: "a subnet beside interfaces",
    overrides: { template: { subnetName: "a", networkInterfaces: [{}] } },
    said: /subnetName and networkInterfaces/,
  },
  {
    name: "acceleration beside interfaces",
    overrides: { template: { acceleratedNetworking: true, networkInterfaces: [{}] } },
    said: /acceleratedNetworking and networkInterfaces/,
  },
  {
    name: "an account of one's own without its address",
    overrides: { template: { diagnostics: { boot: { storageAccountType: "UserManaged" } } } },
    said: /storageAccountURI/,
  },
  {
    name: "an account address that is not https",
    overrides: {
      template: {
        diagnostics: { boot: { storageAccountType: "UserManaged", userManaged: { storageAccountURI: "http://a" } } },
      },
    },
    said: /https/,
  },
  {
    name: "user-assigned without identities",
    overrides: { spec: { identity: "UserAssigned" } },
    said: /needs userAssignedIdentities/,
  },
  {
    name: "an identity that is none",
    overrides: { spec: { identity: "UserAssigned", userAssignedIdentities: [{ providerID: "x" }] } },
    said: /names no user-assigned identity/,
  },
  {
    name: "a role name that is no UUID",
    overrides: { spec: { identity: "SystemAssigned", systemAssignedIdentityRole: { name: "x" } } },
    said: /UUID/,
  },
  {
    name: "a role without an identity for it",
    overrides: { spec: { systemAssignedIdentityRole: {} } },
    said: /identity SystemAssigned/,
  },
  {
    name: "a system-assigned identity of a Flexible set",
    overrides: { spec: { identity: "SystemAssigned", orchestrationMode: "Flexible" } },
    said: /Flexible/,
  },
  { name: "neither surge nor loss", overrides: rolling(0, 0), said: /cannot both be 0/ },
  { name: "neither surge nor loss as shares", overrides: rolling("0%", "0"), said: /cannot both be 0/ },
  { name: "a surge that is no number", overrides: rolling("some", 1), said: /maxSurge some/ },
];
for (const { name, overrides, said } of refused)
  test(`refused: ${name}`, () => assert.match(problems(overrides).join("; "), said));

const accepted: { name: string; overrides: Overrides }[] = [
  { name: "a plain pool", overrides: {} },
  { name: "no key at all", overrides: { template: { sshPublicKey: "" } } },
  { name: "five minutes of notice", overrides: { template: { terminateNotificationTimeout: 5 } } },
  { name: "fifteen minutes of notice", overrides: { template: { terminateNotificationTimeout: 15 } } },
  {
    name: "an identity of one's own",
    overrides: { spec: { identity: "UserAssigned", userAssignedIdentities: [{ providerID: identity }] } },
  },
  { name: "loss without surge", overrides: rolling(0, 1) },
  { name: "a share of loss without surge", overrides: rolling("0%", "20%") },
];
for (const { name, overrides } of accepted) test(`accepted: ${name}`, () => assert.deepEqual(problems(overrides), []));

test("Flexible needs a Kubernetes that knows its machines", () => {
  const flexible: Overrides = { spec: { orchestrationMode: "Flexible" } };
  assert.match(problems(flexible, "v1.25.16").join(), /1\.26/);
  assert.deepEqual(problems(flexible, "v1.26.0"), []);
  assert.deepEqual(problems({}, "v1.25.16"), []);
});

const size = (more: Partial<Size> = {}): Size => ({
  name: "Standard_X",
  processors: 4,
  gibibytes: 16,
  acceleratedNetworking: true,
  ephemeralOsDisk: false,
  encryptionAtHost: false,
  zones: ["1", "2"],
  ultraSsdZones: ["1"],
  restricted: false,
  ...more,
});
const ultra = { additionalCapabilities: { ultraSSDEnabled: true } };
const sizes: {
  name: string;
  size?: Partial<Size>;
  template?: Overrides["template"];
  zones?: string[];
  said: RegExp;
}[] = [
  { name: "one processor is too few", size: { processors: 1 }, said: /fewer than 2 processors/ },
  { name: "a GiB and a half is too little", size: { gibibytes: 1.5 }, said: /less than 2 GiB/ },
  { name: "a size that others get", size: { restricted: true }, said: /not offered to this subscription/ },
  {
    name: "an ephemeral disk that it cannot have",
    template: { osDisk: { osType: "Linux", diffDiskSettings: { option: "Local" } } },
    said: /ephemeral/,
  },
  {
    name: "encryption that its host cannot do, naming the size",
    template: { securityProfile: { encryptionAtHost: true } },
    said: /Standard_X cannot encrypt/,
  },
  { name: "an ultra disk that the region has not", template: ultra, said: /UltraSSD disks in this region/ },
  {
    name: "an ultra disk that one of the zones has not",
    template: ultra,
    zones: ["1", "2"],
    said: /UltraSSD disks in zone 2/,
  },
  { name: "a zone that it is not in", zones: ["3"], said: /not offered in zone 3/ },
];
for (const row of sizes)
  test(`refused: ${row.name}`, () => {
    const { template } = aPool({ ...(row.template && { template: row.template }) }).spec;
    assert.match(sizeProblems(size(row.size), template, row.zones ?? []).join("; "), row.said);
  });
test("a size that can do everything that is asked is accepted, fractions of a GiB included", () => {
  const { template } = aPool({ template: ultra }).spec;
  assert.deepEqual(sizeProblems(size({ gibibytes: 217.13 }), template, ["1"]), []);
});
