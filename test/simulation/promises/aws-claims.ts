/** What a request to AWS makes true of a group, as far as another could make it untrue. */
import type { Input } from "../clouds/simulated-cloud.ts";
import type { Claims } from "./contradictions.ts";

const GONE = "gone";
const SIZES = ["MinSize", "MaxSize", "DesiredCapacity"];

const pairs = (value: unknown): readonly Readonly<Record<string, unknown>>[] => (Array.isArray(value) ? value : []);

function tags(prefix: string, list: unknown, isGone: boolean): Claims {
  return pairs(list).map(({ Key, Value }) => [`${prefix} ${String(Key)}`, isGone ? GONE : String(Value)] as const);
}

export function awsClaims(action: string, input: Input): Claims {
  const { AutoScalingGroupName: _, LifecycleHookName, ...rest } = input;
  switch (action) {
    case "SetDesiredCapacity":
    case "UpdateAutoScalingGroup":
      return Object.entries(rest)
        .filter(([field, value]) => value !== undefined && (action.startsWith("Update") || SIZES.includes(field)))
        .map(([field, value]) => [field, JSON.stringify(value)] as const);
    case "CreateOrUpdateTags":
    case "DeleteTags":
      return tags("tag of the group", input.Tags, action === "DeleteTags");
    case "PutLifecycleHook":
      return [[`hook ${String(LifecycleHookName)}`, JSON.stringify(rest)]];
    case "DeleteLifecycleHook":
      return [[`hook ${String(LifecycleHookName)}`, GONE]];
    case "SuspendProcesses":
    case "ResumeProcesses":
      return ((input.ScalingProcesses ?? []) as string[]).map((name) => [`process ${name}`, action] as const);
    default:
      return [];
  }
}
