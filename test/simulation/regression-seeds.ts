/** Seeds that once broke a promise, with what had been wrong; they are run for ever. */
export const REGRESSIONS: readonly (readonly [seed: number, sentence: string])[] = [
  [80, "a hook whose notice was lost was never found, because the record knew another hook of the instance"],
  [730, "a notice that met a status write was given back for a minute, longer than a short hold lasts"],
  [2016, "a hold that came after the release was released although the record was paused"],
  [2102, "cancelling a drain that had nothing to release left the Node cordoned"],
  [2122, "an orphaned DaemonSet pod was overlooked beside a pod that tolerates our taint"],
  [2146, "after the last deletions the next look came a pod's whole grace later, when the hold had timed out"],
  [1002606, "the Node of an instance that vanished during an outage of its cluster was never looked for"],
  [1000965, "pods that lost their DaemonSet after the drain were taken for pods that were never drained"],
  [1001960, "a Node got its person's cordon back while its record was paused and deleted"],
  [5000260, "a drain's time runs from the pass that cordoned, however long that pass took"],
  [10000093, "a drain that had just begun under a pause was released at its second look"],
  [10000717, "the hook of an instance that was taken out before a pause is answered"],
  [30000553, "a pod was asked to be spared while its eviction was on its way"],
  [10000346, "a change that the cloud refuses is tried again every minute and no oftener"],
  [2797, "a second notice cordoned the Node of a paused record"],
];
