/** What a pool's conditions say of what was seen and of what failed: upstream's types, reasons and severities. */
import assert from "node:assert/strict";
import test from "node:test";
import { lasting } from "../../../../lib/providers/aws/pool/conditions.ts";
import { nextChange } from "../../../../lib/providers/aws/pool/next-change.ts";
import { statementOf } from "../../../../lib/providers/aws/pool/say.ts";
import type { AwsSight } from "../../../../lib/providers/aws/pool/sight.ts";
import { ProviderError } from "../../../../lib/providers/errors.ts";
import { HOOK_PREFIX } from "./change-rows.ts";
import { hookNamed } from "./hook-facts.ts";
import { DATA, GROUP, having, QUIET, TEMPLATE, version, WISH, wishing, without } from "./sights.ts";

const said = (sight: AwsSight, failed?: ProviderError) =>
  statementOf({ sight, change: nextChange(sight, HOOK_PREFIX), failed: lasting(failed) });
const error = (kind: ProviderError["kind"]) => new ProviderError(kind, "aws:Call", "do this", new Error("refused"));
const otherImage = { ...DATA, ImageId: "ami-0b" };
const rolled: AwsSight = {
  ...QUIET,
  template: { ...TEMPLATE, versions: [version(1), version(2, otherImage)] },
  wish: { ...WISH, templateData: otherImage },
};
const problem = (condition: "ASGReady" | "LaunchTemplateReady") => ({
  condition,
  reason: "Reason",
  message: "mend it",
});

interface Row {
  readonly name: string;
  readonly sight: AwsSight;
  readonly failed?: ProviderError;
  readonly type: string;
  /** status, severity, reason; undefined: the condition is not said. */
  readonly want: string | undefined;
  readonly message?: RegExp;
}

