/** What a template and its group need next: made in order, versions, refreshes, each a row. */
import assert from "node:assert/strict";
import test from "node:test";
import { nextChange } from "../../../../lib/providers/aws/pool/next-change.ts";
import type { RefreshFacts } from "../../../../lib/providers/aws/pool/sight.ts";
import { type ChangeRow, HOOK_PREFIX, testChanges } from "./change-rows.ts";
import { DRAIN, hookNamed } from "./hook-facts.ts";
import {
  DATA,
  GROUP,
  having,
  instance,
  MADE,
  NOW,
  QUIET,
  SHAPE,
  TEMPLATE,
  version,
  WISH,
  wishing,
  without,
} from "./sights.ts";

const otherImage = { ...DATA, ImageId: "ami-0b" };
const otherToken = { ...DATA, UserData: Buffer.from("token: zzzzzz.0123456789abcdef").toString("base64") };
const otherSecret = {
  ...DATA,
  TagSpecifications: [
    {
      ResourceType: "instance",
      Tags: [{ Key: "sigs.k8s.io/cluster-api-provider-aws/bootstrap-data-secret", Value: "team/other" }],
    },
  ],
};
const rolled = { ...TEMPLATE, versions: [version(1), version(2, otherImage)] };
const refresh = (status: string, change: Partial<RefreshFacts> = {}): RefreshFacts => ({ status, ...change });
const manyVersions = { ...TEMPLATE, versions: [1, 2, 3, 4, 5, 6].map((number) => version(number)) };
const inUse = { ...GROUP, instances: [instance("0a", { templateVersion: 2 })] };

