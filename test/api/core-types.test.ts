/** Our types of upstream's kinds against upstream's CRDs: a whole object of each type fits, field by field, value by value. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AwsBucket, AwsInfrastructure } from "../../lib/api/aws/aws-cluster.ts";
import type { AwsMachine } from "../../lib/api/aws/aws-machine.ts";
import type { AwsIgnition } from "../../lib/api/aws/aws-machine-pool.ts";
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