const rows: Row[] = [
  { name: "a pool in step is ready", sight: QUIET, type: "Ready", want: "True" },
  { name: "and so are its parts: the group", sight: QUIET, type: "ASGReady", want: "True" },
  { name: "the template", sight: QUIET, type: "LaunchTemplateReady", want: "True" },
  { name: "the hooks", sight: QUIET, type: "LifecycleHookReady", want: "True" },
  { name: "nobody is older: no refresh is owed", sight: QUIET, type: "InstanceRefreshStarted", want: "True" },
  {
    name: "without a group nothing is said of refreshes",
    sight: without("group"),
    type: "InstanceRefreshStarted",
    want: undefined,
  },
  {
    name: "older instances without a refresh are told",
    sight: rolled,
    type: "InstanceRefreshStarted",
    want: "False Info InstanceRefreshNotReady",
  },
  { name: "no group yet is unknown", sight: without("group"), type: "ASGReady", want: "Unknown ASGNotFound" },
  {
    name: "no template yet is unknown",
    sight: without("template", "group"),
    type: "LaunchTemplateReady",
    want: "Unknown LaunchTemplateNotFound",
  },
  {
    name: "the summary is unknown then",
    sight: without("group"),
    type: "Ready",
    want: "Unknown ASGNotFound",
    message: /^1 of 2 completed/,
  },
  {
    name: "a group that AWS deletes is not ready, and says so",
    sight: having({ status: "Delete in progress" }),
    type: "ASGReady",
    want: "False Warning ASGDeletionInProgress",
    message: /Delete in progress/,
  },
  {
    name: "a launch that failed speaks in AWS's words",
    sight: { ...QUIET, launchFailure: "The image id does not exist." },
    type: "ASGReady",
    want: "False Error ASGProvisionFailed",
    message: /^The image id does not exist\.$/,
  },
  {
    name: "the summary copies the worst",
    sight: { ...QUIET, launchFailure: "no" },
    type: "Ready",
    want: "False Error ASGProvisionFailed",
    message: /^1 of 2 completed: no$/,
  },
  {
    name: "an error is worse than a warning",
    sight: { ...having({ status: "Delete in progress" }), problem: problem("LaunchTemplateReady") },
    type: "Ready",
    want: "False Error Reason",
  },
  {
    name: "a problem of the group",
    sight: { ...QUIET, problem: problem("ASGReady") },
    type: "ASGReady",
    want: "False Error Reason",
    message: /mend it/,
  },
  {
    name: "a problem of the template leaves the group ready",
    sight: { ...QUIET, problem: problem("LaunchTemplateReady") },
    type: "ASGReady",
    want: "True",
  },
  {
    name: "a refused version is the template's",
    sight: wishing({ templateData: otherImage }),
    failed: error("denied"),
    type: "LaunchTemplateReady",
    want: "False Error LaunchTemplateCreateFailed",
    message: /do this/,
  },
  {
    name: "a refused group is the group's",
    sight: without("group"),
    failed: error("invalid"),
    type: "ASGReady",
    want: "False Error ASGProvisionFailed",
  },
  {
    name: "a refused size is the group's",
    sight: QUIET,
    failed: error("invalid"),
    type: "ASGReady",
    want: "False Error ASGProvisionFailed",
  },
  {
    name: "a refused hook says which verb: creation",
    sight: { ...QUIET, hooks: [] },
    failed: error("invalid"),
    type: "LifecycleHookReady",
    want: "False Error LifecycleHookCreationFailed",
  },
  {
    name: "update",
    sight: { ...QUIET, hooks: [hookNamed("lifeguard-drain", { heartbeatSeconds: 60 })] },
    failed: error("invalid"),
    type: "LifecycleHookReady",
    want: "False Error LifecycleHookUpdateFailed",
  },
  {
    name: "deletion",
    sight: { ...QUIET, hooks: [...QUIET.hooks, hookNamed("lifeguard-old")] },
    failed: error("invalid"),
    type: "LifecycleHookReady",
    want: "False Error LifecycleHookDeletionFailed",
  },
  {
    name: "a refused refresh",
    sight: rolled,
    failed: error("invalid"),
    type: "InstanceRefreshStarted",
    want: "False Error InstanceRefreshFailed",
  },
  {
    name: "a refresh that runs",
    sight: { ...rolled, refresh: { status: "InProgress" } },
    type: "InstanceRefreshStarted",
    want: "True",
  },
  {
    name: "a refresh that must end first",
    sight: { ...wishing({ templateData: otherImage }), refresh: { status: "InProgress" } },
    type: "InstanceRefreshStarted",
    want: "False Info InstanceRefreshNotReady",
  },
  {
    name: "a refresh that failed, while instances are still old",
    sight: { ...rolled, refresh: { status: "Failed", reason: "too few" } },
    type: "InstanceRefreshStarted",
    want: "False Error InstanceRefreshFailed",
    message: /too few/,
  },
  {
    name: "a refresh that failed and is not needed any more",
    sight: { ...QUIET, refresh: { status: "Failed" } },
    type: "InstanceRefreshStarted",
    want: "True",
  },
  {
    name: "a refresh that the pool disables",
    sight: { ...rolled, wish: { ...WISH, templateData: otherImage, refresh: { disabled: true, strategy: "Rolling" } } },
    type: "InstanceRefreshStarted",
    want: "False Info InstanceRefreshNotReady",
    message: /3 instances/,
  },
];
for (const { name, sight, failed, type, want, message } of rows) {
  test(`conditions: ${name}`, () => {
    const found = said(sight, failed).conditions.find((one) => one.type === type);
    const shown = found && [found.status, found.severity, found.reason].filter(Boolean).join(" ");
    assert.equal(shown, want);
    if (message) assert.match(found?.message ?? "", message);
  });
}

for (const kind of ["throttled", "unavailable", "conflict"] as const) {
  test(`conditions: what is ${kind} passes by itself and makes nothing flicker`, () => {
    const sight = wishing({ templateData: otherImage });
    assert.deepEqual(said(sight, error(kind)), said(sight));
  });
}

test("status: instances are sorted, the old ones have no version", () => {
  const { spec, status } = said(rolled);
  assert.deepEqual(spec.providerIDList, ["aws:///eu-west-1a/i-0a", "aws:///eu-west-1a/i-0b", "aws:///eu-west-1a/i-0c"]);
  assert.deepEqual(status.instances, [{ instanceID: "i-0a" }, { instanceID: "i-0b" }, { instanceID: "i-0c" }]);
  assert.deepEqual(
    [status.ready, status.replicas, status.launchTemplateID, status.launchTemplateVersion],
    [true, 3, "lt-1", "2"],
  );
});

test("status: a group that AWS deletes is told, and not ready", () => {
  const { status } = said(having({ status: "Delete in progress" }));
  assert.deepEqual([status.ready, status.asgStatus], [false, "Delete in progress"]);
});

test("status: the same sight says the same, whenever and in whatever order AWS answers", () => {
  const later = {
    ...QUIET,
    now: new Date("2027-01-01T00:00:00Z"),
    group: { ...GROUP, instances: [...GROUP.instances].reverse() },
  };
  assert.deepEqual(said(later), said(QUIET));
});
