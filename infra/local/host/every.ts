/** A schedule: something again and again, for ever. */
import type { Clock } from "../clock.ts";

/** @returns stops it */
export function every(seconds: number, clock: Clock, run: () => void): () => void {
  let stop = () => {};
  const plan = () => {
    stop = clock.after(seconds, () => {
      run();
      plan();
    });
  };
  plan();
  return () => stop();
}
