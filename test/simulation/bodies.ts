/** What each function does with its event or key, and which keys it then puts on the queue. */
import type { Key } from "../../lib/api/key.ts";
import { drainStep } from "../../lib/reconcile/drain-step.ts";
import { poolsOfGroup } from "../../lib/reconcile/group-hint.ts";
import { promiseLook } from "../../lib/reconcile/look-promises.ts";
import { recordedOf } from "../../lib/reconcile/look-step.ts";
import { recordLeaving } from "../../lib/reconcile/notice-step.ts";
import { sweepPools } from "../../lib/reconcile/pool-sweep.ts";
import type { Outcome, PoolWorld } from "../../lib/reconcile/step.ts";
import { sweep } from "../../lib/reconcile/sweep-step.ts";
import type { Chance } from "./chance.ts";
import type { SimulatedCloud } from "./clouds/simulated-cloud.ts";
import type { Pass } from "./pass.ts";
import { lookAtPool } from "./pools/passes.ts";

type Send = (pass: Pass, keys: readonly Key[], seconds: number) => Promise<void>;

export function createBodies(chance: Chance, { pools, machines }: SimulatedCloud["kinds"], send: Send) {
  const drain = async (world: PoolWorld, pass: Pass, key: Key): Promise<Outcome> => {
    const outcome = await drainStep(world, key);
    if (outcome.others?.length) await send(pass, outcome.others, 0);
    if (outcome.againSeconds !== undefined) await send(pass, [key], outcome.againSeconds);
    return outcome;
  };
  /** Two sandboxes, each with a memory of its own. */
  const sandboxes = [new Map<string, number>(), new Map<string, number>()];
  const poolLook = async (world: PoolWorld, pass: Pass, key: Key): Promise<Outcome> => {
    const outcome = await lookAtPool(world, key, machines);
    if (outcome.others?.length) await send(pass, outcome.others, 0);
    const promised = sandboxes[chance.whole(`${pass.label} sandbox`, 0, 1)] ?? new Map();
    const name = `${key.kind}/${key.namespace}/${key.name}`;
    const { againSeconds } = outcome;
    const seconds = promiseLook(promised, { name, nowSeconds: world.now().getTime() / 1000, againSeconds });
    if (seconds !== undefined) await send(pass, [key], seconds);
    return outcome;
  };
  const record = async (
    world: PoolWorld,
    pass: Pass,
    instance: Parameters<typeof recordLeaving>[1],
  ): Promise<Outcome> => {
    const outcome = await recordLeaving(world, instance);
    const { object, againSeconds } = outcome;
    if (againSeconds === undefined) return outcome;
    if (!object) throw new Error("the notice must come again");
    await send(pass, [object], againSeconds);
    if (outcome.others?.length) await send(pass, outcome.others, 0);
    return outcome;
  };
  const look = async (world: PoolWorld, pass: Pass, ids: readonly string[]): Promise<Outcome> => {
    const keys = await recordedOf(world, ids);
    if (keys.length > 0) await send(pass, keys, 0);
    return { did: keys.length > 0 ? "looked" : "ignored" };
  };
  const hintPools = async (world: PoolWorld, pass: Pass, groupName: string): Promise<Outcome> => {
    const keys = await poolsOfGroup(world, groupName);
    if (keys.length > 0) await send(pass, keys, 0);
    return { did: keys.length > 0 ? "looked" : "ignored" };
  };
  const sweepAll = async (world: PoolWorld, pass: Pass): Promise<Outcome> => {
    const keys: Key[] = [];
    for await (const swept of sweep(world)) {
      if (swept.kind === "look") keys.push(swept.key);
      else if (swept.outcome.againSeconds !== undefined && swept.outcome.object) keys.push(swept.outcome.object);
    }
    for await (const key of sweepPools(world, [pools])) keys.push(key);
    if (keys.length > 0) await send(pass, keys, 0);
    return { did: "swept" };
  };
  return { drain, poolLook, record, look, hintPools, sweepAll };
}
