/** Texts that stand for data: hashes that change with what they stand for and with nothing else. */
import { createHash } from "node:crypto";

/** JSON with sorted keys and without undefined members. */
export const canonical = (value: unknown): string => JSON.stringify(value, (_key, one: unknown) => sorted(one)) ?? "";

const sorted = (value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

/** 64 hexadecimal digits. */
export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
