/** What stands around the cloud of a scene: its clock, a timeline that is silent until the scene opens, and chaos where it is asked for. */
import { type Chaos, type ChaosSettings, createChaos } from "../chaos/chaos.ts";
import { HANG_MILLISECONDS, type StoryClock, virtualClock } from "../clock.ts";
import type { LocalCloudOptions } from "../local-cloud.ts";
import { createTimeline, type Line, type Timeline } from "../timeline.ts";

const START = new Date("2026-11-20T08:00:00Z");

export interface SurroundingsOptions {
  /** Hears of everything from the scene's opening on. */
  readonly show?: ((line: Line) => void) | undefined;
  /** Faults on the wires of the functions, and crashes. */
  readonly chaos?: ChaosSettings | undefined;
  /** Default: a virtual one, on which time passes while something hangs if there is chaos. */
  readonly clock?: StoryClock | undefined;
}

export interface Surroundings {
  readonly clock: StoryClock;
  readonly timeline: Timeline;
  readonly chaos: Chaos | undefined;
  /** For every local cloud of the scene. */
  readonly ofCloud: Pick<LocalCloudOptions, "clock" | "onProblem" | "chaos">;
  /** The scene opens: from now on it is shown. */
  readonly open: () => void;
}

export function surround({ show, chaos: wild, clock: given }: SurroundingsOptions): Surroundings {
  const clock = given ?? virtualClock(START, 2, wild && HANG_MILLISECONDS);
  let isOpen = false;
  const timeline = createTimeline(clock, (line) => {
    if (isOpen) show?.(line);
  });
  const onProblem = (message: string) => timeline.say("story", "simulation", message);
  const chaos = wild && createChaos({ ...wild, tell: (what, at) => timeline.say("chaos", what, at) });
  return {
    clock,
    timeline,
    chaos,
    ofCloud: { clock, onProblem, ...(chaos && { chaos }) },
    open: () => {
      isOpen = true;
    },
  };
}
