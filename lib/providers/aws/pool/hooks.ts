/** Which lifecycle hooks a group should have, and whether one that it has is the same. */

import type { AwsLifecycleHook, AwsMachinePool } from "../../../api/aws/aws-machine-pool.ts";
import type { Tags } from "../../applied-tags.ts";
import { DRAIN_HOOK, wantsDrainHook } from "../drain-hook.ts";
import { durationSeconds } from "../duration.ts";
import type { HookFacts } from "./sight.ts";
import { HOOK_TAG_PREFIX } from "./tags.ts";

/** AWS's own (PutLifecycleHook). */
const DEFAULT_HEARTBEAT_SECONDS = 3600;
const HEARTBEAT_SECONDS = { least: 30, most: 7200 };

/** @param prefix  of our hooks' names; the default hook is named by it, so that the functions know it for theirs */
export function wishedHooks(pool: AwsMachinePool, prefix: string): readonly HookFacts[] {
  const declared = pool.spec.lifecycleHooks ?? [];
  const ours = wantsDrainHook(pool, prefix) ? [{ ...DRAIN_HOOK, name: `${prefix}drain` }] : [];
  return [...declared, ...ours].map(toFacts);
}

function toFacts(hook: AwsLifecycleHook): HookFacts {
  const { heartbeatTimeout: said } = hook;
  const seconds = (said === undefined ? undefined : durationSeconds(said)) ?? DEFAULT_HEARTBEAT_SECONDS;
  return {
    name: hook.name,
    transition: hook.lifecycleTransition,
    // Upstream admits 48 hours, of which AWS takes no more than two and refuses the rest.
    heartbeatSeconds: Math.min(HEARTBEAT_SECONDS.most, Math.max(HEARTBEAT_SECONDS.least, Math.floor(seconds))),
    defaultResult: hook.defaultResult ?? "ABANDON",
    targetArn: hook.notificationTargetARN ?? "",
    roleArn: hook.roleARN ?? "",
    metadata: hook.notificationMetadata ?? "",
  };
}

export const isSameHook = (one: HookFacts, other: HookFacts): boolean =>
  (Object.keys(one) as (keyof HookFacts)[]).every((field) => one[field] === other[field]);

/** Ours by name, or declared by the pool once; everybody else's hooks stay. */
export const isManagedHook = ({ name }: HookFacts, groupTags: Tags, prefix: string): boolean =>
  name.startsWith(prefix) || groupTags[`${HOOK_TAG_PREFIX}${name}`] !== undefined;
