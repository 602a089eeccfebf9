/** Rollouts of the cloud in memory where it replaces nothing by itself: one more first, then an old one goes. */
import type { GroupView, PoolInstance, RolloutStep, RolloutWish } from "../pool-provider.ts";

const isActive = ({ state }: PoolInstance): boolean => state === "pending" || state === "running";

/** One at a time; the sick first, then the outdated, then the newest. */
export function ledRollout(group: GroupView | undefined, wish: RolloutWish): RolloutStep {
  const { replicas = 0, leaving, externallyManaged } = wish;
  const active = (group?.instances ?? []).filter(isActive);
  const staying = active.filter(({ providerID }) => leaving.get(providerID)?.record !== "open");
  const old = staying.filter(({ upToDate }) => !upToDate);
  const desired = group?.desired ?? 0;
  if (externallyManaged) {
    const isWhole = staying.length === desired && staying.every(({ state }) => state === "running");
    const victims = isWhole ? old.slice(0, 1).map(idOf) : [];
    return { desired, victims, decrement: false, atOnce: 1, because: "Replacing" };
  }
  const wanted = old.length > 0 ? replicas + 1 : replicas;
  const running = staying.filter(({ state }) => state === "running");
  const order = [...running.filter(({ healthy }) => !healthy), ...old, ...running.toReversed()];
  const victims = running.length > replicas ? order.slice(0, running.length - replicas).map(idOf) : [];
  const because = old.length > 0 ? "RollingUpdate" : wanted > desired ? "ScaleOut" : "ScaleIn";
  return { desired: Math.max(desired, wanted), victims, decrement: true, because };
}

const idOf = ({ providerID }: PoolInstance): string => providerID;
