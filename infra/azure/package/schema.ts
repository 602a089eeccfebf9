/** The JSON schemas of what our YAML files may say, as the Serverless Framework checks them before anything runs. */

/** The part of the framework's ConfigSchemaHandler that a provider needs (osls lib/classes/config-schema-handler). */
export interface SchemaHandler {
  defineProvider(name: string, schemas: Readonly<Record<string, unknown>>): void;
  defineTopLevelProperty(name: string, schema: unknown): void;
}

const text = { type: "string" } as const;
const texts = { type: "array", items: text } as const;
const textMap = { type: "object", additionalProperties: text } as const;
const closed = (properties: Readonly<Record<string, unknown>>, required: readonly string[] = []) => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});

const provider = {
  properties: {
    location: text,
    subscriptionId: text,
    armEndpoint: text,
    memoryMegabytes: { enum: [512, 2048, 4096] },
    environment: textMap,
  },
  required: ["location", "subscriptionId", "armEndpoint", "memoryMegabytes"],
};

const functionProperties = {
  properties: {
    handler: text,
    description: text,
    sends: texts,
    alwaysReady: { type: "boolean" },
    secrets: textMap,
    environment: textMap,
    package: { type: "object" },
  },
  required: ["handler", "description"],
};

const filter = closed({ key: text, operator: { enum: ["StringBeginsWith", "StringIn"] }, values: texts }, [
  "key",
  "operator",
  "values",
]);

const functionEvents = {
  http: text,
  timer: text,
  queue: text,
  eventGrid: closed(
    {
      topic: { enum: ["resources", "health", "maintenance"] },
      /** A parameter that must be true. */
      when: text,
      minutes: { type: "integer", minimum: 1, maximum: 1440 },
      types: texts,
      filters: { type: "array", items: filter },
    },
    ["topic", "minutes"],
  ),
};

const resources = closed(
  {
    parameters: { type: "object" },
    variables: textMap,
    resources: { type: "array", items: { type: "object", required: ["type", "apiVersion", "name"] } },
    outputs: { type: "object" },
  },
  ["parameters", "variables", "resources", "outputs"],
);

/** Makes the framework accept `provider.name: azure` and refuse whatever our files do not know. */
export function defineAzure(handler: SchemaHandler): void {
  handler.defineProvider("azure", { provider, function: functionProperties, functionEvents, resources });
}
