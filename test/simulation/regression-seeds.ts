/** Seeds that once broke a promise, with what had been wrong; they are run for ever. */
export const REGRESSIONS: readonly (readonly [seed: number, sentence: string])[] = [
  [80, "a hook whose notice was lost was never found, because the record knew another hook of the instance"],
  [730, "a notice that met a status write was given back for a minute, longer than a short hold lasts"],
  [2016, "a hold that came after the release was released although the record was paused"],
  [2102, "cancelling a drain that had nothing to release left the Node cordoned"],
  [2122, "an orphaned DaemonSet pod was overlooked beside a pod that tolerates our taint"],
  [2146, "after the last deletions the next look came a pod's whole grace later, when the hold had timed out"],
  [2797, "a second notice cordoned the Node of a paused record"],
];
