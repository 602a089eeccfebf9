/** Whatever arrives, no reader throws, and what it answers is sound. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import type { Trigger } from "../../../../lib/api/trigger.ts";
import {
  firstThatKnows,
  readCapacityExpiry,
  readHookEvent,
  readRebalance,
  readReclaim,
  readScheduledChange,
  readStateChange,
} from "../../../../lib/providers/aws/events/index.ts";
import { changed, fixture, type Json, type JsonObject } from "../fixture.ts";
import { reading as usual } from "./event-case.ts";

const reading = { ...usual, rebalancePolicy: "Drain" } as const;
const readBlock = readCapacityExpiry({
  instanceState: async () => "running",
  instancesOfReservation: async () => ["i-0a"],
});
const readAny = firstThatKnows(
  readHookEvent,
  readReclaim,
  readRebalance,
  readStateChange,
  readScheduledChange,
  readBlock,
);
const folder = new URL("../fixtures/", import.meta.url);
const fixtures = readdirSync(folder).map((file) => fixture(file.replace(".json", "")));

const RFC_3339_SECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const checkSound = (trigger: Trigger | undefined) => {
  if (trigger?.kind !== "leaving") return;
  assert.ok(trigger.instances.length > 0);
  for (const { instanceId, noticeTime, deadlineTime } of trigger.instances) {
    assert.match(instanceId, /^i-[0-9a-z]+$/);
    assert.match(noticeTime, RFC_3339_SECONDS);
    if (deadlineTime !== undefined) assert.match(deadlineTime, RFC_3339_SECONDS);
  }
};

const pathsOf = (value: Json, prefix = ""): string[] =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.entries(value).flatMap(([name, inner]) => [`${prefix}${name}`, ...pathsOf(inner, `${prefix}${name}.`)])
    : [];

test("no JSON makes a reader throw", async () => {
  await fc.assert(fc.asyncProperty(fc.jsonValue(), async (event) => checkSound(await readAny(event, reading))));
});

test("no value in any place of a recorded event makes a reader throw or answer nonsense", async () => {
  const odd = fc.constantFrom("", "__proto__", "9999999999999", "-1", "275760-09-13", "8999-12-31T23:59:59Z");
  const mutation = fc.constantFrom(...fixtures).chain((event: JsonObject) =>
    fc.record({
      event: fc.constant(event),
      path: fc.constantFrom(...pathsOf(event)),
      value: fc.oneof(fc.jsonValue(), fc.string(), odd),
    }),
  );
  await fc.assert(
    fc.asyncProperty(mutation, async ({ event, path, value }) =>
      checkSound(await readAny(changed(event, path, value as Json), reading)),
    ),
    { numRuns: 500 },
  );
});
