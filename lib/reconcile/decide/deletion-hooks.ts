/** Annotations of a Machine that ask its deletion to wait: before its Node is drained, or before its instance is taken away. */
import { PRE_DRAIN_HOOK_PREFIX, PRE_TERMINATE_HOOK_PREFIX } from "../../api/core/labels.ts";
import type { DrainAction } from "./action.ts";
import { deadlineOf } from "./deadline.ts";
import type { DeletionHooks, DrainView } from "./drain-view.ts";
import type { Owner } from "./owner.ts";
import { isForced } from "./pod-view.ts";
import { isOwnRemoval } from "./removal.ts";

export const PRE_DRAIN_HOOK = "WaitingForPreDrainHook";
export const PRE_TERMINATE_HOOK = "WaitingForPreTerminateHook";
/** Who takes an annotation away tells the pool of it, not the drain. */
const HOOK_LOOK_SECONDS = 30;

/** Where a pool has no Machines its own annotations count, for all of its instances. Full keys, sorted. */
export function deletionHooksOf({ pool, machine }: Owner): DeletionHooks {
  const keys = Object.keys((machine ?? pool)?.metadata.annotations ?? {}).sort();
  return {
    drain: keys.filter((key) => key.startsWith(PRE_DRAIN_HOOK_PREFIX)),
    terminate: keys.filter((key) => key.startsWith(PRE_TERMINATE_HOOK_PREFIX)),
  };
}

/** Nobody but us takes the instance out: what a cloud takes waits for no annotation. */
export const mayWaitForHooks = ({ spec, status }: Pick<DrainView, "spec" | "status">): boolean =>
  isOwnRemoval(spec) && !isForced(spec) && status.releaseTime === undefined;

const wait = (because: string): DrainAction => ({ do: "wait", because, againSeconds: HOOK_LOOK_SECONDS });

/** @source cluster-api core/reconcilers/machine/machine_controller.go reconcileDelete: they come before the drain, and keep it off */
export function preDrainHook(view: DrainView): DrainAction | undefined {
  if (!mayWaitForHooks(view) || !view.hooks?.drain.length) return undefined;
  const deadline = deadlineOf(view);
  return deadline && view.nowSeconds >= deadline.atSeconds ? undefined : wait(PRE_DRAIN_HOOK);
}

/** They are heeded whether or not there was a drain, as upstream does. */
export const preTerminateHook = (view: DrainView, { do: what }: DrainAction): DrainAction | undefined =>
  what === "release" && mayWaitForHooks(view) && view.hooks?.terminate.length ? wait(PRE_TERMINATE_HOOK) : undefined;

/** Upstream's own words, which people look for. */
export const hookMessage = (when: "pre-drain" | "pre-terminate", hooks: readonly string[]): string =>
  `Waiting for ${when} hooks to succeed (hooks: ${hooks.join(",")})`;
