/** How long a refused pod is left alone: what the server asked for, never less than 5 s, and less when time is short. */
import type { PodAnswer } from "./action.ts";
import { deadlineOf, deletesWhenShort } from "./deadline.ts";
import type { DrainView } from "./drain-view.ts";

const SHORTEST_SPACING_SECONDS = 5;
const SHORT_DEADLINE_SECONDS = 300;
const CAP_SECONDS = { short: 10, long: 60 } as const;
/** Somebody must change something first: asking often only makes noise. */
const NEEDS_A_PERSON: readonly string[] = ["Forbidden", "MultiplePodDisruptionBudgets"];

/** @param secondsLeft until the deadline; undefined: none */
export function spacingSeconds(answer: PodAnswer, secondsLeft: number | undefined): number {
  const cap = secondsLeft !== undefined && secondsLeft <= SHORT_DEADLINE_SECONDS ? CAP_SECONDS.short : CAP_SECONDS.long;
  const patient = NEEDS_A_PERSON.includes(answer.reason ?? "");
  const wanted = answer.retryAfterSeconds ?? (patient ? cap : SHORTEST_SPACING_SECONDS);
  return Math.min(cap, Math.max(SHORTEST_SPACING_SECONDS, wanted));
}

/**
 * When a refused pod may be asked again: whole seconds since 1970, as status keeps them, rounded up so that the spacing
 * is not shortened. Not later than the moment when its grace begins to overrun the deadline: then it is deleted.
 */
export function retrySeconds(view: DrainView, answer: PodAnswer): number {
  const { nowSeconds, pods } = view;
  const deadline = deadlineOf(view)?.atSeconds;
  const spaced = nowSeconds + spacingSeconds(answer, deadline && deadline - nowSeconds);
  const grace = pods?.find(({ uid }) => uid === answer.uid)?.graceSeconds;
  const turn =
    deadline !== undefined && grace !== undefined && deletesWhenShort(view)
      ? deadline - grace
      : Number.NEGATIVE_INFINITY;
  return Math.ceil(turn > nowSeconds ? Math.min(spaced, turn) : spaced);
}
