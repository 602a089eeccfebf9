/** Our types of upstream's kinds against upstream's CRDs: a whole object of each type fits, field by field, value by value. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AwsBucket, AwsInfrastructure } from "../../lib/api/aws/aws-cluster.ts";
import type { AwsMachine } from "../../lib/api/aws/aws-machine.ts";
import type { AwsIgnition } from "../../lib/api/aws/aws-machine-pool.ts";
import type {
  AzureCluster,
  AzureClusterSpec,
  AzureManagedControlPlane,
  AzureManagedControlPlaneSpec,
} from "../../lib/api/azure/azure-cluster.ts";
import type { AzureClusterIdentity } from "../../lib/api/azure/azure-cluster-identity.ts";
import type { AzureMachinePoolSpec, AzureMachinePoolStatus } from "../../lib/api/azure/azure-machine-pool.ts";
import type {
  AzureMachinePoolMachineSpec,
  AzureMachinePoolMachineStatus,
} from "../../lib/api/azure/azure-machine-pool-machine.ts";
import type { AzureMachinePoolTemplate } from "../../lib/api/azure/azure-machine-template.ts";
import type { Cluster } from "../../lib/api/core/cluster.ts";
import type { Machine, MachinePhase, MachineSpec, MachineStatus } from "../../lib/api/core/machine.ts";
import type {
  MachinePoolPhase,
  MachinePoolSpec,
  MachinePoolStatus,
  MachinePoolV1Beta1Status,
} from "../../lib/api/core/machine-pool.ts";
import type { V1Beta1Condition } from "../../lib/api/core/v1beta1-condition.ts";
import type { Condition } from "../../lib/api/kubernetes/meta.ts";
import { misfits, SKIP, schemaOf } from "./upstream-crds.ts";

const TIME = "2026-03-01T12:00:00Z";
const condition: Required<Condition> = {
  type: "Available",
  status: "True",
  reason: "Available",
  message: "",
  lastTransitionTime: TIME,
  observedGeneration: 1,
};
const oldCondition: Required<V1Beta1Condition> = {
  type: "Ready",
  status: "False",
  severity: "Info",
  reason: "Waiting",
  message: "m",
  lastTransitionTime: TIME,
};
const ref = { apiGroup: "a.b", kind: "K", name: "n" };
const deletion = { nodeDrainTimeoutSeconds: 1, nodeVolumeDetachTimeoutSeconds: 1, nodeDeletionTimeoutSeconds: 1 };
const gates = [{ conditionType: "C", polarity: "Negative" as const }];

const poolSpec: Required<MachinePoolSpec> = {
  clusterName: "c",
  replicas: 1,
  providerIDList: ["aws:///z/i-1"],
  failureDomains: ["z"],
  template: {
    metadata: { labels: { a: "b" }, annotations: { a: "b" } },
    spec: {
      clusterName: "c",
      bootstrap: { configRef: ref, dataSecretName: "" },
      infrastructureRef: ref,
      version: "v1.33.1",
      minReadySeconds: 1,
      readinessGates: gates,
      deletion,
    },
  },
};
const old: Required<MachinePoolV1Beta1Status> = {
  conditions: [oldCondition],
  failureReason: "r",
  failureMessage: "m",
  readyReplicas: 0,
  availableReplicas: 0,
  unavailableReplicas: 0,
};
const poolStatus: Required<MachinePoolStatus> = {
  conditions: [condition],
  initialization: { infrastructureProvisioned: true, bootstrapDataSecretCreated: true },
  nodeRefs: [{ apiVersion: "v1", kind: "Node", name: "n", uid: "u" }],
  replicas: 1,
  readyReplicas: 1,
  availableReplicas: 1,
  upToDateReplicas: 1,
  versions: [{ version: "v1", replicas: 1 }],
  phase: "Running",
  observedGeneration: 1,
  deprecated: { v1beta1: old },
};
const machineSpec: Required<MachineSpec> = {
  clusterName: "c",
  bootstrap: { configRef: ref, dataSecretName: "" },
  infrastructureRef: ref,
  version: "v1",
  providerID: "p",
  minReadySeconds: 1,
  readinessGates: gates,
  deletion,
};
const empty = { architecture: "", bootID: "", containerRuntimeVersion: "", kernelVersion: "", kubeProxyVersion: "" };
const machineStatus: Required<MachineStatus> = {
  conditions: [condition],
  initialization: { infrastructureProvisioned: true, bootstrapDataSecretCreated: true },
  nodeRef: { name: "n" },
  nodeInfo: { ...empty, kubeletVersion: "", machineID: "", operatingSystem: "", osImage: "", systemUUID: "" },
  addresses: [{ type: "InternalIP", address: "10.0.0.1" }],
  phase: "Running",
  observedGeneration: 1,
};
const cluster: Pick<Required<Cluster>, "spec" | "status"> = {
  spec: { paused: true, controlPlaneEndpoint: { host: "h", port: 6443 }, infrastructureRef: ref, controlPlaneRef: ref },
  status: {
    conditions: [condition],
    initialization: { infrastructureProvisioned: true, controlPlaneInitialized: true },
  },
};
const awsMachine: Pick<Required<AwsMachine>, "spec" | "status"> = {
  spec: {
    providerID: "p",
    instanceID: "i",
    instanceType: "m5.large",
    ami: { id: "ami-1" },
    iamInstanceProfile: "p",
    sshKeyName: "k",
    spotMarketOptions: { maxPrice: "1" },
  },
  status: { ready: true, interruptible: true, addresses: [{ type: "InternalIP", address: "10.0.0.1" }] },
};
const awsCluster: Pick<AwsInfrastructure, "spec" | "status"> = {
  spec: {
    region: "eu-west-1",
    partition: "aws",
    identityRef: { kind: "AWSClusterRoleIdentity", name: "n" },
    additionalTags: { a: "b" },
    imageLookupFormat: "f",
    imageLookupOrg: "o",
    imageLookupBaseOS: "b",
    s3Bucket: {
      name: "bucket",
      presignedURLDuration: "1h0m0s",
      bestEffortDeleteObjects: true,
    } satisfies Required<AwsBucket>,
  },
  status: { ready: true, networkStatus: { securityGroups: {} } },
};
const ignition: Required<AwsIgnition> = {
  version: "3.4",
  storageType: "ClusterObjectStore",
  proxy: { httpProxy: "http://p", httpsProxy: "http://p", noProxy: ["a"] },
  tls: { certificateAuthorities: ["https://ca"] },
};

const plan = { publisher: "p", offer: "o", sku: "s" };
const version = { gallery: "g", name: "n", version: "1" };
const image = {
  id: "/x",
  marketplace: { ...plan, version: "1", thirdPartyImage: true },
  computeGallery: { ...version, subscriptionID: "s", resourceGroup: "r", plan },
  sharedGallery: { ...version, ...plan, subscriptionID: "s", resourceGroup: "r" },
};
const managedDisk = {
  storageAccountType: "Premium_LRS",
  diskEncryptionSet: { id: "/d" },
  securityProfile: { diskEncryptionSet: { id: "/d" }, securityEncryptionType: "VMGuestStateOnly" as const },
};
/** Quantities and numbers-or-shares have no type in the CRD: they are checked as the object they stand in. */
const azureTemplate: Required<Omit<AzureMachinePoolTemplate, "spotVMOptions">> & AzureMachinePoolTemplate = {
  vmSize: "Standard_D2s_v5",
  image,
  osDisk: {
    osType: "Linux",
    diskSizeGB: 64,
    managedDisk,
    diffDiskSettings: { option: "Local", placement: "CacheDisk" },
    cachingType: "None",
  },
  dataDisks: [{ nameSuffix: "d", diskSizeGB: 1, managedDisk, lun: 1, cachingType: "ReadOnly" }],
  sshPublicKey: "k",
  acceleratedNetworking: true,
  subnetName: "s",
  networkInterfaces: [{ subnetName: "s", privateIPConfigs: 1, acceleratedNetworking: true }],
  additionalCapabilities: { ultraSSDEnabled: true },
  diagnostics: { boot: { storageAccountType: "UserManaged", userManaged: { storageAccountURI: "https://a" } } },
  terminateNotificationTimeout: 5,
  securityProfile: {
    encryptionAtHost: true,
    securityType: "TrustedLaunch",
    uefiSettings: { secureBootEnabled: true, vTpmEnabled: true },
  },
  spotVMOptions: { evictionPolicy: "Delete" },
  vmExtensions: [{ name: "n", publisher: "p", version: "1", settings: { a: "b" }, protectedSettings: { a: "b" } }],
  disableVMBootstrapExtension: true,
};
const azurePoolSpec: Required<AzureMachinePoolSpec> = {
  location: "l",
  template: azureTemplate,
  additionalTags: { a: "b" },
  providerID: "p",
  providerIDList: ["p"],
  identity: "SystemAssigned",
  systemAssignedIdentityRole: { name: "n", definitionID: "d", scope: "s" },
  userAssignedIdentities: [{ providerID: "p" }],
  roleAssignmentName: "n",
  strategy: { type: "RollingUpdate", rollingUpdate: { deletePolicy: "Oldest" } },
  orchestrationMode: "Uniform",
  platformFaultDomainCount: 1,
  zoneBalance: true,
};
const operation = { type: "PUT", resourceGroup: "r", serviceName: "scalesets", name: "n", data: "d" };
const azurePoolStatus: Required<AzureMachinePoolStatus> = {
  ready: true,
  replicas: 1,
  lastReconciledReplicas: 1,
  provisioningState: "Succeeded",
  image,
  conditions: [oldCondition],
  longRunningOperationStates: [operation],
  infrastructureMachineKind: "AzureMachinePoolMachine",
  failureReason: "r",
  failureMessage: "m",
  instances: [
    {
      providerID: "p",
      instanceID: "1",
      instanceName: "n_1",
      provisioningState: "Succeeded",
      version: "v1",
      latestModelApplied: true,
    },
  ],
};
const azureMachineSpec: Required<AzureMachinePoolMachineSpec> = { providerID: "p", instanceID: "1" };
const azureMachineStatus: Required<AzureMachinePoolMachineStatus> = {
  nodeRef: { apiVersion: "v1", kind: "Node", name: "n", uid: "u" },
  version: "v1",
  provisioningState: "Succeeded",
  instanceName: "n_1",
  latestModelApplied: true,
  ready: true,
  conditions: [oldCondition],
  longRunningOperationStates: [operation],
};
const azureShared = {
  subscriptionID: "s",
  location: "l",
  additionalTags: { a: "b" },
  identityRef: { kind: "AzureClusterIdentity", name: "n", namespace: "ns" },
  azureEnvironment: "AzurePublicCloud",
};
const azureCluster: { readonly spec: Required<AzureClusterSpec> } & Pick<AzureCluster, "spec"> = {
  spec: {
    ...azureShared,
    resourceGroup: "r",
    networkSpec: {
      vnet: { name: "v", resourceGroup: "r", cidrBlocks: ["10.0.0.0/8"] },
      subnets: [{ name: "n", role: "node" }],
      nodeOutboundLB: { name: "l", backendPool: { name: "b" } },
    },
    extendedLocation: { name: "n", type: "EdgeZone" },
  },
};
const azureControlPlane: { readonly spec: Required<AzureManagedControlPlaneSpec> } & Pick<
  AzureManagedControlPlane,
  "spec"
