/** Which instances go when there shall be fewer: those somebody chose, the sick, the outdated, then the newest. */
import { mayBeTakenOut } from "./group-deletion.ts";
import { isActive } from "./group-scale.ts";
import type { GroupInstance, LeavingSeen } from "./group-view.ts";

/** Of a pool that goes: everything that nobody has begun to take out. */
export const leavers = ({
  instances,
  leaving,
  count,
}: Pick<Choice, "instances" | "leaving" | "count">): readonly GroupInstance[] =>
  instances.filter((one) => mayBeTakenOut(one) && leaving.get(one.providerID)?.record !== "open").slice(0, count);

export interface Choice {
  readonly instances: readonly GroupInstance[];
  /** By providerID; those on their way are not chosen again. */
  readonly leaving: ReadonlyMap<string, LeavingSeen>;
  /** providerIDs that an annotation of their Machine or a taint of their Node names. */
  readonly marked: ReadonlySet<string>;
  /** providerIDs of Nodes whose drain a person took back. */
  readonly spared: ReadonlySet<string>;
  readonly count: number;
}

const launchSeconds = ({ launchTime }: GroupInstance): number =>
  launchTime === undefined ? 0 : Date.parse(launchTime);

/**
 * @returns at most `count`, in the order in which they go; a drain that a person took back is begun again only when
 *          nobody else is left
 * @source  cluster-api docs/proposals/20220209-machinepool-machines.md: the annotation outranks every other order
 */
export function victims({ instances, leaving, marked, spared, count }: Choice): readonly GroupInstance[] {
  const rank = (one: GroupInstance): readonly number[] => [
    Number(spared.has(one.providerID) || leaving.get(one.providerID)?.record === "cancelled"),
    Number(!marked.has(one.providerID)),
    Number(one.healthy),
    Number(one.upToDate),
    -launchSeconds(one),
  ];
  return instances
    .filter((one) => isActive(one) && leaving.get(one.providerID)?.record !== "open")
    .map((one) => ({ one, ranks: rank(one) }))
    .sort((a, b) => compare(a.ranks, b.ranks) || (a.one.providerID < b.one.providerID ? -1 : 1))
    .slice(0, count)
    .map(({ one }) => one);
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const difference = value - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
