/** AWS passes the suite every cloud passes: the official SDK over HTTPS against the local AWS. */
import assert from "node:assert/strict";
import {
  CompleteLifecycleActionCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import { autoScalingApi } from "../../../lib/providers/aws/auto-scaling-api.ts";
import { ec2Api } from "../../../lib/providers/aws/ec2-api.ts";
import { hookNames } from "../../../lib/providers/aws/hook-names.ts";
import { awsProvider } from "../../../lib/providers/aws/index.ts";
import { providerIdOf } from "../../../lib/providers/aws/provider-id.ts";
import { type CloudRig, cloudContract, type RigInstance } from "../contract.ts";
import { blueTags, GROUP, HOOKS, startAwsRig } from "./rig.ts";

async function awsRig(): Promise<CloudRig> {
  const rig = await startAwsRig();
  await rig.addGroup(GROUP, { Tags: blueTags(GROUP), hooks: HOOKS });
  await rig.addGroup("lonely", {});
  const apis = { autoScaling: autoScalingApi(rig.autoScaling), ec2: ec2Api(async () => rig.ec2) };
  const provider = awsProvider(apis, { hookNames: hookNames("lifeguard-") });

  const takeOut = async ({ instanceId }: RigInstance) => {
    const input = { InstanceId: instanceId, ShouldDecrementDesiredCapacity: true };
    await rig.autoScaling.send(new TerminateInstanceInAutoScalingGroupCommand(input));
  };
  return {
    provider,
    now: () => rig.clock.now(),
    clusterName: "blue",
    foreignGroupName: "lonely",
    newInstance: async () => {
      const { instanceId, zone } = await rig.launch();
      return { instanceId, groupName: GROUP, providerID: providerIdOf(zone, instanceId) };
    },
    beginTermination: async (instance) => {
      await takeOut(instance);
      const waiting = rig.aws.cloud.waiting().filter(({ instanceId }) => instanceId === instance.instanceId);
      assert.equal(waiting.length, HOOKS.length);
      const hooks = waiting.map(({ hook, token }) => ({ name: hook, token, heartbeatTimeoutSeconds: 300 }));
      return {
        instanceId: instance.instanceId,
        groupName: GROUP,
        cause: "TerminationHook",
        noticeTime: rig.clock.now().toISOString(),
        hold: { autoScaling: { groupName: GROUP, hooks } },
      };
    },
    terminate: async (instance) => {
      await takeOut(instance);
      rig.aws.cloud.terminateInstance(instance.instanceId);
      rig.clock.advance(60);
    },
    retain: async (instance) => {
      await takeOut(instance);
      const action = { AutoScalingGroupName: GROUP, LifecycleHookName: HOOKS[0], InstanceId: instance.instanceId };
      await rig.autoScaling.send(new CompleteLifecycleActionCommand({ ...action, LifecycleActionResult: "ABANDON" }));
    },
    advance: async (seconds) => rig.clock.advance(seconds),
    throttle: async () => {
      rig.aws.inject({ code: "Throttling", message: "Rate exceeded", times: 12 });
      return async () => {
        const isCalm = () => provider.groupOwner(GROUP).then(Boolean, () => false);
        while (!(await isCalm()));
      };
    },
    close: rig.close,
  };
}

cloudContract("AWS over the wire", awsRig, "i-0ffffffffffffffff");
