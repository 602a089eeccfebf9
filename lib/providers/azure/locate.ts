/** From a machine's name, as scheduled events have it, to the machine: in its scale set where that is known, else in all of that name. */
import { ProviderError } from "../errors.ts";
import type { InstanceLocation } from "../provider.ts";
import { groupNameOfSet, splitGroupName } from "./group-name.ts";
import type { MachineApi, MachineSeen } from "./machine-api.ts";
import { providerIdOf, type ScaleSetId } from "./provider-id.ts";

/** Azure names the machines of both modes so; only Uniform's are always decimal. */
const NAME = /^(.+)_([^_]+)$/;

export interface Place {
  readonly api: MachineApi;
  readonly subscriptionId: string;
}

/** @throws ProviderError "not-found" */
export async function locate(place: Place, name: string, groupName: string | undefined): Promise<InstanceLocation> {
  for (const set of await setsOf(place, name, groupName)) {
    const machine = await machineIn(place.api, set, name);
    if (machine) {
      const { id, scaleSet } = machine;
      return { providerID: providerIdOf(id), ...(scaleSet && { groupName: groupNameOfSet(scaleSet) }) };
    }
  }
  const where = groupName ?? "any scale set of this subscription";
  throw new ProviderError("not-found", "Microsoft.Compute/read", "", `there is no machine ${name} in ${where}`);
}

async function setsOf(
  { api, subscriptionId }: Place,
  name: string,
  groupName: string | undefined,
): Promise<readonly ScaleSetId[]> {
  const named = groupName === undefined ? undefined : splitGroupName(groupName);
  if (named) return [{ ...named, subscriptionId }];
  const [, setName] = NAME.exec(name) ?? [];
  return setName === undefined ? [] : (await api.scaleSetsNamed(setName)).map(({ id }) => id);
}

/** The name does not tell the mode: a decimal end may be a number or a random name. */
async function machineIn(api: MachineApi, set: ScaleSetId, name: string): Promise<MachineSeen | undefined> {
  const { subscriptionId, resourceGroup } = set;
  const [, setName, number = ""] = NAME.exec(name) ?? [];
  const isNumbered = setName === set.name.toLowerCase() && /^\d+$/.test(number);
  const uniform = { mode: "Uniform", subscriptionId, resourceGroup, scaleSet: set.name, number } as const;
  const found = isNumbered ? await api.machine(uniform) : undefined;
  if (found) return found;
  const machine = await api.machine({ mode: "Flexible", subscriptionId, resourceGroup, name });
  const isMember = machine?.scaleSet?.name.toLowerCase() === set.name.toLowerCase();
  return isMember ? machine : undefined;
}
