/** The pool-name label, as upstream writes it. */
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import { poolNameLabel } from "../../../lib/reconcile/decide/pool-label.ts";

/** FNV-1a with 32 bits, written another way: whole numbers without end. */
function hashOf(name: string): string {
  let hash = 2166136261n;
  for (const byte of Buffer.from(name)) hash = ((hash ^ BigInt(byte)) * 16777619n) % 2n ** 32n;
  return Buffer.from(hash.toString(16).padStart(8, "0"), "hex").toString("base64url");
}

test("a name that is a label value is its own label", () => deepStrictEqual(poolNameLabel("workers-1"), "workers-1"));
for (const name of ["w".repeat(64), `${"long-".repeat(20)}pool`]) {
  test(`a name of ${name.length} characters is hashed`, () => {
    deepStrictEqual(poolNameLabel(name), `hash_${hashOf(name)}_z`);
  });
}
