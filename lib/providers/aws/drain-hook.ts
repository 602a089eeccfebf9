/** The terminate hook that every pool reconciled here gets by default, since drain is the product. */
import { type AwsLifecycleHook, type AwsMachinePool, DRAIN_HOOK_ANNOTATION } from "../../api/aws/aws-machine-pool.ts";
import { WATCH_FILTER_LABEL } from "../../api/core/labels.ts";
import { DEFAULT_HOOK_NAME_PREFIX } from "./hook-names.ts";

const TERMINATING = "autoscaling:EC2_INSTANCE_TERMINATING";

/** Heartbeats keep it open as long as a drain lasts; should nobody send any, the instance goes after five minutes. */
export const DRAIN_HOOK = {
  lifecycleTransition: TERMINATING,
  heartbeatTimeout: "5m0s",
  defaultResult: "CONTINUE",
} as const satisfies Omit<AwsLifecycleHook, "name">;

/** Unless the pool says no, or declares a terminate hook of ours itself. */
export function wantsDrainHook({ metadata, spec }: Pick<AwsMachinePool, "metadata" | "spec">, prefix: string): boolean {
  if (metadata.annotations?.[DRAIN_HOOK_ANNOTATION] === "false") return false;
  return !(spec.lifecycleHooks ?? []).some(
    ({ name, lifecycleTransition }) => name.startsWith(prefix) && lifecycleTransition === TERMINATING,
  );
}

/**
 * The hook as if the pool declared it: on pools with a watch filter upstream does not run, so nobody deletes it there.
 * @returns empty for pools that upstream looks after
 */
export const drainHooks = (pool: Pick<AwsMachinePool, "metadata" | "spec">): readonly AwsLifecycleHook[] =>
  pool.metadata.labels?.[WATCH_FILTER_LABEL] && wantsDrainHook(pool, DEFAULT_HOOK_NAME_PREFIX)
    ? [{ ...DRAIN_HOOK, name: `${DEFAULT_HOOK_NAME_PREFIX}drain` }]
    : [];
