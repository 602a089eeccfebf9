/** P3 on the cloud: two passes that ran beside each other over the same world never write opposite things to it. */
import type { Pass } from "../pass.ts";
import type { Change } from "../servers.ts";
import type { Court } from "./court.ts";

type Input = Readonly<Record<string, unknown>>;

interface Written {
  readonly pass: Pass;
  readonly at: number;
  readonly value: string;
}

const GONE = "gone";
const SIZES = ["MinSize", "MaxSize", "DesiredCapacity"];

const pairs = (value: unknown): readonly Readonly<Record<string, unknown>>[] => (Array.isArray(value) ? value : []);

function tags(prefix: string, list: unknown, isGone: boolean): readonly (readonly [string, string])[] {
  return pairs(list).map(({ Key, Value }) => [`${prefix} ${String(Key)}`, isGone ? GONE : String(Value)] as const);
}

/** What a request makes true: subject -> value. */
function claimsOf(action: string, input: Input): readonly (readonly [string, string])[] {
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

export interface Contradictions {
  /** Whatever a pass of pools does not do itself is a reason to think otherwise. */
  readonly hear: (change: Change) => void;
  readonly cloudDid: (pass: Pass, action: string, input: Input) => void;
}

interface Site {
  /** Milliseconds. */
  readonly now: () => number;
  /** Passes may be shown what is no longer true. */
  readonly isShownLate: () => boolean;
  readonly broken: Court["broken"];
}

export function createContradictions({ now, isShownLate, broken }: Site): Contradictions {
  const last = new Map<string, Written>();
  let changedAt = 0;
  const isBeside = (pass: Pass, { pass: other, at }: Written) => other !== pass && pass.startedAt < at;
  return {
    hear: ({ by, server }) => {
      const isOurs = typeof by !== "string" && by.does === "pool";
      if (server === "management" && !isOurs) changedAt = now();
    },
    cloudDid: (pass, action, input) => {
      if (pass.does !== "pool") {
        changedAt = now();
        return;
      }
      for (const [subject, value] of claimsOf(action, input)) {
        const before = last.get(subject);
        last.set(subject, { pass, at: now(), value });
        if (!before || before.value === value || !isBeside(pass, before) || isShownLate()) continue;
        if (changedAt < Math.min(pass.startedAt, before.pass.startedAt))
          broken(
            "P3",
            "two passes beside each other write opposite things to the cloud",
            `${subject}: ${before.pass.label} ${before.value}, ${pass.label} ${value}`,
          );
      }
    },
  };
}
