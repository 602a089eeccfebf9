/** Drains over the wire, as tests begin and follow them. */
import type { TestContext } from "node:test";
import { pods } from "../../../lib/api/kubernetes/pod.ts";
import { recordLeaving } from "../../../lib/reconcile/notice-step.ts";
import type { Outcome } from "../../../lib/reconcile/step.ts";
import { aPod, type PodWishes } from "../../support/builders.ts";
import { type Rig, type RigOptions, startRig } from "./rig.ts";

/** A rig with pods, its instance held by the hook, recorded and cordoned. */
export async function draining(t: TestContext, wishes: readonly PodWishes[], options: RigOptions = {}): Promise<Rig> {
  const rig = await startRig(t, options);
  for (const wish of wishes) await rig.create("workload", pods, aPod(wish));
  await recordLeaving(rig.world, rig.cloud.beginTermination("i-1"));
  return rig;
}

/** How late a sweep finds what nobody came for: 30 s of patience, and its own period. */
const SWEEP_SECONDS = 90;

/** Seconds until the queue brings the key back, or the sweep finds the promised look overdue; undefined: it is over. */
export async function secondsToNext(rig: Rig, { againSeconds }: Outcome): Promise<number | undefined> {
  if (againSeconds !== undefined) return againSeconds;
  const { nextLookTime, finishTime } = (await rig.termination())?.status ?? {};
  if (nextLookTime === undefined || finishTime !== undefined) return undefined;
  return Math.ceil((Date.parse(nextLookTime) - rig.clock.now().getTime()) / 1000) + SWEEP_SECONDS;
}

/** Passes until nobody is to come back; what each did. */
export async function toTheEnd(rig: Rig, first = 0): Promise<readonly string[]> {
  const told: string[] = [];
  for (let again: number | undefined = first; again !== undefined; ) {
    await rig.pass(again);
    const outcome = await rig.drain();
    told.push(`${outcome.did} ${outcome.because}`);
    again = await secondsToNext(rig, outcome);
    if (told.length > 90) throw new Error(`no end: ${told.slice(-5).join(", ")}`);
  }
  return told;
}

/** Status, reason and message. */
export const condition = async (rig: Rig, type: string) => {
  const found = (await rig.termination())?.status?.conditions?.find((one) => one.type === type);
  return found && [found.status, found.reason, found.message];
};
export const everything = [{ operator: "Exists" }];
