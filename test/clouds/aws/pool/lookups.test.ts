/** Images, subnets and security groups as AWS finds them, and what a new Kubernetes version does. */
import assert from "node:assert/strict";
import test from "node:test";
import { anInfrastructure, type Overrides } from "./objects.ts";
import { condition, converge, created, type PoolRig, startPoolRig } from "./rig.ts";

const imagesOf = (rig: PoolRig) => [...new Set(rig.cloud.instances().map(({ imageId }) => imageId))];
const nameOf = (rig: PoolRig) => imagesOf(rig).map((id) => rig.cloud.images.get(id)?.name);
const byName = (change: Overrides = {}): Overrides => ({
  ...change,
  spec: { ...change.spec, awsLaunchTemplate: { ...change.spec?.awsLaunchTemplate, ami: {} } },
});

test("an image is found by name and architecture, and asked for once", async (context) => {
  const rig = await startPoolRig(context);
  await created(rig, byName({ spec: { awsLaunchTemplate: { instanceType: "m7g.large" } } }));
  assert.deepEqual(nameOf(rig), ["capa-ami-ubuntu-24.04-v1.34.0-arm64"]);
  assert.equal(rig.aws.calls.filter(({ what }) => what === "DescribeImages").length, 1);
});

test("a newly published image rolls nothing, another Kubernetes version does", async (context) => {
  const rig = await startPoolRig(context);
  await created(rig, byName());
  rig.clock.advance(60);
  rig.cloud.images.publish({ name: "capa-ami-ubuntu-24.04-v1.34.0-newer" });
  assert.deepEqual((await converge(rig, byName())).did, []);
  const bumped = await converge(rig, byName({ version: "v1.35.0" }));
  assert.deepEqual(bumped.did, ["CreateLaunchTemplateVersion", "StartInstanceRefresh"]);
});

test("no image for a version is said, and the pool that is there stays as it is", async (context) => {
  const rig = await startPoolRig(context);
  await created(rig, byName());
  const pass = await converge(rig, byName({ version: "v1.99.0" }));
  assert.deepEqual(pass.did, []);
  assert.equal(condition(pass, "LaunchTemplateReady")?.reason, "LaunchTemplateCreateFailed");
  assert.match(condition(pass, "LaunchTemplateReady")?.message ?? "", /1\.99\.0/);
  assert.equal(pass.sight.group?.instances.length, 3);
});

test("an EKS cluster's pool has EKS's image, its groups and its own cluster name", async (context) => {
  const rig = await startPoolRig(context);
  rig.put("AWSManagedControlPlane", {
    ...anInfrastructure({ eksClusterName: "eks-blue" }),
    metadata: { name: "blue-cp", namespace: "team" },
    status: {
      networkStatus: { securityGroups: { node: { id: "sg-node" }, "node-eks-additional": { id: "sg-extra" } } },
    },
  });
  const controlPlaneRef = {
    apiGroup: "controlplane.cluster.x-k8s.io",
    kind: "AWSManagedControlPlane",
    name: "blue-cp",
  };
  await created(rig, byName({ cluster: { controlPlaneRef } }));
  assert.deepEqual(imagesOf(rig), ["ami-a230134"]);
  assert.equal(rig.cloud.instances()[0]?.tags["kubernetes.io/cluster/eks-blue"], "owned");
});

test("subnets and security groups by filter", async (context) => {
  const rig = await startPoolRig(context);
  await rig.cloud.handle("ec2", "CreateTags", {
    ResourceIds: ["subnet-c", "sg-extra"],
    Tags: [{ Key: "role", Value: "workers" }],
  });
  const filters = [{ name: "tag:role", values: ["workers"] }];
  const spec = { subnets: [{ filters }], awsLaunchTemplate: { additionalSecurityGroups: [{ filters }] } };
  await created(rig, { spec });
  assert.ok(rig.cloud.instances().every(({ subnetId }) => subnetId === "subnet-c"));
  const shown = rig.cloud.handle("ec2", "DescribeLaunchTemplateVersions", { LaunchTemplateName: "workers-a" });
  assert.match(JSON.stringify(shown), /"SecurityGroupIds":\["sg-extra","sg-lb","sg-node"\]/);
});

test("a subnet filter that finds nothing is said", async (context) => {
  const rig = await startPoolRig(context);
  const pass = await converge(rig, { spec: { subnets: [{ filters: [{ name: "tag:role", values: ["none"] }] }] } });
  assert.equal(condition(pass, "ASGReady")?.reason, "ASGProvisionFailed");
});

test("a root volume below its image's snapshot is said before anything is launched", async (context) => {
  const rig = await startPoolRig(context);
  const image = rig.cloud.images.publish({ name: "big", rootGibibytes: 50 });
  const pass = await converge(rig, {
    spec: { awsLaunchTemplate: { ami: { id: image.id }, rootVolume: { size: 20 } } },
  });
  assert.match(condition(pass, "LaunchTemplateReady")?.message ?? "", /20 is below the 50 GiB/);
});

test("an enclave in a zone at the edge is said", async (context) => {
  const rig = await startPoolRig(context);
  const subnets = [{ id: "subnet-a", availabilityZone: "lax", zoneType: "local-zone" as const }];
  rig.put("AWSCluster", anInfrastructure({ network: { subnets } }));
  const pass = await converge(rig, {
    spec: { subnets: [{ id: "subnet-a" }], awsLaunchTemplate: { enclaveOptions: { enabled: true } } },
  });
  assert.equal(condition(pass, "LaunchTemplateReady")?.reason, "NitroEnclaveEdgeZoneUnsupported");
});
