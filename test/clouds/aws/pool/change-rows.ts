/** Rows of the one decision about a pool: what was seen, and which change it leads to. */
import assert from "node:assert/strict";
import test from "node:test";
import { nextChange } from "../../../../lib/providers/aws/pool/next-change.ts";
import type { AwsSight } from "../../../../lib/providers/aws/pool/sight.ts";

export const HOOK_PREFIX = "lifeguard-";

export interface ChangeRow {
  readonly name: string;
  readonly seen: AwsSight;
  /** `do (because)`; undefined: nothing. */
  readonly want: string | undefined;
  /** Members that the input must have, among others. */
  readonly input?: object;
  /** Members that it must not have. */
  readonly lacks?: readonly string[];
}

export function testChanges(rows: readonly ChangeRow[]): void {
  for (const { name, seen, want, input, lacks } of rows) {
    test(name, () => {
      const change = nextChange(seen, HOOK_PREFIX);
      assert.equal(change && `${change.do} (${change.because})`, want);
      if (input) assert.partialDeepStrictEqual(change?.input, input);
      for (const field of lacks ?? []) assert.ok(!(field in (change?.input ?? {})), `${field} is not sent`);
    });
  }
}
