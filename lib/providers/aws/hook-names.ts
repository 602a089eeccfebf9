/** Which lifecycle hooks are ours: by a prefix of their names, since a group may carry those of EKS and of other handlers too. */

export const DEFAULT_HOOK_NAME_PREFIX = "lifeguard-";

export interface HookNames {
  areOurs(hookName: string): boolean;
}

/**
 * A pool's declaration alone makes no hook ours: upstream deletes undeclared hooks, so that everybody's stand there.
 * @throws Error when the prefix is empty: every hook would be ours, and completing a foreign one ends its owner's work
 */
export function hookNames(prefix: string): HookNames {
  if (prefix === "") throw new Error("the prefix of our lifecycle hooks' names must not be empty");
  return { areOurs: (hookName) => hookName.startsWith(prefix) };
}
