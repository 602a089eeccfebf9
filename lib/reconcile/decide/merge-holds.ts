/** Several notices for one instance: their holds become one, hook by hook. */
import type { AutoScalingHook, Hold } from "../../api/lifecycle/hold.ts";

/**
 * A later hook of the same name replaces the earlier one, but a token that is known is not forgotten for a notice without.
 * A hold of another group replaces the whole.
 * @returns hooks sorted by name
 */
export function mergeHolds(before: Hold | undefined, notice: Hold): Hold {
  const next = notice.autoScaling;
  if (!next) return before ?? notice;
  const old = before?.autoScaling?.groupName === next.groupName ? before.autoScaling.hooks : [];
  const hooks = new Map<string, AutoScalingHook>(old.map((hook) => [hook.name, hook]));
  for (const hook of next.hooks) hooks.set(hook.name, { ...hooks.get(hook.name), ...hook });
  const sorted = [...hooks.values()].sort((a, b) => (a.name < b.name ? -1 : 1)).map(inOrder);
  return { autoScaling: { groupName: next.groupName, hooks: sorted } };
}

/** Whether a notice names a hook that is not known yet. */
export const hasNewHooks = (before: Hold | undefined, notice: Hold): boolean =>
  notice.autoScaling?.hooks.some(({ name }) => !before?.autoScaling?.hooks.some((known) => known.name === name)) ??
  false;

/** Members in one order, so that equal hooks are equal texts. */
const inOrder = ({ name, token, heartbeatTimeoutSeconds }: AutoScalingHook): AutoScalingHook => ({
  name,
  ...(token !== undefined && { token }),
  ...(heartbeatTimeoutSeconds !== undefined && { heartbeatTimeoutSeconds }),
});
