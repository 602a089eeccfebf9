/** What is promised on Azure: all of it where an instance's end waits for us, less where Azure gives no or little notice. */
import type { Promised } from "../../verdict.ts";
import { ALWAYS, allGone, listed, noErrors, nothingForbidden, type Rule, settled } from "../full/promises.ts";
import type { FullSeen } from "../full/seen.ts";
import { nothingFailed } from "../story.ts";

/** Where no terminate notification is on nothing holds an instance; drained it is all the same, since we delete it ourselves. */
export const judgeUnheld =
  (...rules: readonly Rule[]) =>
  (seen: FullSeen): readonly Promised[] =>
    [...ALWAYS.filter((rule) => rule !== heldOnce), ...rules].map((rule) => rule(seen));

/** The one of ALWAYS that is about holds. */
const heldOnce = ALWAYS.find((rule) => rule.name === "holdsContinued");

/** What holds even of an instance that Azure took away without asking. */
export const judgeTaken =
  (...rules: readonly Rule[]) =>
  (seen: FullSeen): readonly Promised[] =>
    [allGone, settled, nothingFailed, nothingForbidden, noErrors, ...rules].map((rule) => rule(seen));

export const nobodyElse: Rule = ({ ended, killedPods }) => ({
  promise: "only pods of the instance that was taken lost their process",
  seen: listed(killedPods),
  kept: killedPods.every((pod) => ended.length === 1 && pod.includes(" on ")) && ended.length === 1,
});
