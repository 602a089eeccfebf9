/** How long things take on a stage: as in life where the clock is virtual, quick where people wait for the real one. */

export interface Pace {
  /** From an instance's launch to its running. */
  readonly bootSeconds: number;
  /** From there to its Node, and from that to Ready. */
  readonly nodeSeconds: number;
  /** Before a replacement counts as healthy in an instance refresh: enough to become a Node and to take pods. */
  readonly warmupSeconds: number;
  /** What is on its way when the last act is over comes to its end: so long at most ... */
  readonly calmingSeconds: number;
  /** ... and until nothing was written for so long. */
  readonly quietSeconds: number;
  /** So long nothing may be written at rest. */
  readonly settledSeconds: number;
}

/** Every settled pool's turn in the sweep comes once in ten minutes. */
const IN_LIFE: Pace = {
  bootSeconds: 20,
  nodeSeconds: 5,
  warmupSeconds: 60,
  calmingSeconds: 120,
  quietSeconds: 120,
  settledSeconds: 660,
};
/** A sweep comes once a minute; the settled pool's turn is brought by a person who touches it. */
export const QUICK: Pace = {
  bootSeconds: 0.2,
  nodeSeconds: 0.2,
  warmupSeconds: 10,
  calmingSeconds: 60,
  quietSeconds: 8,
  settledSeconds: 65,
};

/** @param real whether the clock is */
export const paceOf = (real: boolean): Pace => (real ? QUICK : IN_LIFE);
