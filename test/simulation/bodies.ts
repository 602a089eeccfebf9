/** What each function does with its event or key, and which keys it then puts on the queue. */
import type { Key, KeyQueue } from "../../lib/api/key.ts";
import type { Trigger } from "../../lib/api/trigger.ts";
import { drainLook } from "../../lib/reconcile/drain-look.ts";
import { poolLook } from "../../lib/reconcile/pool-look.ts";
import { sweepPools } from "../../lib/reconcile/pool-sweep.ts";
import type { Reporter } from "../../lib/reconcile/report.ts";
import type { Outcome, PoolWorld } from "../../lib/reconcile/step.ts";
import { sweep } from "../../lib/reconcile/sweep-step.ts";
import { takeNotice } from "../../lib/reconcile/take-notice.ts";
import type { Chance } from "./chance.ts";
import type { SimulatedCloud } from "./clouds/simulated-cloud.ts";
import type { Pass } from "./pass.ts";

type Send = (pass: Pass, keys: readonly Key[], seconds: number) => Promise<void>;

/** Nobody reads the log of a run. */
const reporter: Reporter = { begin: () => {}, done: () => {}, failed: () => {}, warn: () => {} };

export function createBodies(chance: Chance, { pools, machines }: SimulatedCloud["kinds"], send: Send) {
  /** Two, each with a memory of its own. */
  const sandbox = () => ({ asked: new Map(), promised: new Map<string, number>() });
  const sandboxes = [sandbox(), sandbox()] as const;
  const siteOf = (world: PoolWorld, pass: Pass) => {
    const queue: KeyQueue = {
      again: (key, seconds) => send(pass, [key], seconds),
      sendAll: async (keys) => {
        if (keys.length > 0) await send(pass, keys, 0);
      },
    };
    return { world, queue, ...chance.pick(`${pass.label} sandbox`, sandboxes) };
  };
  const drain = (world: PoolWorld, pass: Pass, key: Key): Promise<Outcome> => drainLook(siteOf(world, pass), key);
  const look = (world: PoolWorld, pass: Pass, key: Key): Promise<Outcome> =>
    poolLook({ ...siteOf(world, pass), labelled: [machines] }, key);
  const notice = async (world: PoolWorld, pass: Pass, trigger: Trigger): Promise<Outcome> => {
    const [outcome] = await takeNotice({ ...siteOf(world, pass), reporter }, trigger);
    if (!outcome) throw new Error("a notice of nobody");
    return outcome;
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
  return { drain, look, notice, sweepAll };
}
