/** A group that somebody else made under the name of a pool: it is refused, said, and survives the pool. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { createAll } from "../../../infra/local/manifests.ts";
import { VERSION, WATCH_FILTER } from "../../../infra/local/stories/full/manifests.ts";
import type { FullStage } from "../../../infra/local/stories/full/stage.ts";
import { CLUSTER, NAMESPACE, POOL } from "../../../infra/local/stories/stage.ts";
import { type AwsMachinePool, awsMachinePools } from "../../../lib/api/aws/aws-machine-pool.ts";
import { WATCH_FILTER_LABEL } from "../../../lib/api/core/labels.ts";
import { machinePools } from "../../../lib/api/core/machine-pool.ts";

const NAME = "taken";
const AT = { namespace: NAMESPACE, name: NAME };

async function makeGroup({ cloud: { aws } }: FullStage): Promise<void> {
  await aws.cloud.handle("ec2", "CreateLaunchTemplate", {
    LaunchTemplateName: "by-hand",
    LaunchTemplateData: { ImageId: "ami-0123456789abcdef0", InstanceType: "m7g.large" },
  });
  await aws.cloud.handle("autoscaling", "CreateAutoScalingGroup", {
    AutoScalingGroupName: NAME,
    MinSize: 0,
    MaxSize: 1,
    DesiredCapacity: 0,
    VPCZoneIdentifier: Object.keys(aws.cloud.subnets).join(","),
    LaunchTemplate: { LaunchTemplateName: "by-hand", Version: "$Latest" },
  });
}

const changesOf = ({ cloud: { aws } }: FullStage, name: string): readonly string[] =>
  aws.calls.flatMap(({ who, what, target }) =>
    who.startsWith("lifeguard") && target === name && !what.startsWith("Describe") ? [what] : [],
  );

export async function takenPool(stage: FullStage, wait: (seconds: number) => Promise<unknown>): Promise<void> {
  const { management, pools, cloud } = stage;
  await makeGroup(stage);
  const metadata = { ...AT, labels: { [WATCH_FILTER_LABEL]: WATCH_FILTER } };
  const infrastructureRef = { apiGroup: "infrastructure.cluster.x-k8s.io", kind: awsMachinePools.kind, name: NAME };
  const bootstrap = { dataSecretName: `${POOL}-data` };
  const template = { clusterName: CLUSTER, version: VERSION, bootstrap, infrastructureRef };
  await createAll(management, [
    { apiVersion: awsMachinePools.apiVersion, kind: awsMachinePools.kind, metadata, spec: { minSize: 0, maxSize: 1 } },
    {
      apiVersion: machinePools.apiVersion,
      kind: machinePools.kind,
      metadata,
      spec: { clusterName: CLUSTER, replicas: 0, template: { spec: template } },
    },
  ]);
  await wait(30);
  const taken = () => pools.items<AwsMachinePool>(awsMachinePools).find(({ metadata: { name } }) => name === NAME);
  const said = taken()?.status?.conditions?.find(({ type }) => type === "ASGReady");
  strictEqual(`${said?.status} ${said?.reason}`, "False ASGProvisionFailed");
  match(said?.message ?? "", /^Auto Scaling group taken exists and has no tag .*: it is not touched; rename the pool/);
  await management.delete(machinePools, AT);
  await wait(90);
  ok(!taken(), "the pool goes");
  deepStrictEqual(changesOf(stage, NAME), []);
  ok(changesOf(stage, POOL).length > 0);
  const left = await cloud.aws.cloud.handle("autoscaling", "DescribeAutoScalingGroups", {
    AutoScalingGroupNames: [NAME],
  });
  match(JSON.stringify(left), /"AutoScalingGroupName":"taken"/);
}
