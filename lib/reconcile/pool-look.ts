/** A key of the queue of pools: a pool's own is a pass, any other a hint that leads to pools. */
import { machinePools } from "../api/core/machine-pool.ts";
import type { Key, KeyQueue } from "../api/key.ts";
import type { Resource } from "../api/kubernetes/meta.ts";
import { EVERY_NAME } from "../api/pool-hint.ts";
import { lookName, promiseLook, secondsNow } from "./look-promises.ts";
import { nodeStep } from "./node-step.ts";
import { poolStep } from "./pool-step.ts";
import { relateStep } from "./relate-step.ts";
import type { Outcome, PoolWorld } from "./step.ts";

export interface PoolSite {
  readonly world: PoolWorld;
  readonly queue: KeyQueue;
  /** Looks that this sandbox has promised: object -> seconds since 1970. */
  readonly promised: Map<string, number>;
  /** Kinds of the cloud whose objects carry the labels of their pool, e.g. infrastructure machines. */
  readonly labelled: readonly Resource[];
}

/** @throws what the steps and the queue throw */
export async function poolLook(site: PoolSite, key: Key): Promise<Outcome> {
  const startedSeconds = secondsNow(site.world);
  const outcome = await pass(site, key);
  await tellQueue(site, { key, outcome, startedSeconds });
  return outcome;
}

function pass({ world, labelled }: PoolSite, key: Key): Promise<Outcome> {
  const isOne = key.name !== EVERY_NAME;
  if (isOne && key.kind === machinePools.kind) return nodeStep(world, key);
  if (isOne && world.poolProviders.some(({ kind }) => kind.resource.kind === key.kind)) return poolStep(world, key);
  return relateStep(world, key, labelled);
}

interface Looked {
  readonly key: Key;
  readonly outcome: Outcome;
  readonly startedSeconds: number;
}

async function tellQueue({ world, queue, promised }: PoolSite, looked: Looked): Promise<void> {
  const { key, outcome, startedSeconds } = looked;
  const { others = [], againSeconds } = outcome;
  await queue.sendAll(others);
  const look = { name: lookName(key), startedSeconds, nowSeconds: secondsNow(world), againSeconds };
  const seconds = promiseLook(promised, look);
  if (seconds !== undefined) await queue.again(key, seconds);
}
