/** A pool in step with its wish, as plain facts: each test of a decision changes one thing in it. */
import type {
  AwsSight,
  GroupFacts,
  InstanceFacts,
  PoolWish,
  VersionFacts,
} from "../../../../lib/providers/aws/pool/sight.ts";
import { resourceTags } from "../../../../lib/providers/aws/pool/tags.ts";
import type { TemplateData } from "../../../../lib/providers/aws/pool/template-fingerprint.ts";
import { DRAIN } from "./hook-facts.ts";
import { POOL } from "./objects.ts";

export const NOW = new Date("2026-11-20T12:00:00Z");
export const MADE = new Date("2026-11-20T08:00:00Z");

export const TAGS = resourceTags({ name: POOL, namespace: "team", clusterName: "blue", cloudClusterName: "blue" }, {});

export const DATA: TemplateData = {
  ImageId: "ami-0a",
  UserData: Buffer.from("token: abcdef.0123456789abcdef").toString("base64"),
  SecurityGroupIds: ["sg-lb", "sg-node"],
  TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "Name", Value: POOL }] }],
};

export const SHAPE = {
  minimum: 1,
  maximum: 10,
  subnetIds: ["subnet-a", "subnet-b"],
  capacityRebalance: false,
  cooldownSeconds: 300,
  warmupSeconds: 300,
};

export const WISH: PoolWish = {
  name: POOL,
  templateData: DATA,
  templateDescription: "image ami-0a given by the spec",
  templateTags: TAGS,
  groupTags: TAGS,
  group: SHAPE,
  hooks: [DRAIN],
  suspended: [],
  refresh: { disabled: false, strategy: "Rolling" },
  replicas: 3,
};

export const version = (number: number, data: TemplateData = DATA): VersionFacts => ({
  number,
  description: WISH.templateDescription,
  createTime: MADE,
  data,
});

export const instance = (name: string, change: Partial<InstanceFacts> = {}): InstanceFacts => ({
  instanceId: `i-${name}`,
  zone: "eu-west-1a",
  lifecycleState: "InService",
  healthy: true,
  templateId: "lt-1",
  templateVersion: 1,
  ...change,
});

export const GROUP: GroupFacts = {
  ...SHAPE,
  arn: "arn:aws:autoscaling:eu-west-1:210987654321:autoScalingGroup:1:autoScalingGroupName/workers-a",
  desired: 3,
  templateId: "lt-1",
  templateVersion: "$Latest",
  suspended: [],
  tags: TAGS,
  instances: [instance("0c"), instance("0a"), instance("0b")],
};

export const TEMPLATE = { id: "lt-1", defaultVersion: 1, tags: TAGS, versions: [version(1)] };

export const QUIET: AwsSight = {
  name: POOL,
  now: NOW,
  wish: WISH,
  group: GROUP,
  template: TEMPLATE,
  hooks: [DRAIN],
  appliedTags: {},
  additionalTags: {},
  kubernetesVersion: "v1.34.0",
};

export const without = <Key extends keyof AwsSight>(...keys: readonly Key[]): Omit<AwsSight, Key> & AwsSight => {
  const left = Object.entries(QUIET).filter(([key]) => !(keys as readonly string[]).includes(key));
  return Object.fromEntries(left) as Omit<AwsSight, Key> & AwsSight;
};

export const wishing = (change: Partial<PoolWish>): AwsSight => ({ ...QUIET, wish: { ...WISH, ...change } });
export const having = (change: Partial<GroupFacts>): AwsSight => ({ ...QUIET, group: { ...GROUP, ...change } });
