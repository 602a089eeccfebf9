/** Whatever arrives, no parser throws, and what it answers is sound; the recorded events as a whole. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Trigger } from "../../../../lib/api/trigger.ts";
import { readDelivery, readQueued } from "../../../../lib/providers/azure/events/delivery.ts";
import {
  readHealthChanges,
  readResourceChanges,
  readScheduledEvents,
} from "../../../../lib/providers/azure/events/index.ts";
import { firstThatKnows } from "../../../../lib/providers/azure/events/parser.ts";
import { changed, type Json, type JsonObject, pathsOf } from "../../fixture.ts";
import { fixture, fixtureNames, recording } from "../fixture.ts";
import { reading as usual } from "./event-case.ts";

const reading = { ...usual, policies: { redeploy: "Drain", reboot: "Drain", freeze: "Cordon" } } as const;
const readers = { readScheduledEvents, readResourceChanges, readHealthChanges };
const readAny = firstThatKnows(...Object.values(readers));

const RFC_3339_SECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const checkSound = (trigger: Trigger | undefined) => {
  if (trigger?.kind === "look") assert.ok(trigger.instanceIds.length > 0);
  if (trigger?.kind === "group") assert.match(trigger.groupName, /^[^/A-Z]+\/[^/A-Z]+$/);
  if (trigger?.kind !== "leaving") return;
  assert.ok(trigger.instances.length > 0);
  for (const { instanceId, noticeTime, deadlineTime, hold } of trigger.instances) {
    assert.equal(instanceId, instanceId.toLowerCase());
    assert.match(noticeTime, RFC_3339_SECONDS);
    assert.match(deadlineTime ?? "", RFC_3339_SECONDS);
    const event = hold?.azureScheduledEvent;
    if (event) assert.ok(event.machines.includes(instanceId) && event.eventId !== "" && event.resourceId !== "");
  }
};

test("no JSON makes a parser throw", () => {
  fc.assert(fc.property(fc.jsonValue(), (event) => checkSound(readAny(event, reading))));
});

test("no value in any place of a recorded event makes a parser throw or answer nonsense", () => {
  const odd = fc.constantFrom("", "__proto__", "9999999999999", "-1", "275760-09-13", "8999-12-31T23:59:59Z", "/");
  const mutation = fc.constantFrom(...fixtureNames.map(fixture)).chain((event: JsonObject) =>
    fc.record({
      event: fc.constant(event),
      path: fc.constantFrom(...pathsOf(event)),
      value: fc.oneof(fc.jsonValue(), fc.string(), odd, fc.array(fc.string())),
    }),
  );
  fc.assert(
    fc.property(mutation, ({ event, path, value }) =>
      checkSound(readAny(changed(event, path, value as Json), reading)),
    ),
    { numRuns: 1000 },
  );
});

test("an event of one function is unknown to the others", () => {
  for (const name of fixtureNames.filter((one) => one !== "subscription-validation")) {
    const knowing = Object.entries(readers).flatMap(([reader, read]) => (read(fixture(name), reading) ? [reader] : []));
    assert.equal(knowing.length, 1, `${name}: ${knowing.join(", ")}`);
  }
});

test("every fixture names its source", () => {
  for (const name of fixtureNames) assert.match(recording(name).source, /^Microsoft Learn, /, name);
});

test("both schemas of one event mean the same", () => {
  fc.assert(
    fc.property(fc.constantFrom(...fixtureNames), (name) => {
      const { id, topic, subject, eventType, eventTime, data, ...rest } = fixture(name);
      fc.pre(!("specversion" in rest));
      const cloudEvent = { specversion: "1.0", id, source: topic, subject, type: eventType, time: eventTime, data };
      assert.deepEqual(readAny(cloudEvent, reading), readAny(fixture(name), reading));
    }),
  );
});

test("a batch is its events, a single event a batch of one, and a handshake neither", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...fixtureNames.filter((one) => one !== "subscription-validation")), { minLength: 1 }),
      (names) => {
        const events = names.map(fixture);
        assert.deepEqual(readDelivery(events), { kind: "events", events });
        assert.deepEqual(readDelivery(events[0]), { kind: "events", events: [events[0]] });
      },
    ),
  );
  assert.deepEqual(readDelivery([fixture("subscription-validation")]), {
    kind: "validation",
    code: "512d38b6-c7b8-40c8-89fe-f46f9e9622b6",
  });
});

test("a message from a queue is the same as an object, as text and in base64, and anything else is nothing", () => {
  fc.assert(
    fc.property(
      fc.jsonValue().filter((value) => typeof value === "object"),
      (value) => {
        const text = JSON.stringify(value);
        const parsed: unknown = JSON.parse(text);
        assert.deepEqual(readQueued(parsed), parsed);
        assert.deepEqual(readQueued(text), parsed);
        assert.deepEqual(readQueued(Buffer.from(text).toString("base64")), parsed);
      },
    ),
  );
  fc.assert(fc.property(fc.string(), (text) => void readQueued(text)));
  assert.equal(readQueued("{"), undefined);
});
