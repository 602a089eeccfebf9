/** JSON bodies: read with a schema, merged as ARM merges them. */
import { z } from "zod";
import { mergePatch } from "../kubernetes/patches.ts";
import { ArmError } from "./errors.ts";

export type Json = Readonly<Record<string, unknown>>;

export const jsonObject = z.record(z.string(), z.unknown());

/** @throws ArmError InvalidRequestContent when something is missing or of the wrong type */
export function read<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new ArmError("InvalidRequestContent", z.prettifyError(result.error));
}

/** Members that the change does not name stay; lists are replaced whole. */
export const merged = (old: Json, change: Json): Json => jsonObject.parse(mergePatch(old, change));
