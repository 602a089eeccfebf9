/** What every notice of a cloud comes to: each leaving instance recorded and cordoned at once, then its key on the queue. */
import type { Key } from "../api/key.ts";
import type { LeavingInstance, Trigger } from "../api/trigger.ts";
import { TRAIL_SECONDS, URGENT_SECONDS } from "./decide/next-look.ts";
import { type DrainSite, drainLook } from "./drain-look.ts";
import { poolsOfGroup } from "./group-hint.ts";
import { recordedOf, releasedAlready } from "./look-step.ts";
import { recordLeaving } from "./notice-step.ts";
import type { About, Reporter } from "./report.ts";
import type { Outcome, World } from "./step.ts";

/** For an event that nobody here knows, or that is malformed. */
const UNKNOWN_EVENT = "Unknown";
/** A notice this short cannot wait for a queue: its first pass is made on the spot. */
const NO_TIME_SECONDS = 60;

export interface Site extends DrainSite {
  readonly reporter: Reporter;
  /** This function may drain: where a queue would take too long, it makes the first pass itself. */
  readonly mayDrain?: boolean;
}

/**
 * What is malformed, foreign or of no interest is counted and done with. Every instance is tried before the first failure
 * is thrown: a retry finds the others recorded.
 * @param trigger undefined: no parser knew the event
 */
export async function takeNotice(site: Site, trigger: Trigger | undefined): Promise<readonly Outcome[]> {
  const { reporter } = site;
  const steps = stepsOf(trigger, site);
  if (trigger?.kind === "leaving")
    for (const odd of trigger.warnings ?? []) reporter.warn(odd, { event: trigger.event });
  const settled = await Promise.allSettled(steps.map((step) => reportOn(step, reporter)));
  return settled.map((one) => {
    if (one.status === "rejected") throw one.reason;
    return one.value;
  });
}

async function reportOn(step: Step, reporter: Reporter): Promise<Outcome> {
  try {
    const outcome = await step.run();
    reporter.done(outcome, step.about);
    return outcome;
  } catch (error) {
    reporter.failed(error, step.about, "delivered again");
    throw error;
  }
}

interface Step {
  readonly about: About;
  run(): Promise<Outcome>;
}

function stepsOf(trigger: Trigger | undefined, site: Site): readonly Step[] {
  if (!trigger) return [just({ did: "ignored", because: "Malformed" }, UNKNOWN_EVENT)];
  const { event } = trigger;
  if (trigger.kind === "nothing") return [just({ did: "ignored", because: trigger.because }, event)];
  if (trigger.kind === "look") {
    const { instanceIds, groupName } = trigger;
    const looks = { about: { event, instanceId: instanceIds.join(" ") }, run: () => look(site, instanceIds) };
    return [looks, ...(groupName === undefined ? [] : [groupStep(site, event, groupName)])];
  }
  if (trigger.kind === "group") return [groupStep(site, event, trigger.groupName)];
  return trigger.instances.map((instance) => ({
    about: aboutInstance(site.world, event, instance),
    run: () => record(site, instance),
  }));
}

const just = (outcome: Outcome, event: string): Step => ({ about: { event }, run: async () => outcome });

const groupStep = (site: Site, event: string, groupName: string): Step => ({
  about: { event, groupName },
  run: () => hintPools(site, groupName),
});

const aboutInstance = (
  { provider }: World,
  event: string,
  { instanceId, groupName, hold }: LeavingInstance,
): About => ({
  event,
  instanceId,
  groupName,
  holds: hold && provider.terms(hold).names,
});

async function record(site: Site, instance: LeavingInstance): Promise<Outcome> {
  const { world, queue } = site;
  const released = await releasedAlready(world, instance);
  if (released) return { did: "kept", because: "AlreadyReleased", object: released };
  const outcome = await recordLeaving(world, instance);
  const { object, againSeconds, because } = outcome;
  if (againSeconds === undefined) return outcome;
  if (!object)
    throw new Error(`instance ${instance.instanceId}: ${because ?? outcome.did}, the notice must come again`);
  // Of what was recorded before, a pass may be on its way already.
  const isNew = outcome.did === "recorded";
  if (!(isNew && site.mayDrain && endsWithin(world, instance, NO_TIME_SECONDS) && (await firstPass(site, object))))
    await queue.again(object, againSeconds);
  // A second chain of looks: where minutes are left, a pass that dies with its message is missed by nobody in time.
  if (isNew && endsWithin(world, instance, URGENT_SECONDS)) await queue.again(object, againSeconds + TRAIL_SECONDS);
  await queue.sendAll(outcome.others ?? []);
  return outcome;
}

/** @returns false when it came to nothing, and the queue's worker should try at once */
async function firstPass(site: Site, key: Key): Promise<boolean> {
  const outcome = await drainLook(site, key);
  site.reporter.done(outcome, { event: "Look", key });
  return outcome.did !== "failed";
}

const endsWithin = ({ now }: World, { deadlineTime }: LeavingInstance, seconds: number): boolean =>
  deadlineTime !== undefined && Date.parse(deadlineTime) - now().getTime() < seconds * 1000;

async function look({ world, queue }: Site, instanceIds: readonly string[]): Promise<Outcome> {
  const keys = await recordedOf(world, instanceIds);
  await queue.sendAll(keys);
  const [object] = keys;
  return object ? { did: "looked", object } : { did: "ignored", because: "NotRecorded" };
}

async function hintPools({ world, queue }: Site, groupName: string): Promise<Outcome> {
  const keys = await poolsOfGroup(world, groupName);
  await queue.sendAll(keys);
  const [object] = keys;
  return object ? { did: "looked", object } : { did: "ignored", because: "NoPool" };
}
