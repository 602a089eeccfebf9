/** A row of an event table: a recorded event, what stands in it instead, and what it then means. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Trigger } from "../../../../lib/api/trigger.ts";
import type { Parser, Reading } from "../../../../lib/providers/azure/events/parser.ts";
import type { EventPolicies } from "../../../../lib/providers/azure/notice.ts";
import { changed, type Json } from "../../fixture.ts";
import { fixture } from "../fixture.ts";

export interface EventCase {
  readonly name: string;
  readonly read: Parser;
  readonly event: string;
  /** path -> what stands there instead; undefined: nothing. */
  readonly but?: Readonly<Record<string, Json | undefined>>;
  readonly with?: Partial<EventPolicies>;
  readonly want: Trigger | undefined;
}

export const reading: Reading = {
  receivedAt: new Date("2026-11-20T12:00:00.400Z"),
  policies: { redeploy: "Drain", reboot: "Ignore", freeze: "Ignore" },
};

export { leaving, nothing } from "../../triggers.ts";

export function checkEvents(cases: readonly EventCase[]): void {
  for (const { name, read, event, but = {}, with: other, want } of cases) {
    test(name, () => {
      const given = Object.entries(but).reduce((so, [path, value]) => changed(so, path, value), fixture(event));
      assert.deepEqual(read(given, { ...reading, policies: { ...reading.policies, ...other } }), want);
    });
  }
}
