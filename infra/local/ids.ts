/** Names for new things: they look like the cloud's, and the same seed gives the same ones in the same order. */
import { createHash } from "node:crypto";

export interface Ids {
  /** `length` hexadecimal digits, e.g. 17 for an instance id. */
  hex(length: number): string;
  uuid(): string;
}

export function createIds(seed: string): Ids {
  let made = 0;
  const hex = (length: number) => createHash("sha256").update(`${seed}:${++made}`).digest("hex").slice(0, length);
  return {
    hex,
    uuid: () => hex(32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5"),
  };
}
