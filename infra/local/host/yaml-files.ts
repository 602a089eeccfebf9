/** Reads the YAML files of a deployment with the variables that the Serverless Framework would resolve. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CORE_SCHEMA, defineScalarTag, defineSequenceTag, load, mergeTag } from "js-yaml";
import { z } from "zod";

export interface YamlSettings {
  /** The project's root. */
  readonly root: string;
  /** Of the shell that deploys, e.g. LIFEGUARD_KUBECONFIG_ARN. */
  readonly environment: Readonly<Record<string, string>>;
}

/** YAML reads an empty default as null, and JSON in a variable as what it says. */
export const variable = z.union([
  z.string(),
  z.number().transform(String),
  z.boolean().transform(String),
  z.null().transform(() => ""),
  z.array(z.unknown()).transform((list) => JSON.stringify(list)),
]);
/** CloudFormation's short forms become text: "!GetAtt Looks.Arn" -> "GetAtt Looks.Arn". */
const schema = CORE_SCHEMA.withTags(
  mergeTag,
  defineScalarTag("!", {
    matchByTagPrefix: true,
    identify: () => false,
    resolve: (source, _, tag) => `${tag.slice(1)} ${source}`,
  }),
  defineSequenceTag("!", {
    matchByTagPrefix: true,
    identify: () => false,
    create: (): unknown[] => [],
    addItem: (items, item) => void items.push(item),
  }),
);

/** @returns reads one file by its path from the root, variables and included files resolved */
export function yamlFiles({ root, environment }: YamlSettings): (file: string) => unknown {
  const fill = (text: string) =>
    text
      .replace(/\$\{env:(\w+)(?:, '([^']*)')?\}/g, (_, name: string, fallback = "") => environment[name] ?? fallback)
      .replace(/\$\{self:service\}/g, "lifeguard")
      .replace(/\$\{(?:sls:stage|opt:stage, '\w+')\}/g, "local");
  const read = (file: string): unknown => inline(load(fill(readFileSync(join(root, file), "utf8")), { schema }));
  /** `${file(./path.yml):member}` */
  const inline = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(inline);
    if (typeof value === "object" && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inline(inner)]));
    }
    const [, path = "", member = ""] = /^\$\{file\(([^)]+)\):([\w-]+)\}$/.exec(String(value)) ?? [];
    return path ? z.record(z.string(), z.unknown()).parse(read(path))[member] : value;
  };
  return read;
}
