/** To whom something happens: in half of the runs nearly always to the same one, so that troubles meet. */
import type { Scene } from "../scene.ts";

/** How often a run with a focus keeps to it. */
const KEPT = 0.8;

export function choose<T>({ chance, plan }: Scene, name: string, list: readonly T[]): T | undefined {
  if (plan.hasFocus && chance.roll(`${name} focus`) < KEPT) return list[0];
  return list[chance.whole(`${name} which`, 0, Math.max(0, list.length - 1))];
}
