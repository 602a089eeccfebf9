/** The shipped IAM statements, as actions of each function. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CORE_SCHEMA, defineScalarTag, defineSequenceTag, load, mergeTag } from "js-yaml";
import { z } from "zod";
import { ROOT } from "../../../infra/local/manifests.ts";

const textTag = { matchByTagPrefix: true, identify: () => false } as const;
/** CloudFormation's short forms are text here: only the actions are of interest. */
const schema = CORE_SCHEMA.withTags(
  mergeTag,
  defineScalarTag("!", { ...textTag, resolve: (source) => source }),
  defineSequenceTag("!", {
    ...textTag,
    create: (): unknown[] => [],
    addItem: (items, item) => void items.push(item),
  }),
);
const statement = z.object({ Effect: z.literal("Allow"), Action: z.array(z.string()) });
const statements = z.record(z.string(), z.array(statement));

/** Function -> its actions, each once. */
export const IAM: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(statements.parse(load(readFileSync(join(ROOT, "infra/aws/permissions.yml"), "utf8"), { schema }))).map(
    ([name, list]) => [name, [...new Set(list.flatMap(({ Action }) => Action))]],
  ),
);