> = {
  spec: {
    ...azureShared,
    resourceGroupName: "r",
    nodeResourceGroupName: "n",
    virtualNetwork: { name: "v", resourceGroup: "r", cidrBlock: "c", subnet: { name: "s", cidrBlock: "c" } },
  },
};
const azureIdentity: { readonly spec: Required<AzureClusterIdentity["spec"]> } = {
  spec: {
    type: "ServicePrincipal",
    tenantID: "t",
    clientID: "c",
    clientSecret: { name: "n", namespace: "ns" },
    certPath: "/x",
    allowedNamespaces: { list: ["a"], selector: { matchLabels: { a: "b" } } },
  },
};
const infrastructure: { name: string; plural: string; parts: object }[] = [
  {
    name: "AzureMachinePool fits upstream's CRD",
    plural: "azuremachinepools",
    parts: { spec: azurePoolSpec, status: azurePoolStatus },
  },
  {
    name: "AzureMachinePoolMachine fits upstream's CRD",
    plural: "azuremachinepoolmachines",
    parts: { spec: azureMachineSpec, status: azureMachineStatus },
  },
  { name: "AzureCluster fits upstream's CRD", plural: "azureclusters", parts: azureCluster },
  {
    name: "AzureManagedControlPlane fits upstream's CRD",
    plural: "azuremanagedcontrolplanes",
    parts: azureControlPlane,
  },
  { name: "AzureClusterIdentity fits upstream's CRD", plural: "azureclusteridentities", parts: azureIdentity },
];
/** Fields of other parts of a cluster that its CRD asks for, and pools do not read. */
const NOT_READ = / required$/;
for (const { name, plural, parts } of infrastructure)
  test(name, { skip: SKIP }, () => {
    const problems = misfits(schemaOf(plural, "v1beta1"), parts).filter(
      (one) => !(NOT_READ.test(one) && /azureclusters|controlplanes/.test(plural)),
    );
    assert.deepEqual(problems, []);
  });

