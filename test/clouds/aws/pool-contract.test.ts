/** AWS pools pass the suite every cloud's pools pass: the official SDKs over HTTPS against the local AWS. */
import { DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import { S3Client } from "@aws-sdk/client-s3";
import { SSMClient } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";
import type { KubernetesObject, Resource } from "../../../lib/api/kubernetes/meta.ts";
import { autoScalingApi } from "../../../lib/providers/aws/auto-scaling-api.ts";
import { ec2Api } from "../../../lib/providers/aws/ec2-api.ts";
import { hookNames } from "../../../lib/providers/aws/hook-names.ts";
import { awsProvider } from "../../../lib/providers/aws/index.ts";
import { awsPoolProvider } from "../../../lib/providers/aws/pool/index.ts";
import { type PoolCloudRig, type PoolWish, poolContract } from "../pool-contract.ts";
import { anInfrastructure, aPoolRequest, POOL } from "./pool/objects.ts";
import { startAwsRig } from "./rig.ts";

const TYPES: Readonly<Record<string, string>> = { one: "m7g.large", two: "m7g.xlarge" };

async function awsRig(): Promise<PoolCloudRig> {
  const rig = await startAwsRig();
  const { aws, clock, autoScaling, ec2, options } = rig;
  const [s3, ssm, sts] = [new S3Client(options), new SSMClient(options), new STSClient(options)];
  const clients = {
    autoScaling: async () => autoScaling,
    ec2: async () => ec2,
    s3: async () => s3,
    ssm: async () => ssm,
    sts: async () => sts,
  };
  const infrastructure = anInfrastructure();
  const read = async <T extends KubernetesObject>({ kind }: Resource) =>
    (kind === "AWSCluster" ? infrastructure : undefined) as T | undefined;
  const request = ({ minimum, maximum, replicas, template, deleting = false }: PoolWish, name = POOL) => {
    const awsLaunchTemplate = { instanceType: TYPES[template] ?? template };
    const spec = { minSize: minimum, maxSize: maximum, awsLaunchTemplate };
    const asked = aPoolRequest({ spec, replicas, deleting });
    const pool = { ...asked.pool, metadata: { ...asked.pool.metadata, name } };
    const machinePool = { ...asked.machinePool, metadata: { ...asked.machinePool.metadata, name } };
    return { ...asked, pool, machinePool, read, now: clock.now() };
  };
  return {
    provider: awsPoolProvider({
      makeClients: () => clients,
      hookPrefix: "lifeguard-",
      controllerNamespace: "capa-system",
      now: () => clock.now(),
    }),
    termination: awsProvider(
      { autoScaling: autoScalingApi(autoScaling), ec2: ec2Api(async () => ec2) },
      { hookNames: hookNames("lifeguard-") },
    ),
    request,
    advance: async (seconds) => {
      clock.advance(seconds);
    },
    releaseHeld: async () => {
      for (const { instanceId, hook } of aws.cloud.waiting()) {
        await aws.cloud.handle("autoscaling", "CompleteLifecycleAction", {
          AutoScalingGroupName: POOL,
          LifecycleHookName: hook,
          InstanceId: instanceId,
          LifecycleActionResult: "CONTINUE",
        });
      }
    },
    makeForeignGroup: async (name) => {
      await rig.addGroup(name, {});
    },
    throttle: async () => {
      aws.inject({ code: "Throttling", message: "Rate exceeded", times: 12 });
      return async () => {
        const isCalm = () => autoScaling.send(new DescribeAutoScalingGroupsCommand({})).then(Boolean, () => false);
        while (!(await isCalm()));
      };
    },
    close: async () => {
      ssm.destroy();
      sts.destroy();
      await rig.close();
    },
  };
}

poolContract("AWS", awsRig);
