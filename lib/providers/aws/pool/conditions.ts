/** The conditions of an AWSMachinePool, with upstream's types, reasons and severities (CAPA exp/api/v1beta2/conditions_consts.go). */
import type { ProviderError } from "../../errors.ts";
import type { PoolCondition } from "../../pool-provider.ts";
import { type AwsChange, isObjectChange, isTemplateChange } from "./changes.ts";
import { needsRoll } from "./next-template-change.ts";
import { isActive, outdatedInstances } from "./outdated.ts";
import type { AwsSight } from "./sight.ts";

export interface Saying {
  readonly sight: AwsSight;
  /** What the pass tried, or would try next. */
  readonly change: AwsChange | undefined;
  /** What it failed of; passing faults are none of a person's business. */
  readonly failed: ProviderError | undefined;
}

type Severity = NonNullable<PoolCondition["severity"]>;
interface Fault {
  readonly reason: string;
  readonly severity: Severity;
  readonly message: string;
}

const isTrue = (type: string): PoolCondition => ({ type, status: "True" });
const isFalse = (type: string, fault: Fault): PoolCondition => ({ type, status: "False", ...fault });
const isUnknown = (type: string, reason: string, message: string): PoolCondition => ({
  type,
  status: "Unknown",
  reason,
  message,
});

export function conditionsOf(saying: Saying): readonly PoolCondition[] {
  const group = groupReady(saying);
  const template = templateReady(saying);
  const others = [hooksReady(saying), refreshStarted(saying)].filter((one) => one !== undefined);
  return [ready([group, template]), group, ...others, template];
}

/** Throttling and the like passes by itself: a condition that followed it would flicker. */
export function lasting(failed: ProviderError | undefined): ProviderError | undefined {
  return failed && ["denied", "invalid", "not-found"].includes(failed.kind) ? failed : undefined;
}

const HOOK_REASONS: Readonly<Record<string, string>> = {
  HookMissing: "LifecycleHookCreationFailed",
  HookDiffers: "LifecycleHookUpdateFailed",
  HookNotDeclared: "LifecycleHookDeletionFailed",
};
const REFRESH_CHANGES: readonly AwsChange["do"][] = ["StartInstanceRefresh", "CancelInstanceRefresh"];

type Part = "template" | "hooks" | "refresh" | "group";

function partOf(change: AwsChange | undefined): Part {
  if (!change) return "group";
  if (isTemplateChange(change) || isObjectChange(change)) return "template";
  if (change.because in HOOK_REASONS) return "hooks";
  return REFRESH_CHANGES.includes(change.do) ? "refresh" : "group";
}

const failureOf = ({ change, failed }: Saying, part: Part): string | undefined =>
  failed && partOf(change) === part ? failed.message : undefined;

const problemOf = ({ foreign, problem }: AwsSight, condition: "ASGReady" | "LaunchTemplateReady") =>
  [foreign, problem].find((one) => one?.condition === condition);

function groupReady(saying: Saying): PoolCondition {
  const type = "ASGReady";
  const { sight } = saying;
  const { group } = sight;
  if (group?.status) {
    const message = `Auto Scaling group ${sight.name}: ${group.status}`;
    return isFalse(type, { reason: "ASGDeletionInProgress", severity: "Warning", message });
  }
  const problem = problemOf(sight, type);
  if (problem) return isFalse(type, { reason: problem.reason, severity: "Error", message: problem.message });
  const failure = failureOf(saying, "group") ?? sight.launchFailure;
  if (failure) return isFalse(type, { reason: "ASGProvisionFailed", severity: "Error", message: failure });
  if (!group) return isUnknown(type, "ASGNotFound", `there is no Auto Scaling group ${sight.name} yet`);
  return isTrue(type);
}

function templateReady(saying: Saying): PoolCondition {
  const type = "LaunchTemplateReady";
  const { sight } = saying;
  const problem = problemOf(sight, type);
  if (problem) return isFalse(type, { reason: problem.reason, severity: "Error", message: problem.message });
  const failure = failureOf(saying, "template");
  if (failure) {
    const isOfObject = saying.change !== undefined && isObjectChange(saying.change);
    const reason = isOfObject ? "LaunchTemplateReconcileFailed" : "LaunchTemplateCreateFailed";
    return isFalse(type, { reason, severity: "Error", message: failure });
  }
  if (sight.template) return isTrue(type);
  return isUnknown(type, "LaunchTemplateNotFound", `there is no launch template ${sight.name} yet`);
}

function hooksReady(saying: Saying): PoolCondition | undefined {
  const type = "LifecycleHookReady";
  if (!saying.sight.group || saying.sight.group.status) return undefined;
  const failure = failureOf(saying, "hooks");
  if (failure === undefined) return isTrue(type);
  const reason = HOOK_REASONS[saying.change?.because ?? ""] ?? "LifecycleHookUpdateFailed";
  return isFalse(type, { reason, severity: "Error", message: failure });
}

const FAILED: readonly string[] = ["Failed", "RollbackFailed", "RollbackSuccessful"];

function refreshStarted(saying: Saying): PoolCondition | undefined {
  const type = "InstanceRefreshStarted";
  const { sight } = saying;
  const { refresh, wish, group } = sight;
  if (!group || group.status) return undefined;
  const failure = failureOf(saying, "refresh");
  if (failure) return isFalse(type, { reason: "InstanceRefreshFailed", severity: "Error", message: failure });
  if (isActive(refresh)) {
    if (!needsRoll(sight)) return isTrue(type);
    const message = "the instance refresh that runs is cancelled first, since the launch template changed";
    return isFalse(type, { reason: "InstanceRefreshNotReady", severity: "Info", message });
  }
  const old = outdatedInstances(sight).length;
  // Said even where there was no refresh yet: a False of an earlier pass would stand for ever.
  if (old === 0 || !wish) return isTrue(type);
  if (FAILED.includes(refresh?.status ?? "")) {
    const message = refresh?.reason ?? `the instance refresh ended as ${refresh?.status}`;
    return isFalse(type, { reason: "InstanceRefreshFailed", severity: "Error", message });
  }
  const next = wish.refresh.disabled ? "refreshPreferences.disable keeps them" : "a refresh is started";
  const message = `${old} instances are older than the launch template: ${next}`;
  return isFalse(type, { reason: "InstanceRefreshNotReady", severity: "Info", message });
}

const WORST_FIRST: readonly Severity[] = ["Error", "Warning", "Info"];

/** @source cluster-api util/conditions/deprecated/v1beta1 (summary with step counter: the worst speaks) */
function ready(parts: readonly PoolCondition[]): PoolCondition {
  const type = "Ready";
  const done = `${parts.filter(({ status }) => status === "True").length} of ${parts.length} completed`;
  for (const severity of WORST_FIRST) {
    const worst = parts.find((one) => one.status === "False" && one.severity === severity);
    if (worst) {
      const { reason = "", message = "" } = worst;
      return isFalse(type, { reason, severity, message: `${done}: ${message}` });
    }
  }
  const open = parts.find(({ status }) => status === "Unknown");
  return open ? isUnknown(type, open.reason ?? "", `${done}: ${open.message ?? ""}`) : isTrue(type);
}
