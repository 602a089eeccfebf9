/** Reads the very files that `serverless deploy` deploys to Azure: function apps, their rights, events and queues. */
import { z } from "zod";
import { variable, type YamlSettings, yamlFiles } from "../yaml-files.ts";

const eventGrid = z.object({
  topic: z.enum(["resources", "health", "maintenance"]),
  when: z.string().optional(),
  minutes: z.number(),
  types: z.array(z.string()).default([]),
  filters: z
    .array(
      z.object({ key: z.string(), operator: z.enum(["StringBeginsWith", "StringIn"]), values: z.array(z.string()) }),
    )
    .default([]),
});

const event = z.union([
  z.object({ http: z.string() }),
  z.object({ timer: z.string() }),
  z.object({ queue: z.string() }),
  z.object({ eventGrid }),
]);

const app = z.object({
  handler: z.string(),
  events: z.array(event).default([]),
  sends: z.array(z.string()).default([]),
  secrets: z.record(z.string(), z.string()).default({}),
  environment: z.record(z.string(), variable).default({}),
});

export type EventSubscription = z.output<typeof eventGrid>;

export interface DeployedApp {
  readonly name: string;
  /** "functions/azure/drain-continued.ts" */
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Setting -> name of the parameter that names its secret. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly subscriptions: readonly EventSubscription[];
  readonly queues: readonly string[];
  readonly sends: readonly string[];
  /** Actions of its identity's role. */
  readonly actions: readonly string[];
}

export interface DeployedBusQueue {
  readonly name: string;
  readonly lockSeconds: number;
  readonly maxDeliveryCount: number;
}

export interface AzureDeployment {
  readonly apps: readonly DeployedApp[];
  readonly queues: readonly DeployedBusQueue[];
}

const queueResource = z.object({
  type: z.literal("Microsoft.ServiceBus/namespaces/queues"),
  /** "[concat(variables('busName'), '/looks')]" */
  name: z.string().transform((name, context) => {
    const found = /'\/([\w-]+)'\)\]$/.exec(name)?.[1];
    if (found) return found;
    context.addIssue(`the queue's name ${name} does not end in a literal`);
    return z.NEVER;
  }),
  properties: z.object({ lockDuration: z.string().regex(/^PT\d+[MS]$/), maxDeliveryCount: z.number() }),
});

/** "PT1M", "PT30S" */
const seconds = (duration: string): number =>
  Number.parseInt(duration.slice(2), 10) * (duration.endsWith("M") ? 60 : 1);

const files = z.record(z.string(), app);
const provider = z.object({ environment: z.record(z.string(), variable).default({}) });
const permissions = z.object({ apps: z.record(z.string(), z.array(z.string())) });
const resources = z.object({ resources: z.array(z.looseObject({ type: z.string() })) });

function toApp(
  name: string,
  given: z.output<typeof app>,
  shared: Pick<DeployedApp, "environment" | "actions">,
): DeployedApp {
  const { events } = given;
  return {
    name,
    file: given.handler,
    environment: { ...shared.environment, ...given.environment },
    secrets: given.secrets,
    subscriptions: events.flatMap((one) => ("eventGrid" in one ? [one.eventGrid] : [])),
    queues: events.flatMap((one) => ("queue" in one ? [one.queue] : [])),
    sends: given.sends,
    actions: shared.actions,
  };
}

export function readAzureDeployment(settings: YamlSettings): AzureDeployment {
  const read = yamlFiles(settings);
  const { environment } = provider.parse(read("infra/azure/provider.yml"));
  const { apps: rights } = permissions.parse(read("infra/azure/permissions.yml"));
  const apps = Object.entries(files.parse(read("infra/azure/functions.yml"))).map(([name, given]) =>
    toApp(name, given, { environment, actions: rights[name] ?? [] }),
  );
  const queues = resources
    .parse(read("infra/azure/resources.yml"))
    .resources.filter(({ type }) => type === queueResource.shape.type.value)
    .map((one): DeployedBusQueue => {
      const { name, properties } = queueResource.parse(one);
      return { name, lockSeconds: seconds(properties.lockDuration), maxDeliveryCount: properties.maxDeliveryCount };
    });
  return { apps, queues };
}
