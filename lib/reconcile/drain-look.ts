/** A key of the queue of drains: one pass, and the key back on the queue when somebody has to look again. */
import type { Key, KeyQueue } from "../api/key.ts";
import { instanceTerminations } from "../api/lifecycle/instance-termination.ts";
import { NODE_NOTICE } from "../api/node-notice.ts";
import { EVERY_NAME } from "../api/pool-hint.ts";
import { drainStep } from "./drain-step.ts";
import { type AskedLooks, askOnce, lookCame, lookName, secondsNow } from "./look-promises.ts";
import { lookEverywhere } from "./look-step.ts";
import { nodeNoticeStep } from "./node-notice-step.ts";
import type { Outcome, World } from "./step.ts";

export interface DrainSite {
  readonly world: World;
  readonly queue: KeyQueue;
  /** Looks that this sandbox has asked the queue for. */
  readonly asked: AskedLooks;
}

/** @throws what the steps and the queue throw */
export async function drainLook(site: DrainSite, key: Key): Promise<Outcome> {
  if (key.kind === NODE_NOTICE) return noticeLook(site, key);
  if (key.kind !== instanceTerminations.kind) return { did: "ignored", because: "UnknownKind", object: key };
  lookCame(site.asked, lookName(key), secondsNow(site.world));
  const outcome = await (key.name === EVERY_NAME ? lookEverywhere(site.world, key) : drainStep(site.world, key));
  await site.queue.sendAll(outcome.others ?? []);
  await comeAgain(site, key, outcome);
  return outcome;
}

function comeAgain(site: DrainSite, key: Key, { againSeconds }: Outcome): Promise<void> {
  const look = { name: lookName(key), nowSeconds: secondsNow(site.world), againSeconds };
  return askOnce(site.asked, look, () => site.queue.again(key, againSeconds ?? 0));
}

/** What was recorded gets its first pass at once: an agent may speak seconds before the end. */
async function noticeLook(site: DrainSite, key: Key): Promise<Outcome> {
  const outcome = await nodeNoticeStep(site.world, key);
  await site.queue.sendAll(outcome.others ?? []);
  const { object, againSeconds } = outcome;
  if (againSeconds === undefined || !object) {
    if (againSeconds !== undefined) await site.queue.again(key, againSeconds);
    return outcome;
  }
  const { counted, ...pass } = await drainLook(site, object);
  return { ...pass, counted: { ...outcome.counted, ...counted } };
}
