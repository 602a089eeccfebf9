/** A key of the queue of pools: a pool's own is a pass, any other a hint that leads to pools. */
import { machinePools } from "../api/core/machine-pool.ts";
import type { Key, KeyQueue } from "../api/key.ts";
import type { Resource } from "../api/kubernetes/meta.ts";
import { EVERY_NAME } from "../api/pool-hint.ts";
import { nodeStep } from "./node-step.ts";
import { poolStep } from "./pool-step.ts";
import { relateStep } from "./relate-step.ts";
import type { Outcome, PoolWorld } from "./step.ts";

/** Queues and clocks are late or early by so much. */
const TOLERANCE_SECONDS = 2;

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
  const { promised } = site;
  const name = `${key.kind}/${key.namespace}/${key.name}`;
  // This very message may be the one that was promised; what is promised while it is looked at is another.
  if ((promised.get(name) ?? 0) <= secondsNow(site) + TOLERANCE_SECONDS) promised.delete(name);
  const outcome = await pass(site, key);
  await site.queue.sendAll(outcome.others ?? []);
  if (outcome.againSeconds !== undefined) await promiseLook(site, { key, name, afterSeconds: outcome.againSeconds });
  return outcome;
}

const secondsNow = ({ world }: PoolSite): number => world.now().getTime() / 1000;

function pass({ world, labelled }: PoolSite, key: Key): Promise<Outcome> {
  const isOne = key.name !== EVERY_NAME;
  if (isOne && key.kind === machinePools.kind) return nodeStep(world, key);
  if (isOne && world.poolProviders.some(({ kind }) => kind.resource.kind === key.kind)) return poolStep(world, key);
  return relateStep(world, key, labelled);
}

interface Wanted {
  readonly key: Key;
  readonly name: string;
  readonly afterSeconds: number;
}

/**
 * Chains of looks at one pool become one: a look that this sandbox has promised for no later than the one wanted is enough,
 * also one that a pass beside this one has just promised. What it forgets costs a look too many, what gets lost is found by
 * the sweep.
 */
async function promiseLook(site: PoolSite, { key, name, afterSeconds }: Wanted): Promise<void> {
  const { queue, promised } = site;
  const wanted = secondsNow(site) + afterSeconds;
  const before = promised.get(name);
  if (before !== undefined && before <= wanted + TOLERANCE_SECONDS) return;
  promised.set(name, wanted);
  await queue.again(key, afterSeconds);
}
