/** Reads the very files that `serverless deploy` deploys: functions, what starts them, their queues; so local cannot drift. */
import { z } from "zod";
import { variable, type YamlSettings, yamlFiles } from "./yaml-files.ts";

export interface DeployedFunction {
  readonly name: string;
  /** "functions/aws/drain-continued.handler" */
  readonly handler: string;
  readonly timeoutSeconds: number;
  readonly reservedConcurrency?: number | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly patterns: readonly Readonly<Record<string, unknown>>[];
  readonly everySeconds: readonly number[];
  readonly queues: readonly {
    readonly queue: string;
    readonly batchSize: number;
    readonly maximumConcurrency: number;
  }[];
  readonly hasUrl: boolean;
  readonly retries: number;
  readonly oldestEventSeconds: number;
  readonly deadLetterQueue?: string | undefined;
}

export interface DeployedQueue {
  readonly name: string;
  readonly visibilitySeconds: number;
  readonly redrive?: { readonly queue: string; readonly maxReceiveCount: number };
}

export interface Deployment {
  readonly functions: readonly DeployedFunction[];
  readonly queues: readonly DeployedQueue[];
}

export interface DeploymentSettings extends YamlSettings {
  readonly queueUrl: (queue: string) => string;
  readonly region: string;
}

const event = z.union([
  z.object({ eventBridge: z.object({ pattern: z.record(z.string(), z.unknown()) }) }),
  z.object({ eventBridge: z.object({ schedule: z.string() }) }),
  z.object({ sqs: z.object({ arn: z.string(), batchSize: z.number(), maximumConcurrency: z.number() }) }),
]);
const functionFile = z.object({
  handler: z.string(),
  timeout: z.number().optional(),
  reservedConcurrency: z.number().optional(),
  environment: z.record(z.string(), z.unknown()).default({}),
  events: z.array(event).default([]),
  url: z.unknown().optional(),
  maximumRetryAttempts: z.number().default(2),
  maximumEventAge: z.number().default(21_600),
  destinations: z.object({ onFailure: z.object({ arn: z.string() }) }).optional(),
});
const providerFile = z.object({ timeout: z.number(), environment: z.record(z.string(), z.unknown()).default({}) });
const resource = z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) });
const queueProperties = z.object({
  VisibilityTimeout: z.number().default(30),
  RedrivePolicy: z.object({ deadLetterTargetArn: z.string(), maxReceiveCount: z.number() }).optional(),
});

/** "rate(1 minute)" */
export function rateSeconds(schedule: string): number {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(schedule) ?? [];
  const seconds = { minute: 60, hour: 3600, day: 86_400 }[unit ?? ""];
  if (!seconds) throw new Error(`the schedule "${schedule}" is no rate(...): teach it in deployment.ts`);
  return Number(count) * seconds;
}

/** "GetAtt Looks.Arn", "Ref Looks" -> "Looks" */
const logicalId = (reference: string): string =>
  reference
    .split(" ")
    .at(-1)
    ?.replace(/\.\w+$/, "") ?? "";

function toFunction(name: string, given: z.output<typeof functionFile>, timeoutSeconds: number) {
  const { events } = given;
  return {
    name,
    handler: given.handler,
    timeoutSeconds: given.timeout ?? timeoutSeconds,
    reservedConcurrency: given.reservedConcurrency,
    patterns: events.flatMap((one) =>
      "eventBridge" in one && "pattern" in one.eventBridge ? [one.eventBridge.pattern] : [],
    ),
    everySeconds: events.flatMap((one) =>
      "eventBridge" in one && "schedule" in one.eventBridge ? [rateSeconds(one.eventBridge.schedule)] : [],
    ),
    queues: events.flatMap((one) => ("sqs" in one ? [{ ...one.sqs, queue: logicalId(one.sqs.arn) }] : [])),
    hasUrl: given.url !== undefined,
    retries: given.maximumRetryAttempts,
    oldestEventSeconds: given.maximumEventAge,
    deadLetterQueue: given.destinations && logicalId(given.destinations.onFailure.arn),
  };
}

export function readDeployment(settings: DeploymentSettings): Deployment {
  const read = yamlFiles(settings);
  const provider = providerFile.parse(read("infra/aws/provider.yml"));
  const { Resources } = z.object({ Resources: z.record(z.string(), resource) }).parse(read("infra/aws/resources.yml"));
  const queues = Object.entries(Resources)
    .filter(([, { Type }]) => Type === "AWS::SQS::Queue")
    .map(([name, { Properties }]): DeployedQueue => {
      const { VisibilityTimeout: visibilitySeconds, RedrivePolicy: redrive } = queueProperties.parse(Properties);
      if (!redrive) return { name, visibilitySeconds };
      const queue = logicalId(redrive.deadLetterTargetArn);
      return { name, visibilitySeconds, redrive: { queue, maxReceiveCount: redrive.maxReceiveCount } };
    });
  const toValue = (value: unknown): string => {
    const text = variable.parse(value);
    if (text === "Ref AWS::Region") return settings.region;
    return text.startsWith("Ref ") ? settings.queueUrl(logicalId(text)) : text;
  };
  const files = z.record(z.string(), functionFile).parse(read("infra/aws/functions.yml"));
  const functions = Object.entries(files).map(([name, file]) => {
    const variables = Object.entries({ ...provider.environment, ...file.environment });
    const environment = Object.fromEntries(variables.map(([key, value]) => [key, toValue(value)]));
    return { ...toFunction(name, file, provider.timeout), environment };
  });
  return { functions, queues };
}
