/** The chance of one story under chaos: each question is answered from the seed and its own name. */
import { createHash } from "node:crypto";

export interface Dice {
  /** 0 <= x < 1; the same for the same seed and name. */
  readonly roll: (name: string) => number;
  /** A whole number, both ends included. */
  readonly whole: (name: string, least: number, most: number) => number;
}

export function dice(seed: string): Dice {
  const roll = (name: string) => createHash("sha256").update(`${seed}\n${name}`).digest().readUInt32BE() / 2 ** 32;
  return { roll, whole: (name, least, most) => least + Math.floor(roll(name) * (most - least + 1)) };
}
