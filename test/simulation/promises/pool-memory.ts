/** What the predicates about a pool of ours remember: wishes, how many instances counted, who was taken out, and when there was news. */
import { REPLICAS_MANAGED_BY_ANNOTATION } from "../../../lib/api/core/labels.ts";
import { type MachinePool, machinePools } from "../../../lib/api/core/machine-pool.ts";
import type { InfrastructurePool } from "../../../lib/providers/provider.ts";
import { NAMESPACE, POOL, type Scene } from "../scene.ts";
import type { Change } from "../servers.ts";

interface Moment {
  readonly at: number;
  readonly value: number;
}

/** A number that changes, and its values in a span of time, the one at its beginning included. */
export function createHistory(now: () => number) {
  const moments: Moment[] = [];
  return {
    note: (value: number): void => {
      if (moments.at(-1)?.value !== value) moments.push({ at: now(), value });
    },
    since: (from: number): readonly number[] => {
      const first = moments.findLastIndex(({ at }) => at < from);
      return moments.slice(Math.max(0, first)).map(({ value }) => value);
    },
  };
}

export interface PoolMemory {
  readonly wishes: ReturnType<typeof createHistory>;
  readonly counting: ReturnType<typeof createHistory>;
  /** Instance ids that counted after the last step. */
  readonly active: () => ReadonlySet<string>;
  /** When those were launched that were in the group at that moment or later, milliseconds both. */
  readonly launchesSince: (from: number) => readonly number[];
  readonly hear: (change: Change) => void;
  readonly look: () => void;
  /** Writes of ours since anything happened that we did not do. */
  readonly written: (what: "cloud" | "refused" | "cluster") => number;
  readonly news: () => void;
  /** The pass that let the MachinePool go could not reach what it wanted to: its Nodes hold it no longer than their timeout. */
  readonly endedInTrouble: () => boolean;
}

export const poolMembers = ({ cloud }: Pick<Scene, "cloud">) => cloud.machines().filter(({ group }) => group === POOL);

/** What the desired capacity counts. */
export const activeMembers = (scene: Pick<Scene, "cloud">) => poolMembers(scene).filter(({ isCounted }) => isCounted);

export const ownPool = ({ management }: Scene) => management.find<MachinePool>(machinePools, POOL, NAMESPACE);
export const ownInfrastructure = ({ management, cloud }: Scene) =>
  management.find<InfrastructurePool & { readonly spec: { readonly minSize?: number; readonly maxSize?: number } }>(
    cloud.kinds.pools,
    POOL,
    NAMESPACE,
  );

export function isManagedElsewhere(pool: MachinePool | undefined): boolean {
  return (pool?.metadata.annotations?.[REPLICAS_MANAGED_BY_ANNOTATION] ?? "false") !== "false";
}

/** How many instances there shall be; undefined: that is not ours to say. */
export function targetOf(scene: Scene): number | undefined {
  const [pool, infrastructure] = [ownPool(scene), ownInfrastructure(scene)];
  if (!pool || !infrastructure || isManagedElsewhere(pool)) return undefined;
  // Azure has no bounds.
  if (scene.cloud.name === "azure") return pool.spec.replicas ?? 1;
  const { minSize = 1, maxSize = 1 } = infrastructure.spec;
  return Math.min(maxSize, Math.max(minSize, pool.spec.replicas ?? 1));
}

export function createPoolMemory(scene: Scene): PoolMemory {
  const { time, cloud } = scene;
  const poolKinds = [machinePools.plural, cloud.kinds.pools.plural];
  const wishes = createHistory(() => time.now());
  const counting = createHistory(() => time.now());
  const writes = { cloud: 0, refused: 0, cluster: 0 };
  let active: ReadonlySet<string> = new Set();
  const lastThere = new Map<string, { readonly at: number; readonly launchedAt: number }>();
  let endedInTrouble = false;
  const news = () => {
    writes.cloud = 0;
    writes.refused = 0;
    writes.cluster = 0;
  };
  cloud.onEvent(news);
  return {
    wishes,
    counting,
    active: () => active,
    launchesSince: (from) => [...lastThere.values()].filter(({ at }) => at >= from).map(({ launchedAt }) => launchedAt),
    hear: ({ by, plural, after }) => {
      if (typeof by === "string") news();
      if (!poolKinds.includes(plural)) return;
      if (plural === machinePools.plural && !after) endedInTrouble = typeof by !== "string" && by.hurt;
      const target = targetOf(scene);
      if (target !== undefined) wishes.note(target);
    },
    look: () => {
      const members = activeMembers(scene);
      active = new Set(members.map(({ id }) => id));
      counting.note(members.length);
      for (const { id, launchTime } of poolMembers(scene))
        lastThere.set(id, { at: time.now(), launchedAt: launchTime.getTime() });
    },
    written: (what) => ++writes[what],
    news,
    endedInTrouble: () => endedInTrouble,
  };
}
