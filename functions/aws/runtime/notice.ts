/** What every notice of AWS comes to: each leaving instance recorded and cordoned at once, then its key on the queue. */
import type { LeavingInstance, Trigger } from "../../../lib/api/trigger.ts";
import type { Ec2Api } from "../../../lib/providers/aws/ec2-api.ts";
import type { Reader } from "../../../lib/providers/aws/events/parser.ts";
import type { KeyQueue } from "../../../lib/providers/aws/requeue.ts";
import { poolsOfGroup } from "../../../lib/reconcile/group-hint.ts";
import { recordedOf } from "../../../lib/reconcile/look-step.ts";
import { recordLeaving } from "../../../lib/reconcile/notice-step.ts";
import type { Outcome, World } from "../../../lib/reconcile/step.ts";
import { entry, type Invocation } from "../entry.ts";
import type { About, Reporter } from "./reporter.ts";
import { openWorker, type Worker } from "./worker.ts";

/** For an event that nobody here knows, or that is malformed. */
const UNKNOWN_EVENT = "Unknown";

/**
 * EventBridge's functions: a failure is thrown, and Lambda delivers the event again; what is malformed, foreign or of no
 * interest is counted and done with.
 * @param readerOf  parsers, given what only this invocation's EC2 can tell
 */
export const noticeEntry = (readerOf: (ec2: Ec2Api) => Reader) =>
  entry(openWorker, async (worker, event, invocation): Promise<{ readonly outcomes: number }> => {
    const { ec2 } = worker.during(invocation.signal);
    const outcomes = await handleNotice(worker, { event, read: readerOf(ec2) }, invocation);
    return { outcomes: outcomes.length };
  });

export interface Notice {
  readonly event: unknown;
  readonly read: Reader;
}

/** Every instance is tried before the first failure is thrown: a retry finds the others recorded. */
export async function handleNotice(
  worker: Worker,
  { event, read }: Notice,
  { signal, reporter }: Invocation,
): Promise<readonly Outcome[]> {
  const trigger = await read(event, worker.reading());
  const steps = stepsOf(trigger, worker.during(signal));
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

function stepsOf(trigger: Trigger | undefined, { world, queue }: { world: World; queue: KeyQueue }): readonly Step[] {
  if (!trigger) return [just({ did: "ignored", because: "Malformed" }, UNKNOWN_EVENT)];
  if (trigger.kind === "nothing") return [just({ did: "ignored", because: trigger.because }, trigger.event)];
  if (trigger.kind === "look") {
    const { event, instanceIds } = trigger;
    return [{ about: { event, instanceId: instanceIds.join(" ") }, run: () => look(world, queue, instanceIds) }];
  }
  if (trigger.kind === "group") {
    const { event, groupName } = trigger;
    return [{ about: { event, groupName }, run: () => hintPools(world, queue, groupName) }];
  }
  return trigger.instances.map((instance) => ({
    about: aboutInstance(trigger.event, instance),
    run: () => record(world, queue, instance),
  }));
}

const just = (outcome: Outcome, event: string): Step => ({ about: { event }, run: async () => outcome });

const aboutInstance = (event: string, { instanceId, groupName, hold }: LeavingInstance): About => ({
  event,
  instanceId,
  groupName,
  hooks: hold?.autoScaling?.hooks.map(({ name }) => name),
});

async function record(world: World, queue: KeyQueue, instance: LeavingInstance): Promise<Outcome> {
  const outcome = await recordLeaving(world, instance);
  const { object, againSeconds, because } = outcome;
  if (againSeconds === undefined) return outcome;
  if (!object)
    throw new Error(`instance ${instance.instanceId}: ${because ?? outcome.did}, the notice must come again`);
  await queue.again(object, againSeconds);
  await queue.sendAll(outcome.others ?? []);
  return outcome;
}

async function look(world: World, queue: KeyQueue, instanceIds: readonly string[]): Promise<Outcome> {
  const keys = await recordedOf(world, instanceIds);
  await queue.sendAll(keys);
  const [object] = keys;
  return object ? { did: "looked", object } : { did: "ignored", because: "NotRecorded" };
}

async function hintPools(world: World, queue: KeyQueue, groupName: string): Promise<Outcome> {
  const keys = await poolsOfGroup(world, groupName);
  await queue.sendAll(keys);
  const [object] = keys;
  return object ? { did: "looked", object } : { did: "ignored", because: "NoPool" };
}
