/** What a group needs next: hooks, shape, processes, tags, each a row. */
import assert from "node:assert/strict";
import test from "node:test";
import { nextChange } from "../../../../lib/providers/aws/pool/next-change.ts";
import { HOOK_TAG_PREFIX } from "../../../../lib/providers/aws/pool/tags.ts";
import { type ChangeRow, HOOK_PREFIX, testChanges } from "./change-rows.ts";
import { DRAIN, hookNamed } from "./hook-facts.ts";
import { GROUP, having, instance, QUIET, SHAPE, TAGS, TEMPLATE, wishing, without } from "./sights.ts";

const mixed = {
  instanceTypes: ["m7g.large"],
  distribution: {
    onDemandAllocationStrategy: "prioritized",
    spotAllocationStrategy: "lowest-price",
    onDemandBaseCapacity: 0,
    onDemandPercentageAboveBaseCapacity: 50,
  },
};
const ALL = [
  "Launch",
  "Terminate",
  "AddToLoadBalancer",
  "AlarmNotification",
  "AZRebalance",
  "HealthCheck",
  "InstanceRefresh",
  "ReplaceUnhealthy",
  "ScheduledActions",
];

const rows: readonly ChangeRow[] = [
  {
    name: "a missing hook is put",
    seen: { ...QUIET, hooks: [] },
    want: "PutLifecycleHook (HookMissing)",
    input: { LifecycleHookName: "lifeguard-drain", NotificationTargetARN: "" },
  },
  {
    name: "a different hook is put again and not deleted",
    seen: { ...QUIET, hooks: [hookNamed("lifeguard-drain", { heartbeatSeconds: 60 })] },
    want: "PutLifecycleHook (HookDiffers)",
    input: { HeartbeatTimeout: 300 },
  },
  {
    name: "one hook to add and one to take away: the one to add comes first",
    seen: { ...QUIET, hooks: [hookNamed("lifeguard-old")] },
    want: "PutLifecycleHook (HookMissing)",
  },
  {
    name: "then the one of ours that is wished no longer goes",
    seen: { ...QUIET, hooks: [DRAIN, hookNamed("lifeguard-old")] },
    want: "DeleteLifecycleHook (HookNotDeclared)",
    input: { LifecycleHookName: "lifeguard-old" },
  },
  {
    name: "a hook that the spec declared once goes",
    seen: {
      ...having({ tags: { ...TAGS, [`${HOOK_TAG_PREFIX}mine`]: "declared" } }),
      hooks: [DRAIN, hookNamed("mine")],
    },
    want: "DeleteLifecycleHook (HookNotDeclared)",
    input: { LifecycleHookName: "mine" },
  },
  {
    name: "its tag goes after it",
    seen: having({ tags: { ...TAGS, [`${HOOK_TAG_PREFIX}mine`]: "declared" } }),
    want: "UntagGroup (Tags)",
  },
  { name: "a foreign hook stays", seen: { ...QUIET, hooks: [DRAIN, hookNamed("nth-drain")] }, want: undefined },
  {
    name: "subnets in another order are no difference",
    seen: having({ subnetIds: ["subnet-a", "subnet-b"] }),
    want: undefined,
  },
  {
    name: "another set of subnets is",
    seen: having({ subnetIds: ["subnet-a"] }),
    want: "UpdateAutoScalingGroup (GroupDiffers)",
    input: { VPCZoneIdentifier: "subnet-a,subnet-b" },
  },
  {
    name: "another minimum is",
    seen: having({ minimum: 0 }),
    want: "UpdateAutoScalingGroup (GroupDiffers)",
    lacks: ["DesiredCapacity"],
  },
  {
    name: "another maximum is",
    seen: having({ maximum: 4 }),
    want: "UpdateAutoScalingGroup (GroupDiffers)",
    input: { MaxSize: 10 },
  },
  {
    name: "a maximum below the size waits for the instances to be drained",
    seen: { ...wishing({ group: { ...SHAPE, maximum: 2 } }), group: { ...GROUP, maximum: 3 } },
    want: undefined,
  },
  {
    name: "it comes down as far as the size allows",
    seen: wishing({ group: { ...SHAPE, maximum: 2 } }),
    want: "UpdateAutoScalingGroup (GroupDiffers)",
    input: { MaxSize: 3 },
  },
  {
    name: "nor below what a refresh has launched beside it, though nothing new comes of that",
    seen: {
      ...wishing({ group: { ...SHAPE, maximum: 3 } }),
      group: { ...GROUP, maximum: 4, instances: [...GROUP.instances, instance("0d", { lifecycleState: "Pending" })] },
    },
    want: undefined,
  },
  {
    name: "what a refresh has launched beside a full group raises no maximum",
    seen: {
      ...wishing({ group: { ...SHAPE, maximum: 3 } }),
      group: { ...GROUP, maximum: 3, instances: [...GROUP.instances, instance("0d")] },
    },
    want: undefined,
  },
  {
    name: "one that is on its way out holds no maximum up",
    seen: {
      ...wishing({ group: { ...SHAPE, maximum: 3 } }),
      group: {
        ...GROUP,
        maximum: 4,
        instances: [...GROUP.instances, instance("0d", { lifecycleState: "Terminating:Wait" })],
      },
    },
    want: "UpdateAutoScalingGroup (GroupDiffers)",
    input: { MaxSize: 3 },
  },
  {
    name: "capacity rebalancing is a difference",
    seen: having({ capacityRebalance: true }),
    want: "UpdateAutoScalingGroup (GroupDiffers)",
  },
  {
    name: "another cooldown is, which upstream never updates",
    seen: having({ cooldownSeconds: 60 }),
    want: "UpdateAutoScalingGroup (GroupDiffers)",
  },
  {
    name: "another warm-up is, which upstream never updates",
    seen: having({ warmupSeconds: 0 }),
    want: "UpdateAutoScalingGroup (GroupDiffers)",
  },
  {
    name: "a mixed policy where there is none is a difference",
    seen: wishing({ group: { ...SHAPE, mixed } }),
    want: "UpdateAutoScalingGroup (GroupDiffers)",
    lacks: ["LaunchTemplate"],
  },
  {
    name: "a mixed policy that is wished no longer is a difference",
    seen: having({ mixed }),
    want: "UpdateAutoScalingGroup (GroupDiffers)",
    lacks: ["MixedInstancesPolicy"],
  },
  {
    name: "another distribution is a difference",
    seen: {
      ...wishing({ group: { ...SHAPE, mixed } }),
      group: { ...GROUP, mixed: { ...mixed, distribution: { ...mixed.distribution, onDemandBaseCapacity: 1 } } },
    },
    want: "UpdateAutoScalingGroup (GroupDiffers)",
  },
  {
    name: "a distribution that the spec leaves open is none",
    seen: { ...wishing({ group: { ...SHAPE, mixed: { instanceTypes: ["m7g.large"] } } }), group: { ...GROUP, mixed } },
    want: undefined,
  },
  { name: "the size is no part of an update", seen: having({ desired: 7 }), want: undefined },
  {
    name: "a group that launches from another template is led back",
    seen: having({ templateVersion: "3" }),
    want: "UpdateAutoScalingGroup (OtherTemplate)",
  },
  {
    name: "every process may be suspended",
    seen: wishing({ suspended: ALL }),
    want: "SuspendProcesses (Processes)",
    input: { ScalingProcesses: ALL },
  },
  {
    name: "what is suspended too little comes first",
    seen: {
      ...wishing({ suspended: ["Launch", "Terminate"] }),
      group: { ...GROUP, suspended: ["Launch", "process3"] },
    },
    want: "SuspendProcesses (Processes)",
    input: { ScalingProcesses: ["Terminate"] },
  },
  {
    name: "what is suspended too much is resumed",
    seen: { ...wishing({ suspended: ["Launch"] }), group: { ...GROUP, suspended: ["Launch", "process3"] } },
    want: "ResumeProcesses (Processes)",
    input: { ScalingProcesses: ["process3"] },
  },
  { name: "a missing tag is added to the group", seen: having({ tags: {} }), want: "TagGroup (Tags)" },
  { name: "and to the template", seen: { ...QUIET, template: { ...TEMPLATE, tags: {} } }, want: "TagTemplate (Tags)" },
  {
    name: "a tag that was applied and is wished no longer goes",
    seen: { ...having({ tags: { ...TAGS, team: "web" } }), appliedTags: { team: "web" } },
    want: "UntagGroup (Tags)",
  },
  {
    name: "from the template as well",
    seen: { ...QUIET, template: { ...TEMPLATE, tags: { ...TAGS, team: "web" } }, appliedTags: { team: "web" } },
    want: "UntagTemplate (Tags)",
  },
  { name: "somebody else's tag stays", seen: having({ tags: { ...TAGS, costs: "42" } }), want: undefined },
  {
    name: "a group that AWS deletes is left alone",
    seen: having({ status: "Delete in progress", minimum: 0 }),
    want: undefined,
  },
  {
    name: "what a person has to mend stops everything",
    seen: { ...having({ minimum: 0 }), problem: { condition: "ASGReady", reason: "X", message: "y" } },
    want: undefined,
  },
];
testChanges(rows);

test("the group's tags are its own, sorted, and not passed on", () => {
  const change = nextChange(without("group"), HOOK_PREFIX);
  assert.equal(change?.do, "CreateAutoScalingGroup");
  const tags = change?.do === "CreateAutoScalingGroup" ? (change.input.Tags ?? []) : [];
  assert.ok(
    tags.every(
      ({ PropagateAtLaunch, ResourceType }) => PropagateAtLaunch === false && ResourceType === "auto-scaling-group",
    ),
  );
  const keys = tags.map(({ Key = "" }) => Key);
  assert.deepEqual(
    keys,
    [...keys].sort((a, b) => (a < b ? -1 : 1)),
  );
});
