/** Resource groups: whatever is made needs one. */
import { ArmError } from "./errors.ts";
import type { Place } from "./place.ts";

export interface ResourceGroup {
  readonly name: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
}

export type ResourceGroups = ReturnType<typeof createResourceGroups>;

export function createResourceGroups({ location }: Place, names: readonly string[]) {
  const groups = new Map<string, ResourceGroup>();
  const put = (group: ResourceGroup): ResourceGroup => {
    groups.set(group.name.toLowerCase(), group);
    return group;
  };
  for (const name of names) put({ name, location, tags: {} });
  return {
    put,
    list: () => [...groups.values()],
    find: (name: string) => groups.get(name.toLowerCase()),
    remove: (name: string) => void groups.delete(name.toLowerCase()),
    /** @throws ArmError ResourceGroupNotFound */
    get: (name: string): ResourceGroup => {
      const found = groups.get(name.toLowerCase());
      if (found) return found;
      throw new ArmError("ResourceGroupNotFound", `Resource group '${name}' could not be found.`, 404);
    },
  };
}
