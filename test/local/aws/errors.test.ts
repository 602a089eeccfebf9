/** What the local AWS refuses, by the code that reaches the SDK. */
import { rejects } from "node:assert/strict";
import test from "node:test";
import {
  CreateAutoScalingGroupCommand,
  DeleteAutoScalingGroupCommand,
  PutLifecycleHookCommand,
  RecordLifecycleActionHeartbeatCommand,
  SetDesiredCapacityCommand,
  SetInstanceProtectionCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import { CreateLaunchTemplateCommand, DescribeInstancesCommand, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { GetParameterCommand } from "@aws-sdk/client-ssm";
import { DRAIN, GROUP, inState, type Rig, startGroup, startRig } from "./rig.ts";

interface Refusal {
  readonly name: string;
  readonly call: (rig: Rig, instance: string) => Promise<unknown>;
  readonly wants: { readonly name: string; readonly message?: RegExp };
}

const AutoScalingGroupName = GROUP;
const template = { LaunchTemplateName: "plain" };
const create = (rig: Rig, more: object) =>
  rig.autoscaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: "other",
      MinSize: 0,
      MaxSize: 1,
      VPCZoneIdentifier: "subnet-a",
      LaunchTemplate: template,
      ...more,
    }),
  );
const resize = (rig: Rig, DesiredCapacity: number, HonorCooldown = false) =>
  rig.autoscaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName, DesiredCapacity, HonorCooldown }));
const takeOut = (rig: Rig, InstanceId: string, ShouldDecrementDesiredCapacity: boolean) =>
  rig.autoscaling.send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity }));

const invalid = (message: RegExp) => ({ name: "ValidationError", message });
const refusals: readonly Refusal[] = [
  {
    name: "a second group of one name",
    call: (rig) => create(rig, { AutoScalingGroupName }),
    wants: { name: "AlreadyExistsFault" },
  },
  {
    name: "a group from no template",
    call: (rig) => create(rig, { LaunchTemplate: undefined }),
    wants: invalid(/launch template/),
  },
  {
    name: "a group from an unknown template",
    call: (rig) => create(rig, { LaunchTemplate: { LaunchTemplateName: "nope" } }),
    wants: { name: "ValidationError" },
  },
  {
    name: "a group in an unknown subnet",
    call: (rig) => create(rig, { VPCZoneIdentifier: "subnet-z" }),
    wants: invalid(/subnet-z/),
  },
  { name: "a maximum below the minimum", call: (rig) => create(rig, { MinSize: 2 }), wants: invalid(/Max bound, 1/) },
  { name: "a size above the maximum", call: (rig) => resize(rig, 9), wants: invalid(/9 is above max value 3/) },
  { name: "a size below the minimum", call: (rig) => resize(rig, 1), wants: invalid(/1 is below min value 2/) },
  {
    name: "a new size within the cooldown",
    call: (rig) => resize(rig, 3, true),
    wants: { name: "ScalingActivityInProgressFault" },
  },
  {
    name: "the size of an unknown group",
    call: (rig) =>
      rig.autoscaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: "nope", DesiredCapacity: 1 })),
    wants: invalid(/AutoScalingGroup name not found/),
  },
  {
    name: "the deletion of a group with instances",
    call: (rig) => rig.autoscaling.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName })),
    wants: { name: "ResourceInUseFault" },
  },
  {
    name: "a decrement below the minimum",
    call: (rig, id) => takeOut(rig, id, true),
    wants: invalid(/violate group's min size/),
  },
  {
    name: "an instance of no group",
    call: (rig) => takeOut(rig, "i-00000000000000000", false),
    wants: invalid(/No managed instance/),
  },
  {
    name: "a second termination of one instance",
    call: async (rig, id) => {
      await takeOut(rig, id, false);
      await takeOut(rig, id, false);
    },
    wants: invalid(/already terminating/),
  },
  {
    name: "the protection of an instance on its way out",
    call: async (rig, id) => {
      await takeOut(rig, id, false);
      const InstanceIds = [id];
      await rig.autoscaling.send(
        new SetInstanceProtectionCommand({ AutoScalingGroupName, InstanceIds, ProtectedFromScaleIn: true }),
      );
    },
    wants: invalid(/not in InService/),
  },
  {
    name: "a heartbeat for an instance that waits for nothing",
    call: (rig, InstanceId) =>
      rig.autoscaling.send(
        new RecordLifecycleActionHeartbeatCommand({ AutoScalingGroupName, LifecycleHookName: "drain", InstanceId }),
      ),
    wants: invalid(/No active Lifecycle Action found with instance ID i-/),
  },
  {
    name: "a heartbeat for nobody",
    call: (rig) =>
      rig.autoscaling.send(
        new RecordLifecycleActionHeartbeatCommand({ AutoScalingGroupName, LifecycleHookName: "drain" }),
      ),
    wants: invalid(/LifecycleActionToken or InstanceId/),
  },
  {
    name: "a fifty-first hook",
    call: async (rig) => {
      const put = (LifecycleHookName: string) =>
        rig.autoscaling.send(new PutLifecycleHookCommand({ ...DRAIN, AutoScalingGroupName, LifecycleHookName }));
      for (let index = 1; index <= 50; index++) await put(`hook-${index}`);
    },
    wants: { name: "LimitExceededFault" },
  },
  {
    name: "a second template of one name",
    call: (rig) => rig.ec2.send(new CreateLaunchTemplateCommand({ ...template, LaunchTemplateData: {} })),
    wants: { name: "InvalidLaunchTemplateName.AlreadyExistsException" },
  },
  {
    name: "an unknown instance",
    call: (rig) => rig.ec2.send(new DescribeInstancesCommand({ InstanceIds: ["i-00000000000000000"] })),
    wants: { name: "InvalidInstanceID.NotFound", message: /'i-00000000000000000' does not exist/ },
  },
  {
    name: "a malformed instance id",
    call: (rig) => rig.ec2.send(new TerminateInstancesCommand({ InstanceIds: ["web-1"] })),
    wants: { name: "InvalidInstanceID.Malformed" },
  },
  {
    name: "an unknown queue",
    call: (rig) => rig.sqs.send(new SendMessageCommand({ QueueUrl: `${rig.aws.endpoint}/1/nope`, MessageBody: "x" })),
    wants: { name: "QueueDoesNotExist" },
  },
  {
    name: "a delay of more than fifteen minutes",
    call: (rig) =>
      rig.sqs.send(
        new SendMessageCommand({ QueueUrl: `${rig.aws.endpoint}/1/q`, MessageBody: "x", DelaySeconds: 901 }),
      ),
    wants: { name: "InvalidParameterValue", message: /DelaySeconds/ },
  },
  {
    name: "an unknown secret",
    call: (rig) => rig.secrets.send(new GetSecretValueCommand({ SecretId: "nope" })),
    wants: { name: "ResourceNotFoundException" },
  },
  {
    name: "an unknown parameter",
    call: (rig) => rig.ssm.send(new GetParameterCommand({ Name: "/nope" })),
    wants: { name: "ParameterNotFound" },
  },
];

for (const { name, call, wants } of refusals) {
  test(`refused: ${name}`, async (context) => {
    const rig = await startRig(context);
    await startGroup(rig, { MinSize: 2, MaxSize: 3, LifecycleHookSpecificationList: [DRAIN] });
    const [instance = ""] = await inState(rig, "InService");
    await rejects(call(rig, instance), wants);
  });
}
