/** A row of an event table: a recorded event, what stands in it instead, and what it then means. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Trigger } from "../../../../lib/api/trigger.ts";
import { readCapacityExpiry } from "../../../../lib/providers/aws/events/index.ts";
import type { Reader, Reading } from "../../../../lib/providers/aws/events/parser.ts";
import { hookNames } from "../../../../lib/providers/aws/hook-names.ts";
import { changed, fixture, type Json } from "../fixture.ts";

export interface EventCase {
  readonly name: string;
  readonly read: Reader;
  readonly event: string;
  /** path -> what stands there instead; undefined: nothing. */
  readonly but?: Readonly<Record<string, Json | undefined>>;
  readonly with?: Partial<Reading>;
  readonly want: Trigger | undefined;
}

export const reading: Reading = {
  receivedAt: new Date("2026-11-20T12:00:00.400Z"),
  hookNames: hookNames("lifeguard-"),
  rebalancePolicy: "Ignore",
  maintenancePolicy: "Drain",
};

/** Reads capacity blocks in an account with one that has two instances. */
export const readBlock = readCapacityExpiry({
  instanceState: async () => "running",
  instancesOfReservation: async (id) => (id === "cr-0f60718293a4b5c6d" ? ["i-0a", "i-0b"] : []),
});

export { leaving, nothing } from "../../triggers.ts";

export function checkEvents(cases: readonly EventCase[]): void {
  for (const { name, read, event, but = {}, with: other, want } of cases) {
    test(name, async () => {
      const given = Object.entries(but).reduce((so, [path, value]) => changed(so, path, value), fixture(event));
      assert.deepEqual(await read(given, { ...reading, ...other }), want);
    });
  }
}
