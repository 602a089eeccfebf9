/** Plays one story through a little of every kind of fault: all of them strike, and every promise is kept. */
import { deepStrictEqual } from "node:assert/strict";
import type { TestContext } from "node:test";
import { type ChaosSettings, FAULTS } from "../../infra/local/chaos/chaos.ts";
import type { Line } from "../../infra/local/timeline.ts";
import type { Verdict } from "../../infra/local/verdict.ts";

/** Each dead connection costs seconds of real time: one of each kind, and those soon. */
const SHORT: Omit<ChaosSettings, "seed"> = {
  rates: { halfOpen: 0.4, reset: 0.3, blackhole: 0.3, bytes: 4_000, crash: 0.2 },
  most: { latency: 10, reset: 5, "half-open": 1, blackhole: 1, crash: 2 },
};

interface Playing {
  readonly speed: number;
  readonly chaos: ChaosSettings;
  readonly show: (line: Line) => void;
}

export async function throughShortChaos(
  context: TestContext,
  seed: string,
  play: (playing: Playing) => Promise<Verdict>,
): Promise<void> {
  const lines: Line[] = [];
  const chaos = { seed, ...SHORT };
  const { promises, kept } = await play({ speed: 0, chaos, show: (line) => lines.push(line) });
  // The timeline says what happened in which order.
  if (!kept)
    for (const { at, who, name, what } of lines) context.diagnostic(`${at.toISOString()} ${who} ${name} ${what}`);
  deepStrictEqual(
    promises.filter((promise) => !promise.kept),
    [],
  );
  const struck = new Set(lines.filter(({ who }) => who === "chaos").map(({ name }) => name));
  deepStrictEqual([...struck].sort(), [...FAULTS].sort());
}
