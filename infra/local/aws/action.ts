/** One operation of a service: parameters as the SDK's command takes them, checked, then run; output as the SDK gives it. */
import { z } from "zod";
import { AwsError } from "./errors.ts";

export type Answer = Readonly<Record<string, unknown>>;
/** A promise means that the answer waits for the clock. */
export type Action = (parameters: unknown) => Answer | Promise<Answer>;
export type Actions = Readonly<Record<string, Action>>;

/** @throws AwsError ValidationError when something is missing, of the wrong type or out of range */
export function read<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new AwsError("ValidationError", z.prettifyError(result.error));
}

export const action =
  <Schema extends z.ZodType>(schema: Schema, run: (input: z.output<Schema>) => Answer | Promise<Answer>): Action =>
  (parameters) =>
    run(read(schema, parameters));

/** The query protocols send every value as text. */
export const flag = z.preprocess((value) => (typeof value === "string" ? value === "true" : value), z.boolean());
export const whole = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

interface Paging {
  readonly MaxRecords: number;
  readonly NextToken?: string | undefined;
}

/** @returns the page that starts at the token, at most `longest` items, and the token of the next one */
export function page<Item>(items: readonly Item[], { MaxRecords, NextToken = "page-0" }: Paging, longest: number) {
  const start = Number(NextToken.replace(/^page-/, ""));
  if (!Number.isInteger(start) || start > items.length)
    throw new AwsError("InvalidNextToken", `The token '${NextToken}' is invalid.`);
  const end = start + Math.min(MaxRecords, longest);
  return { items: items.slice(start, end), ...(end < items.length ? { NextToken: `page-${end}` } : {}) };
}
