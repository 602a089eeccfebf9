/** Which instance a scale-in takes, row by row: each row changes one thing in a quiet group of three. */
import { strictEqual } from "node:assert/strict";
import test from "node:test";
import type { Membership } from "../../../infra/local/aws/fleet.ts";
import { chooseVictim, type Group, type Member } from "../../../infra/local/aws/group.ts";

const START = new Date("2026-11-20T08:00:00Z");
const NOW = new Date("2026-11-20T08:30:00Z");

interface Change extends Partial<Membership> {
  readonly zone?: string;
  readonly ageMinutes?: number;
}

function aMember(id: string, { zone = "a", ageMinutes = 30, ...member }: Change = {}): Member {
  const template = { LaunchTemplateId: "lt-1", LaunchTemplateName: "plain", Version: "2" };
  return {
    id,
    state: "running",
    zone,
    subnetId: `subnet-${zone}`,
    privateIp: "10.0.1.4",
    privateDnsName: "ip-10-0-1-4.eu-west-1.compute.internal",
    launchTime: new Date(NOW.getTime() - ageMinutes * 60_000),
    instanceType: "m7g.large",
    imageId: "ami-1",
    spot: false,
    tags: {},
    member: {
      group: "g",
      lifecycleState: "InService",
      protectedFromScaleIn: false,
      healthy: true,
      template,
      ...member,
    },
  };
}

const aGroup = (policies: Group["TerminationPolicies"] = ["Default"]): Group => ({
  AutoScalingGroupName: "g",
  AutoScalingGroupARN: "arn:g",
  MinSize: 0,
  MaxSize: 5,
  DesiredCapacity: 2,
  DefaultCooldown: 300,
  VPCZoneIdentifier: "subnet-a,subnet-b",
  CapacityRebalance: false,
  NewInstancesProtectedFromScaleIn: false,
  TerminationPolicies: policies,
  Tags: [],
  CreatedTime: START,
  template: { LaunchTemplateId: "lt-1", LaunchTemplateName: "plain", Version: "$Latest" },
  subnets: [],
  hooks: {},
  suspended: [],
});

const template = (Version: string) => ({ LaunchTemplateId: "lt-1", LaunchTemplateName: "plain", Version });
const rows: readonly {
  readonly name: string;
  readonly changes: readonly [Change, Change, Change];
  readonly policies?: Group["TerminationPolicies"];
  readonly want: string | undefined;
}[] = [
  { name: "all equal: the lowest id", changes: [{}, {}, {}], want: "i-1" },
  { name: "the fullest zone first", changes: [{ zone: "b" }, {}, {}], want: "i-2" },
  {
    name: "pending instances count for a zone",
    changes: [{ zone: "b" }, {}, { lifecycleState: "Pending" }],
    want: "i-2",
  },
  {
    name: "leaving ones do not",
    changes: [{}, { zone: "b" }, { lifecycleState: "Terminating:Wait", zone: "b" }],
    want: "i-1",
  },
  {
    name: "a zone of protected instances is passed over",
    changes: [{ zone: "b" }, { protectedFromScaleIn: true }, { protectedFromScaleIn: true }],
    want: "i-1",
  },
  { name: "the oldest template version", changes: [{}, {}, { template: template("1") }], want: "i-3" },
  {
    name: "template versions are numbers",
    changes: [{ template: template("10") }, { template: template("9") }, { template: template("10") }],
    want: "i-2",
  },
  { name: "then the one closest to its next hour", changes: [{}, { ageMinutes: 59 }, { ageMinutes: 61 }], want: "i-2" },
  {
    name: "OldestInstance",
    changes: [{}, { ageMinutes: 59 }, { ageMinutes: 61 }],
    policies: ["OldestInstance"],
    want: "i-3",
  },
  {
    name: "NewestInstance",
    changes: [{}, { ageMinutes: 59 }, { ageMinutes: 2 }],
    policies: ["NewestInstance"],
    want: "i-3",
  },
  {
    name: "policies in their order",
    changes: [{ ageMinutes: 61, template: template("1") }, { template: template("1") }, { ageMinutes: 99 }],
    policies: ["OldestLaunchTemplate", "NewestInstance"],
    want: "i-2",
  },
  {
    name: "nobody while none is in service",
    changes: [{ lifecycleState: "Pending" }, { lifecycleState: "Pending:Wait" }, { protectedFromScaleIn: true }],
    want: undefined,
  },
];

for (const { name, changes, policies, want } of rows) {
  test(`the victim: ${name}`, () => {
    const members = changes.map((change, index) => aMember(`i-${index + 1}`, change));
    strictEqual(chooseVictim(aGroup(policies), members, NOW)?.id, want);
  });
}
