/** Lifecycle hooks through the SDK: how long they hold an instance, and what lets it go. */
import { strictEqual } from "node:assert/strict";
import test from "node:test";
import {
  type InstanceLifecyclePolicy,
  type LifecycleHookSpecification,
  SetDesiredCapacityCommand,
} from "@aws-sdk/client-auto-scaling";
import { type Act, act } from "./hook-acts.ts";
import { jumpClock } from "./jump-clock.ts";
import { DRAIN, GROUP, inState, lifecycleStates, only, type Rig, startGroup, startRig } from "./rig.ts";

const START = new Date("2026-11-20T08:00:00Z");

interface Story {
  readonly name: string;
  readonly hooks: readonly LifecycleHookSpecification[];
  readonly acts: readonly Act[];
  readonly policy?: InstanceLifecyclePolicy;
  /** The instance stands in Terminating:Wait until so many seconds after the scale-in. */
  readonly heldSeconds: number;
  readonly becomes: "Terminating:Proceed" | "Terminating:Retained";
}

const abandons: LifecycleHookSpecification = { ...DRAIN, DefaultResult: "ABANDON" };
const second: LifecycleHookSpecification = { ...DRAIN, LifecycleHookName: "backup", HeartbeatTimeout: 100 };
const retain: InstanceLifecyclePolicy = { RetentionTriggers: { TerminateHookAbandon: "retain" } };
const beats = (every: number, until: number): Act[] =>
  Array.from({ length: Math.floor(until / every) }, (_, index) => ({ at: (index + 1) * every, does: "heartbeat" }));

const quiet = { hooks: [DRAIN], acts: [], becomes: "Terminating:Proceed" } as const;
const stories: readonly Story[] = [
  { ...quiet, name: "a hook that nobody answers holds for its heartbeat timeout", heldSeconds: 60 },
  { ...quiet, name: "a heartbeat starts the timeout anew", acts: [{ at: 50, does: "heartbeat" }], heldSeconds: 110 },
  { ...quiet, name: "a heartbeat by token too", acts: [{ at: 50, does: "heartbeat by token" }], heldSeconds: 110 },
  { ...quiet, name: "CONTINUE lets go at once", acts: [{ at: 10, does: "CONTINUE" }], heldSeconds: 10 },
  { ...quiet, name: "CONTINUE by token too", acts: [{ at: 10, does: "CONTINUE by token" }], heldSeconds: 10 },
  { ...quiet, name: "ABANDON lets go at once", acts: [{ at: 10, does: "ABANDON" }], heldSeconds: 10 },
  { ...quiet, name: "a deleted hook lets go", acts: [{ at: 10, does: "delete hook" }], heldSeconds: 10 },
  {
    ...quiet,
    name: "two hooks run side by side, the longer one ends the wait",
    hooks: [DRAIN, second],
    acts: [{ at: 10, does: "CONTINUE" }],
    heldSeconds: 100,
  },
  {
    ...quiet,
    name: "two hooks that both continue end the wait with the later answer",
    hooks: [DRAIN, second],
    acts: [
      { at: 10, does: "CONTINUE" },
      { at: 20, does: "CONTINUE", hook: "backup" },
    ],
    heldSeconds: 20,
  },
  {
    ...quiet,
    name: "one abandoned hook ends the wait of the other",
    hooks: [DRAIN, second],
    acts: [{ at: 10, does: "ABANDON" }],
    heldSeconds: 10,
  },
  {
    ...quiet,
    name: "a hook that times out with ABANDON ends the wait of the other",
    hooks: [abandons, second],
    heldSeconds: 60,
  },
  {
    ...quiet,
    name: "no heartbeat leads beyond a hundred timeouts",
    acts: beats(50, 5_950),
    heldSeconds: 6_000,
  },
  {
    ...quiet,
    name: "a retaining group lets a continued instance go",
    policy: retain,
    acts: [{ at: 10, does: "CONTINUE" }],
    heldSeconds: 10,
  },
  {
    ...quiet,
    name: "a retaining group keeps an abandoned instance",
    policy: retain,
    acts: [{ at: 10, does: "ABANDON" }],
    heldSeconds: 10,
    becomes: "Terminating:Retained",
  },
  {
    ...quiet,
    name: "a retaining group keeps an instance whose hook timed out with ABANDON",
    policy: retain,
    hooks: [abandons],
    heldSeconds: 60,
    becomes: "Terminating:Retained",
  },
  {
    ...quiet,
    name: "a retaining group keeps an instance at the global timeout, whatever the default",
    policy: retain,
    acts: beats(50, 5_950),
    heldSeconds: 6_000,
    becomes: "Terminating:Retained",
  },
];

/** Plays the acts, and looks one second before and right at the expected end of the wait. */
async function play(rig: Rig, { acts, heldSeconds, becomes }: Story): Promise<void> {
  await rig.autoscaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: GROUP, DesiredCapacity: 1 }));
  const id = only(await inState(rig, "Terminating:Wait"));
  let passed = 0;
  const passUntil = async (second: number) => {
    await rig.pass(second - passed);
    passed = second;
  };
  for (const one of acts.filter(({ at }) => at < heldSeconds)) {
    await passUntil(one.at);
    await act(rig, id, one);
  }
  await passUntil(heldSeconds - 1);
  strictEqual((await lifecycleStates(rig))[id], "Terminating:Wait");
  await passUntil(heldSeconds);
  for (const one of acts.filter(({ at }) => at === heldSeconds)) await act(rig, id, one);
  strictEqual((await lifecycleStates(rig))[id], becomes);
  await rig.pass(2);
  const gone = becomes === "Terminating:Proceed";
  strictEqual((await lifecycleStates(rig))[id], gone ? undefined : becomes);
  strictEqual(rig.cloud.instances().find((one) => one.id === id)?.state, gone ? "terminated" : "running");
}

for (const story of stories) {
  test(story.name, async (context) => {
    const rig = await startRig(context, jumpClock(START));
    await startGroup(rig, {
      LifecycleHookSpecificationList: [...story.hooks],
      ...(story.policy ? { InstanceLifecyclePolicy: story.policy } : {}),
    });
    await play(rig, story);
  });
}