const rows: readonly ChangeRow[] = [
  { name: "a pool in step needs nothing", seen: QUIET, want: undefined },
  {
    name: "the template comes first",
    seen: without("template", "group"),
    want: "CreateLaunchTemplate (NoLaunchTemplate)",
  },
  {
    name: "then the group, with its hooks and a desired size",
    seen: without("group"),
    want: "CreateAutoScalingGroup (NoGroup)",
    input: {
      DesiredCapacity: 3,
      MinSize: 1,
      MaxSize: 10,
      VPCZoneIdentifier: "subnet-a,subnet-b",
      DefaultCooldown: 300,
      DefaultInstanceWarmup: 300,
      LaunchTemplate: { LaunchTemplateId: "lt-1", Version: "$Latest" },
    },
  },
  {
    name: "a hook of the spec is there from the first instance on",
    seen: { ...without("group"), wish: { ...WISH, hooks: [hookNamed("mine")] } },
    want: "CreateAutoScalingGroup (NoGroup)",
    input: {
      LifecycleHookSpecificationList: [
        {
          LifecycleHookName: "mine",
          LifecycleTransition: DRAIN.transition,
          HeartbeatTimeout: 300,
          DefaultResult: "CONTINUE",
        },
      ],
    },
  },
  {
    name: "a group is made first, its processes are suspended afterwards",
    seen: { ...without("group"), wish: { ...WISH, suspended: ["Launch"] } },
    want: "CreateAutoScalingGroup (NoGroup)",
  },
  {
    name: "too many replicas begin at the maximum",
    seen: { ...without("group"), wish: { ...WISH, replicas: 12 } },
    want: "CreateAutoScalingGroup (NoGroup)",
    input: { DesiredCapacity: 10 },
  },
  {
    name: "a size that somebody else owns is not sent",
    seen: { ...without("group"), wish: { ...omitReplicas(), group: SHAPE } },
    want: "CreateAutoScalingGroup (NoGroup)",
    lacks: ["DesiredCapacity"],
  },
  {
    name: "another image is a new version that rolls",
    seen: wishing({ templateData: otherImage }),
    want: "CreateLaunchTemplateVersion (TemplateChanged)",
  },
  {
    name: "another bootstrap secret is a new version that rolls",
    seen: wishing({ templateData: otherSecret }),
    want: "CreateLaunchTemplateVersion (TemplateChanged)",
  },
  {
    name: "a rotated token is a new version that does not",
    seen: wishing({ templateData: otherToken }),
    want: "CreateLaunchTemplateVersion (BootstrapDataChanged)",
  },
  {
    name: "a running refresh is cancelled before the template changes",
    seen: { ...wishing({ templateData: otherImage }), refresh: refresh("InProgress") },
    want: "CancelInstanceRefresh (TemplateChanges)",
  },
  {
    name: "a refresh that bakes is cancelled too",
    seen: { ...wishing({ templateData: otherImage }), refresh: refresh("Baking") },
    want: "CancelInstanceRefresh (TemplateChanges)",
  },
  {
    name: "a refresh that is being cancelled is waited for",
    seen: { ...wishing({ templateData: otherImage }), refresh: refresh("Cancelling") },
    want: undefined,
  },
  {
    name: "a refresh that rolls back is waited for",
    seen: { ...wishing({ templateData: otherImage }), refresh: refresh("RollbackInProgress") },
    want: undefined,
  },
  {
    name: "a rotated token disturbs no refresh",
    seen: { ...wishing({ templateData: otherToken }), refresh: refresh("InProgress") },
    want: "CreateLaunchTemplateVersion (BootstrapDataChanged)",
  },
  {
    name: "more than two old versions that nobody uses: the oldest goes",
    seen: { ...QUIET, template: manyVersions, group: { ...GROUP, instances: [] } },
    want: "DeleteLaunchTemplateVersions (OldVersions)",
    input: { Versions: ["2"] },
  },
  {
    name: "a version that an instance runs on stays",
    seen: { ...QUIET, template: manyVersions, group: inUse },
    want: "DeleteLaunchTemplateVersions (OldVersions)",
    input: { Versions: ["3"] },
  },
  {
    name: "two old versions stay for people",
    seen: {
      ...QUIET,
      template: { ...TEMPLATE, versions: [1, 2, 3, 4].map((number) => version(number)) },
      group: { ...GROUP, instances: [] },
    },
    want: undefined,
  },
  {
    name: "older instances are refreshed, whenever the version was made",
    seen: { ...QUIET, template: rolled, wish: { ...WISH, templateData: otherImage } },
    want: "StartInstanceRefresh (InstancesOutdated)",
    input: { Strategy: "Rolling", Preferences: {} },
  },
  {
    name: "a refresh has the pool's preferences",
    seen: {
      ...QUIET,
      template: rolled,
      wish: {
        ...WISH,
        templateData: otherImage,
        refresh: {
          disabled: false,
          strategy: "Rolling",
          instanceWarmup: 0,
          minHealthyPercentage: 50,
          maxHealthyPercentage: 150,
        },
      },
    },
    want: "StartInstanceRefresh (InstancesOutdated)",
    input: { Preferences: { InstanceWarmup: 0, MinHealthyPercentage: 50, MaxHealthyPercentage: 150 } },
  },
  {
    name: "a disabled refresh is not started",
    seen: {
      ...QUIET,
      template: rolled,
      wish: { ...WISH, templateData: otherImage, refresh: { disabled: true, strategy: "Rolling" } },
    },
    want: undefined,
  },
  ...["Pending", "InProgress", "Cancelling", "RollbackInProgress", "Baking"].map((status) => ({
    name: `no second refresh beside one that is ${status}`,
    seen: { ...QUIET, template: rolled, wish: { ...WISH, templateData: otherImage }, refresh: refresh(status) },
    want: undefined,
  })),
  {
    name: "a refresh of this version that failed a moment ago is not repeated at once",
    seen: {
      ...QUIET,
      template: rolled,
      wish: { ...WISH, templateData: otherImage },
      refresh: refresh("Failed", { startTime: NOW, endTime: NOW }),
    },
    want: undefined,
  },
  {
    name: "one that failed a while ago is",
    seen: {
      ...QUIET,
      template: rolled,
      wish: { ...WISH, templateData: otherImage },
      refresh: refresh("Failed", { startTime: MADE, endTime: new Date(NOW.getTime() - 700_000) }),
    },
    want: "StartInstanceRefresh (InstancesOutdated)",
  },
  {
    name: "a refresh that was cancelled for the new version says nothing about it",
    seen: {
      ...QUIET,
      template: rolled,
      wish: { ...WISH, templateData: otherImage },
      refresh: refresh("Cancelled", { startTime: new Date(MADE.getTime() - 1000), endTime: NOW }),
    },
    want: "StartInstanceRefresh (InstancesOutdated)",
  },
  {
    name: "an instance that leaves anyway starts no refresh",
    seen: {
      ...QUIET,
      template: rolled,
      wish: { ...WISH, templateData: otherImage },
      group: { ...GROUP, instances: [instance("0a", { lifecycleState: "Terminating:Wait" })] },
    },
    want: undefined,
  },
  {
    name: "an instance of another template is older, whatever its number",
    seen: having({ instances: [instance("0a", { templateId: "lt-other" })] }),
    want: "StartInstanceRefresh (InstancesOutdated)",
  },
  {
    name: "an instance whose version is gone is older",
    seen: { ...QUIET, template: { ...TEMPLATE, versions: [version(2)] } },
    want: "StartInstanceRefresh (InstancesOutdated)",
  },
  {
    name: "an instance of a version that EC2 does not list yet is not",
    seen: having({ instances: [instance("0a", { templateVersion: 2 })] }),
    want: undefined,
  },
];
testChanges(rows);

function omitReplicas() {
  const { replicas: _, ...rest } = WISH;
  return rest;
}

test("the same content after another is a version of its own: the token tells which try it is", () => {
  const first = nextChange(wishing({ templateData: otherImage }), HOOK_PREFIX);
  const again = nextChange(
    {
      ...wishing({ templateData: otherImage }),
      template: { ...TEMPLATE, versions: [version(1), version(2, otherToken)] },
    },
    HOOK_PREFIX,
  );
  const tokenOf = (change: typeof first) =>
    change?.do === "CreateLaunchTemplateVersion" ? change.input.ClientToken : "";
  assert.notEqual(tokenOf(first), tokenOf(again));
  assert.equal(tokenOf(first), tokenOf(nextChange(wishing({ templateData: otherImage }), HOOK_PREFIX)));
});