const whole: { name: string; plural: string; parts: object }[] = [
  { name: "MachinePool fits upstream's CRD", plural: "machinepools", parts: { spec: poolSpec, status: poolStatus } },
  {
    name: "Machine fits upstream's CRD",
    plural: "machines",
    parts: { spec: machineSpec, status: machineStatus } satisfies Partial<Machine>,
  },
  { name: "Cluster fits upstream's CRD", plural: "clusters", parts: cluster },
  { name: "AWSMachine fits upstream's CRD", plural: "awsmachines", parts: awsMachine },
  { name: "what pools read of an AWSCluster is in upstream's CRD", plural: "awsclusters", parts: awsCluster },
  {
    name: "what they read of ignition is in the AWSMachinePool's",
    plural: "awsmachinepools",
    parts: { spec: { minSize: 0, maxSize: 1, awsLaunchTemplate: {}, ignition } },
  },
];
for (const { name, plural, parts } of whole)
  test(name, { skip: SKIP }, () => assert.deepEqual(misfits(schemaOf(plural, "v1beta2"), parts), []));

test("every phase that we know is one of upstream's, and none is missing", { skip: SKIP }, () => {
  const ofPool: Record<MachinePoolPhase, true> = {
    Pending: true,
    Provisioning: true,
    Provisioned: true,
    Running: true,
    ScalingUp: true,
    ScalingDown: true,
    Scaling: true,
    Deleting: true,
    Failed: true,
    Unknown: true,
  };
  const ofMachine: Record<MachinePhase, true> = {
    Pending: true,
    Provisioning: true,
    Provisioned: true,
    Running: true,
    Updating: true,
    Deleting: true,
    Deleted: true,
    Failed: true,
    Unknown: true,
  };
  const enumOf = (plural: string) => schemaOf(plural, "v1beta2").properties?.status?.properties?.phase?.enum;
  const sorted = (values: readonly unknown[] = []) => values.map(String).sort();
  assert.deepEqual(sorted(enumOf("machinepools")), Object.keys(ofPool).sort());
  assert.deepEqual(sorted(enumOf("machines")), Object.keys(ofMachine).sort());
});

test("the comparison itself finds what does not fit", () => {
  const schema = {
    type: "object",
    required: ["a"],
    properties: { a: { type: "string", enum: ["x"] }, b: { type: "array", items: { type: "integer" } } },
  };
  assert.deepEqual(misfits(schema, { b: ["1"], c: 1 }), [
    ".a: required",
    ".b[0]: is integer, not string",
    ".c: no such field",
  ]);
  assert.deepEqual(misfits(schema, { a: "y", b: [1] }), ['.a: "y" is not one of its values']);
});

test("both contracts of bootstrap configs are served by upstream's kinds", { skip: SKIP }, () => {
  const fields = (plural: string, version: string) =>
    Object.keys(schemaOf(plural, version).properties?.status?.properties ?? {});
  assert.ok(["initialization", "dataSecretName"].every((field) => fields("kubeadmconfigs", "v1beta2").includes(field)));
  assert.ok(["ready", "dataSecretName"].every((field) => fields("eksconfigs", "v1beta2").includes(field)));
});
