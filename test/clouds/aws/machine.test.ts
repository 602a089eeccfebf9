/** AWSMachines as they follow from their pool, and which instances its status calls outdated. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AwsMachinePool } from "../../../lib/api/aws/aws-machine-pool.ts";
import { awsMachineOf, outdatedInstances } from "../../../lib/providers/aws/machine.ts";

const ID = "aws:///eu-west-1a/i-0abc";

const poolOf = (spec: AwsMachinePool["spec"], status: AwsMachinePool["status"] = {}): AwsMachinePool => ({
  metadata: { name: "workers", namespace: "team-a" },
  spec,
  status,
});

const cases: { name: string; spec: AwsMachinePool["spec"]; want: object; interruptible?: boolean }[] = [
  {
    name: "an on-demand pool gives its type and image",
    spec: {
      awsLaunchTemplate: { instanceType: "m5.large", ami: { id: "ami-1" }, iamInstanceProfile: "p", sshKeyName: "k" },
    },
    want: { instanceType: "m5.large", ami: { id: "ami-1" }, iamInstanceProfile: "p", sshKeyName: "k" },
  },
  {
    name: "a Spot pool is interruptible",
    spec: { awsLaunchTemplate: { instanceType: "m5.large", spotMarketOptions: { maxPrice: "0.1" } } },
    want: { instanceType: "m5.large", spotMarketOptions: { maxPrice: "0.1" } },
    interruptible: true,
  },
  {
    name: "marketType Spot is interruptible too",
    spec: { awsLaunchTemplate: { instanceType: "m5.large", marketType: "Spot" } },
    want: { instanceType: "m5.large" },
    interruptible: true,
  },
  {
    name: "a mixed pool without on-demand instances is interruptible",
    spec: {
      mixedInstancesPolicy: {
        instancesDistribution: { onDemandPercentageAboveBaseCapacity: 0 },
        overrides: [{ instanceType: "m5.large" }, { instanceType: "m6i.large" }],
      },
    },
    want: { instanceType: "unknown" },
    interruptible: true,
  },
  {
    name: "a mixed pool that keeps some on demand calls none of them interruptible",
    spec: {
      mixedInstancesPolicy: {
        instancesDistribution: { onDemandPercentageAboveBaseCapacity: 0, onDemandBaseCapacity: 1 },
        overrides: [{ instanceType: "m5.large" }],
      },
    },
    want: { instanceType: "m5.large" },
  },
  {
    name: "a pool that says nothing still gives the type that the CRD asks for",
    spec: {},
    want: { instanceType: "unknown" },
  },
];
for (const { name, spec, want, interruptible = false } of cases)
  test(name, () =>
    assert.deepEqual(awsMachineOf(poolOf(spec), ID), {
      spec: { providerID: ID, instanceID: "i-0abc", ...want },
      status: { ready: true, ...(interruptible && { interruptible }) },
      interruptible,
    }),
  );

test("a providerID of another form has no AWSMachine", () => {
  assert.equal(awsMachineOf(poolOf({}), "aws:///eu-west-1a/fargate-ip-10-0-0-1"), undefined);
});

test("instances that the status lists without a version are outdated; those it does not list are not", () => {
  const ids = ["i-1", "i-2", "i-3"].map((id) => `aws:///eu-west-1a/${id}`);
  const status = { instances: [{ instanceID: "i-1" }, { instanceID: "i-2", version: "v1.33.1" }] };
  assert.deepEqual([...outdatedInstances(poolOf({ providerIDList: ids }, status))], [ids[0]]);
});
