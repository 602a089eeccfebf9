/** What is promised under chaos: all that the story promises but peace itself, in more time; and that chaos is told by name. */
import type { Invocation } from "../host/lambda.ts";
import type { Promised } from "../verdict.ts";
import { type Chaos, FAULTS, type Tally } from "./chaos.ts";

/** A crash hides a hint for the visibility timeout of its queue; a hint that is lost waits for its turn in the sweep. */
export const PATIENCE_SECONDS = 1_200;

/** Kinds of typed errors that say: not we, but the way or the other end. */
const OF_THE_WIRE =
  /"kind":"(unreachable|unavailable|throttled|conflict|server)"|aborted|timed? ?out|ECONNRESET|socket hang up/i;

const linesOf = ({ logs }: Invocation) =>
  logs.filter((line): line is Readonly<Record<string, unknown>> => typeof line === "object" && line !== null);

/** Errors of which the wire is no explanation, each once. */
const unexplained = (invocations: readonly Invocation[]): readonly string[] => [
  ...new Set(
    invocations
      .flatMap(linesOf)
      .filter(({ level }) => level === "ERROR")
      .map((line) => JSON.stringify(line))
      .filter((line) => !OF_THE_WIRE.test(line)),
  ),
];

const counted = (tally: Tally): string => FAULTS.map((fault) => `${fault} ${tally[fault]}`).join(", ");

export function underChaos(
  promises: readonly Promised[],
  { tally }: Pick<Chaos, "tally">,
  invocations: readonly Invocation[],
): readonly Promised[] {
  const strange = unexplained(invocations);
  const failed = invocations.filter(({ outcome }) => outcome !== "ok").length;
  return [
    ...promises.filter(({ inPeace }) => !inPeace),
    {
      promise: "chaos struck, and no function failed of anything else",
      seen: `${counted(tally())}; ${failed} of ${invocations.length} invocations failed; unexplained: ${strange.join(", ") || "none"}`,
      kept: Object.values(tally()).some((count) => count > 0) && strange.length === 0,
    },
  ];
}
