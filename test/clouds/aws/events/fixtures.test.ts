/** The recorded events as a whole: each belongs to one function, and each names its source. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import {
  readHookEvent,
  readRebalance,
  readReclaim,
  readScheduledChange,
  readStateChange,
} from "../../../../lib/providers/aws/events/index.ts";
import { changed, fixture } from "../fixture.ts";
import { readBlock, reading } from "./event-case.ts";

const folder = new URL("../fixtures/", import.meta.url);
const names = readdirSync(folder).map((file) => file.replace(".json", ""));
const readers = { readHookEvent, readReclaim, readRebalance, readStateChange, readScheduledChange, readBlock };

test("an event of one function is unknown to the others", async () => {
  for (const name of names) {
    const knowing: string[] = [];
    for (const [reader, read] of Object.entries(readers)) {
      if (await read(fixture(name), reading)) knowing.push(reader);
    }
    assert.equal(knowing.length, 1, `${name}: ${knowing.join(", ")}`);
  }
});

test("an event as old as ten minutes is still read: whether it matters is for the step to see", async () => {
  const old = changed(fixture("spot-interruption"), "time", "2026-11-20T11:40:00Z");
  assert.equal((await readReclaim(old, reading))?.kind, "leaving");
});

test("every fixture names its source", () => {
  for (const name of names) {
    const { source } = JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8"));
    assert.match(source, /guide|format/, name);
  }
});
