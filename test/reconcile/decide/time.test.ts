/** Times as the API writes them. */
import { deepStrictEqual, throws } from "node:assert/strict";
import { test } from "node:test";
import { secondsOf, timeOf } from "../../../lib/reconcile/decide/time.ts";

test("times are written in whole seconds, rounded down", () =>
  deepStrictEqual(timeOf(1_772_366_400.9), "2026-03-01T12:00:00Z"));
test("times are read with their fractions and zones", () => {
  deepStrictEqual(secondsOf("2026-03-01T12:00:00.5Z"), 1_772_366_400.5);
  deepStrictEqual(secondsOf("2026-03-01T14:00:00+02:00"), 1_772_366_400);
});
test("what is no time is an error, not a silent NaN", () => throws(() => secondsOf("soon"), /"soon"/));
