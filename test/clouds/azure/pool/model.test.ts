/** What new machines are made of: upstream's golden sets, one row for each part of the template. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { VirtualMachineScaleSet } from "@azure/arm-compute";
import { modelOf } from "../../../../lib/providers/azure/pool/model.ts";
import { dollarsOf, quantityOf } from "../../../../lib/providers/azure/pool/quantity.ts";
import { type Overrides, POOL } from "./objects.ts";
import { aRequest } from "./sights.ts";

const IMAGE = { id: "/subscriptions/s/images/one" };
const modelFor = async (overrides: Overrides = {}) => modelOf(await aRequest(overrides), IMAGE, POOL);
const profileFor = async (overrides: Overrides = {}) => (await modelFor(overrides)).virtualMachineProfile ?? {};
type Profile = NonNullable<VirtualMachineScaleSet["virtualMachineProfile"]>;

test("a Linux pool's model is upstream's, part for part", async () => {
  assert.deepEqual(await modelFor(), {
    location: "westeurope",
    singlePlacementGroup: false,
    orchestrationMode: "Uniform",
    overprovision: false,
    upgradePolicy: { mode: "Manual" },
    virtualMachineProfile: {
      osProfile: {
        computerNamePrefix: POOL,
        adminUsername: "capi",
        linuxConfiguration: { disablePasswordAuthentication: true },
      },
      storageProfile: {
        imageReference: IMAGE,
        osDisk: {
          osType: "Linux",
          createOption: "FromImage",
          diskSizeGB: 64,
          managedDisk: { storageAccountType: "Premium_LRS" },
        },
        dataDisks: [],
      },
      diagnosticsProfile: { bootDiagnostics: { enabled: true } },
      extensionProfile: { extensions: [] },
    },
  });
});

test("a Flexible set has one fault domain, no upgrade policy and no overprovisioning", async () => {
  const { virtualMachineProfile: _, ...model } = await modelFor({ spec: { orchestrationMode: "Flexible" } });
  assert.deepEqual(model, {
    location: "westeurope",
    singlePlacementGroup: false,
    orchestrationMode: "Flexible",
    platformFaultDomainCount: 1,
  });
});

const setRows: { name: string; overrides: Overrides; want: Partial<VirtualMachineScaleSet> }[] = [
  {
    name: "fault domains of the spec win in both modes",
    overrides: { spec: { platformFaultDomainCount: 5 } },
    want: { platformFaultDomainCount: 5 },
  },
  {
    name: "zones are balanced where there are several",
    overrides: { spec: { zoneBalance: true }, failureDomains: ["1", "2"] },
    want: { zoneBalance: true },
  },
  { name: "one zone is not balanced", overrides: { spec: { zoneBalance: true }, failureDomains: ["1"] }, want: {} },
  {
    name: "an ultra disk asks for the capability",
    overrides: {
      template: {
        dataDisks: [{ nameSuffix: "d", diskSizeGB: 8, managedDisk: { storageAccountType: "UltraSSD_LRS" } }],
      },
    },
    want: { additionalCapabilities: { ultraSSDEnabled: true } },
  },
  {
    name: "the capability is asked for without such a disk too",
    overrides: { template: { additionalCapabilities: { ultraSSDEnabled: true } } },
    want: { additionalCapabilities: { ultraSSDEnabled: true } },
  },
];
for (const { name, overrides, want } of setRows)
  test(name, async () => {
    const { zoneBalance, platformFaultDomainCount, additionalCapabilities } = await modelFor(overrides);
    const seen = { zoneBalance, platformFaultDomainCount, additionalCapabilities };
    assert.deepEqual(Object.fromEntries(Object.entries(seen).filter(([, value]) => value !== undefined)), want);
  });

const profileRows: { name: string; overrides: Overrides; part: (profile: Profile) => unknown; want: unknown }[] = [
  {
    name: "Spot is a priority and nothing more",
    overrides: { template: { spotVMOptions: {} } },
    part: ({ priority, evictionPolicy, billingProfile }) => [priority, evictionPolicy, billingProfile],
    want: ["Spot", undefined, undefined],
  },
  {
    name: "an ephemeral disk implies no eviction policy",
    overrides: {
      template: {
        spotVMOptions: {},
        osDisk: {
          osType: "Linux",
          diffDiskSettings: { option: "Local", placement: "ResourceDisk" },
          cachingType: "ReadOnly",
        },
      },
    },
    part: ({ evictionPolicy, storageProfile }) => [evictionPolicy, storageProfile?.osDisk],
    want: [
      undefined,
      {
        osType: "Linux",
        createOption: "FromImage",
        caching: "ReadOnly",
        diffDiskSettings: { option: "Local", placement: "ResourceDisk" },
      },
    ],
  },
  {
    name: "a policy and a price are sent as they are given",
    overrides: { template: { spotVMOptions: { evictionPolicy: "Delete", maxPrice: "120m" } } },
    part: ({ evictionPolicy, billingProfile }) => [evictionPolicy, billingProfile],
    want: ["Delete", { maxPrice: 0.12 }],
  },
  {
    name: "a price of -1 is Azure's own: never evicted for the price",
    overrides: { template: { spotVMOptions: { maxPrice: "-1" } } },
    part: ({ billingProfile }) => billingProfile,
    want: { maxPrice: -1 },
  },
  {
    name: "a disk encryption set and guest encryption go with their disks",
    overrides: {
      template: {
        osDisk: {
          osType: "Linux",
          managedDisk: {
            diskEncryptionSet: { id: "/des" },
            securityProfile: { securityEncryptionType: "VMGuestStateOnly", diskEncryptionSet: { id: "/guest" } },
          },
        },
      },
    },
    part: ({ storageProfile }) => storageProfile?.osDisk?.managedDisk,
    want: {
      diskEncryptionSet: { id: "/des" },
      securityProfile: { securityEncryptionType: "VMGuestStateOnly", diskEncryptionSet: { id: "/guest" } },
    },
  },
  {
    name: "data disks are named by the set, numbered where they have no number, cached as the spec says",
    overrides: {
      template: {
        dataDisks: [
          { nameSuffix: "etcd", diskSizeGB: 10, lun: 7, cachingType: "ReadOnly" },
          { nameSuffix: "log", diskSizeGB: 20 },
        ],
      },
    },
    part: ({ storageProfile }) => storageProfile?.dataDisks,
    want: [
      { name: `${POOL}_etcd`, lun: 7, createOption: "Empty", diskSizeGB: 10, caching: "ReadOnly" },
      { name: `${POOL}_log`, lun: 1, createOption: "Empty", diskSizeGB: 20 },
    ],
  },
  {
    name: "encryption at the host",
    overrides: { template: { securityProfile: { encryptionAtHost: true, securityType: "TrustedLaunch" } } },
    part: ({ securityProfile }) => securityProfile,
    want: { encryptionAtHost: true },
  },
  {
    name: "diagnostics are Azure's own account by default",
    overrides: {},
    part: ({ diagnosticsProfile }) => diagnosticsProfile,
    want: { bootDiagnostics: { enabled: true } },
  },
  {
    name: "diagnostics in an account of one's own",
    overrides: {
      template: {
        diagnostics: { boot: { storageAccountType: "UserManaged", userManaged: { storageAccountURI: "https://a" } } },
      },
    },
    part: ({ diagnosticsProfile }) => diagnosticsProfile,
    want: { bootDiagnostics: { enabled: true, storageUri: "https://a" } },
  },
  {
    name: "no diagnostics",
    overrides: { template: { diagnostics: { boot: { storageAccountType: "Disabled" } } } },
    part: ({ diagnosticsProfile }) => diagnosticsProfile,
    want: { bootDiagnostics: { enabled: false } },
  },
  {
    name: "a terminate notification in minutes",
    overrides: { template: { terminateNotificationTimeout: 15 } },
    part: ({ scheduledEventsProfile }) => scheduledEventsProfile,
    want: { terminateNotificationProfile: { enable: true, notBeforeTimeout: "PT15M" } },
  },
  {
    name: "Windows has no key and no automatic updates",
    overrides: { template: { osDisk: { osType: "Windows" } } },
    part: ({ osProfile }) => [osProfile?.windowsConfiguration, osProfile?.linuxConfiguration],
    want: [{ enableAutomaticUpdates: false }, undefined],
  },
];
for (const { name, overrides, part, want } of profileRows)
  test(name, async () => assert.deepEqual(part(await profileFor(overrides)), want));

test("quantities are read as Kubernetes writes them", () => {
  const rows: readonly [string | number, number | undefined][] = [
    ["0.5", 0.5],
    ["500m", 0.5],
    ["1k", 1000],
    ["2Ki", 2048],
    ["1e3", 1000],
    ["-1", -1],
    [3, 3],
    [".5", 0.5],
    ["", undefined],
    ["1x", undefined],
    ["--1", undefined],
    [Number.NaN, undefined],
  ];
  for (const [text, want] of rows) assert.equal(quantityOf(text), want, String(text));
  assert.equal(dollarsOf("0.123456"), 0.12346);
});
