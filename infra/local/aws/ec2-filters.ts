/** The filters of EC2's describe calls: by a field or by tags, values with `*` and `?`, and all filters have to fit. */
import { z } from "zod";
import { AwsError } from "./errors.ts";

export const filters = z.array(z.object({ Name: z.string(), Values: z.array(z.string()) })).default([]);
export type Filter = z.output<typeof filters>[number];

export interface Filterable<Item> {
  readonly fields: Readonly<Record<string, (one: Item) => string | undefined>>;
  readonly tags: (one: Item) => Readonly<Record<string, string>>;
}

const escaped = (text: string) => text.replace(/[.+^${}()|[\]\\]/g, "\\$&");

export const like = (pattern: string, value: string): boolean =>
  new RegExp(`^${escaped(pattern).replaceAll("*", ".*").replaceAll("?", ".")}$`).test(value);

/** @throws AwsError InvalidParameterValue for an unknown filter */
export const passes =
  <Item>(given: readonly Filter[], { fields, tags }: Filterable<Item>) =>
  (one: Item): boolean =>
    given.every(({ Name, Values }) => {
      const fits = (value: string) => Values.some((pattern) => like(pattern, value));
      if (Name === "tag-key") return Object.keys(tags(one)).some(fits);
      const read = Name.startsWith("tag:") ? () => tags(one)[Name.slice(4)] : fields[Name];
      if (!read) throw new AwsError("InvalidParameterValue", `The filter '${Name}' is invalid`);
      const value = read(one);
      return value !== undefined && fits(value);
    });

export const tagList = (tags: Readonly<Record<string, string>>) =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
