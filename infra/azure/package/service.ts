/** The service as our YAML files describe it: variables resolved by the framework, read into plain data and checked. */
import * as z from "zod";
import { ConfigurationError } from "./errors.ts";

const text = z.string().min(1);

const eventGrid = z.object({
  topic: z.enum(["resources", "health", "maintenance"]),
  when: text.optional(),
  minutes: z.number().int(),
  /** Empty: all that the topic has. */
  types: z.array(text).default([]),
  filters: z.array(z.object({ key: text, operator: text, values: z.array(text).min(1) })).default([]),
});

const event = z.union([
  z.object({ http: text }),
  z.object({ timer: text }),
  z.object({ queue: text }),
  z.object({ eventGrid }),
]);

const app = z.object({
  handler: text.regex(/^functions\/[\w/-]+\.ts$/, "names a file below functions/"),
  description: text,
  events: z.array(event).min(1),
  sends: z.array(text).default([]),
  alwaysReady: z.boolean().default(false),
  secrets: z.record(z.string(), text).default({}),
  environment: z.record(z.string(), z.string()).default({}),
});

const resource = z.looseObject({
  type: text,
  apiVersion: text,
  name: text,
  condition: z.union([z.string(), z.boolean()]).optional(),
  dependsOn: z.array(z.string()).optional(),
});

const parameter = z.looseObject({
  type: z.enum(["string", "bool", "int"]),
  defaultValue: z.unknown(),
  minLength: z.number().optional(),
  metadata: z.object({ description: text }),
});

const service = z.object({
  service: text,
  provider: z.object({
    // Both are parts of names that Azure limits to 24-64 characters.
    stage: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,19}$/, "a stage has at most 20 lower-case letters, digits and dashes"),
    memoryMegabytes: z.number(),
    environment: z.record(z.string(), z.string()).default({}),
  }),
  custom: z.object({ bundle: z.object({ target: text }) }),
  functions: z.record(z.string().regex(/^[a-z][a-z-]{0,23}$/, "a function's name has at most 24 characters"), app),
  resources: z.object({
    parameters: z.record(z.string(), parameter),
    variables: z.record(z.string(), z.string()),
    resources: z.array(resource),
    outputs: z.record(z.string(), z.object({ type: text, value: text })),
  }),
});

const permissions = z.object({
  apps: z.record(z.string(), z.array(text)),
  duties: z.record(
    z.string(),
    z.object({ description: text, dataActions: z.array(text).min(1), actions: z.array(text) }),
  ),
});

export type ArmResource = z.output<typeof resource>;
export type Parameter = z.output<typeof parameter>;
export type EventGridEvent = z.output<typeof eventGrid>;
export type Permissions = z.output<typeof permissions>;
export interface FunctionApp extends z.output<typeof app> {
  readonly name: string;
}
export interface AzureService {
  readonly name: string;
  readonly stage: string;
  readonly memoryMegabytes: number;
  readonly bundleTarget: string;
  /** Settings of every function. */
  readonly environment: Readonly<Record<string, string>>;
  readonly apps: readonly FunctionApp[];
  readonly permissions: Permissions;
  readonly shared: z.output<typeof service>["resources"];
}

/**
 * @param configured  `serverless.service`, after the framework resolved all variables
 * @param rights      infra/azure/permissions.yml
 * @throws            ConfigurationError that names what is wrong and where
 */
export function readService(configured: unknown, rights: unknown): AzureService {
  const read = check(service, configured, "serverless.yml");
  const granted = check(permissions, rights, "permissions.yml");
  for (const name of Object.keys(granted.apps))
    if (!(name in read.functions)) throw new ConfigurationError(`permissions.yml: there is no function ${name}`);
  return {
    name: read.service,
    stage: read.provider.stage,
    memoryMegabytes: read.provider.memoryMegabytes,
    bundleTarget: read.custom.bundle.target,
    environment: read.provider.environment,
    apps: Object.entries(read.functions).map(([name, one]) => ({ name, ...one })),
    permissions: granted,
    shared: read.resources,
  };
}

function check<Schema extends z.ZodType>(schema: Schema, value: unknown, where: string): z.output<Schema> {
  const read = schema.safeParse(value, { reportInput: false });
  if (read.success) return read.data;
  const problems = read.error.issues.map(({ path, message }) => `  ${path.join(".")}: ${message}`);
  throw new ConfigurationError(`${where} cannot be packaged for Azure:\n${problems.join("\n")}`);
}

export const queuesOf = ({ events }: FunctionApp): readonly string[] =>
  events.flatMap((one) => ("queue" in one ? [one.queue] : []));
export const eventGridsOf = ({ events }: FunctionApp): readonly EventGridEvent[] =>
  events.flatMap((one) => ("eventGrid" in one ? [one.eventGrid] : []));
