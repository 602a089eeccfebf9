/** Which instances a smaller capacity costs, and in which zone a new one starts. */
import type { Instance } from "./fleet.ts";
import type { ScaleSet } from "./scale-set.ts";

const countBy = (instances: readonly Instance[], zone: string | undefined) =>
  instances.filter((one) => one.zone === zone).length;

const age = ({ createdAt }: Instance) => createdAt.getTime();
const number = ({ instanceId }: Instance) => Number(instanceId) || 0;

const newestFirst = (one: Instance, other: Instance) => age(other) - age(one) || number(other) - number(one);
const highestFirst = (one: Instance, other: Instance) => number(other) - number(one) || age(other) - age(one);
const ORDERS = {
  Default: highestFirst,
  NewestVM: newestFirst,
  OldestVM: (one: Instance, other: Instance) => newestFirst(other, one),
};

/**
 * Zone by zone the fullest first, within it as the policy says; protected ones stay.
 * @returns undefined when there are not so many that may go
 * @source VM scale sets: "Use custom scale-in policies", "Instance protection"
 */
export function scaleInVictims(
  set: ScaleSet,
  present: readonly Instance[],
  count: number,
): readonly Instance[] | undefined {
  const order = ORDERS[set.properties.scaleInPolicy?.rules?.[0] ?? "Default"];
  const left = [...present];
  const victims: Instance[] = [];
  while (victims.length < count) {
    const free = left.filter(({ protection }) => !protection.protectFromScaleIn).sort(order);
    const [victim] = free.sort((one, other) => countBy(left, other.zone) - countBy(left, one.zone));
    if (!victim) return undefined;
    victims.push(victim);
    left.splice(left.indexOf(victim), 1);
  }
  return victims;
}

/** The emptiest of the set's zones; undefined: the set is regional. */
export function nextZone({ zones }: ScaleSet, present: readonly Instance[]): string | undefined {
  return [...zones].sort((one, other) => countBy(present, one) - countBy(present, other))[0];
}
