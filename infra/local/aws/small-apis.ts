/** Secrets Manager, SSM parameters, STS identity and EventBridge, each only as far as our functions use it. */
import { z } from "zod";
import { type Actions, action, whole } from "./action.ts";
import type { CloudEvent } from "./bus.ts";
import { AwsError } from "./errors.ts";
import { matchesPattern, type Pattern } from "./event-pattern.ts";
import type { Place } from "./fleet.ts";
import { EKS_IMAGES } from "./published-images.ts";
import type { Queues } from "./queues.ts";
import type { Roles } from "./roles.ts";
import { queueNameOf } from "./sqs-api.ts";

interface Stored {
  readonly value: string;
  readonly version: number;
  readonly changedAt: Date;
}

const text = z.string().min(1);
const secretName = (idOrArn: string) => idOrArn.replace(/^arn:aws:secretsmanager:[^:]*:[^:]*:secret:(.+)-.{6}$/, "$1");

export function secretOperations({ clock, region, accountId, ids }: Place): Actions {
  const secrets = new Map<string, Stored & { readonly arn: string }>();
  const known = (id: string) => {
    const found = secrets.get(secretName(id));
    if (found) return found;
    throw new AwsError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
  };
  const described = (id: string) => {
    const { arn, version } = known(id);
    return { ARN: arn, Name: secretName(id), VersionId: `version-${version}` };
  };
  return {
    CreateSecret: action(z.object({ Name: text, SecretString: text }), ({ Name, SecretString }) => {
      if (secrets.has(Name)) {
        throw new AwsError(
          "ResourceExistsException",
          `The operation failed because the secret ${Name} already exists.`,
        );
      }
      const arn = `arn:aws:secretsmanager:${region}:${accountId}:secret:${Name}-${ids.hex(6)}`;
      secrets.set(Name, { arn, value: SecretString, version: 1, changedAt: clock.now() });
      return described(Name);
    }),
    PutSecretValue: action(z.object({ SecretId: text, SecretString: text }), ({ SecretId, SecretString }) => {
      const old = known(SecretId);
      secrets.set(secretName(SecretId), {
        ...old,
        value: SecretString,
        version: old.version + 1,
        changedAt: clock.now(),
      });
      return described(SecretId);
    }),
    GetSecretValue: action(z.object({ SecretId: text }), ({ SecretId }) => {
      const { value, changedAt } = known(SecretId);
      return { ...described(SecretId), SecretString: value, VersionStages: ["AWSCURRENT"], CreatedDate: changedAt };
    }),
  };
}

export function parameterOperations({ clock, region, accountId }: Place): Actions {
  const made = { version: 1, changedAt: new Date(0) };
  const parameters = new Map<string, Stored>(EKS_IMAGES.map(([name, value]) => [name, { ...made, value }]));
  return {
    PutParameter: action(z.object({ Name: text, Value: text, Overwrite: z.boolean().default(false) }), (input) => {
      const old = parameters.get(input.Name);
      if (old && !input.Overwrite)
        throw new AwsError("ParameterAlreadyExists", `The parameter ${input.Name} already exists.`);
      const version = (old?.version ?? 0) + 1;
      parameters.set(input.Name, { value: input.Value, version, changedAt: clock.now() });
      return { Version: version };
    }),
    GetParameter: action(z.object({ Name: text }), ({ Name }) => {
      const found = parameters.get(Name);
      if (!found) throw new AwsError("ParameterNotFound", `The parameter ${Name} is not found.`);
      const ARN = `arn:aws:ssm:${region}:${accountId}:parameter/${Name.replace(/^\//, "")}`;
      const { value, version, changedAt } = found;
      return {
        Parameter: { Name, Value: value, Version: version, LastModifiedDate: changedAt, Type: "SecureString", ARN },
      };
    }),
  };
}

const assuming = z.object({
  RoleArn: text,
  RoleSessionName: text,
  ExternalId: z.string().optional(),
  DurationSeconds: whole(900, 43_200).default(3600),
});

export function identityOperations({ accountId }: Place, roles: Roles): Actions {
  const identity = { Account: accountId, UserId: "AIDALOCALLOCALLOCAL0", Arn: `arn:aws:iam::${accountId}:user/local` };
  return {
    GetCallerIdentity: action(z.object({}), () => identity),
    AssumeRole: action(assuming, (input) => roles.assume(input)),
  };
}

const pattern = z
  .string()
  .transform((json): unknown => JSON.parse(json))
  .pipe(z.record(z.string(), z.unknown()));
const entry = z.object({ Source: text, DetailType: text, Detail: text, Resources: z.array(z.string()).default([]) });

export function busOperations({ bus, region, accountId }: Place, queues: Queues): Actions {
  const rules = new Map<string, { readonly pattern: Pattern; readonly targets: Map<string, string> }>();
  const known = (name: string) => {
    const found = rules.get(name);
    if (found) return found;
    throw new AwsError("ResourceNotFoundException", `Rule ${name} does not exist on EventBus default.`);
  };
  const arnOf = (name: string) => `arn:aws:events:${region}:${accountId}:rule/${name}`;
  bus.onEvent((event: CloudEvent) => {
    for (const rule of rules.values()) {
      if (!matchesPattern(rule.pattern, { ...event })) continue;
      for (const arn of rule.targets.values()) queues.send(queueNameOf(arn), { body: JSON.stringify(event) });
    }
  });
  const put = ({ Source, DetailType, Detail, Resources }: z.output<typeof entry>) => {
    const refused = (ErrorCode: string, ErrorMessage: string) => ({ ErrorCode, ErrorMessage });
    if (Source.startsWith("aws.")) return refused("NotAuthorizedForSourceException", "Not authorized for the source.");
    try {
      const detail = z.record(z.string(), z.unknown()).parse(JSON.parse(Detail));
      return { EventId: bus.emit({ source: Source, detailType: DetailType, resources: Resources, detail }).id };
    } catch {
      return refused("MalformedDetail", "Detail is malformed.");
    }
  };
  return {
    PutRule: action(z.object({ Name: text, EventPattern: pattern }), ({ Name, EventPattern }) => {
      rules.set(Name, { pattern: EventPattern, targets: rules.get(Name)?.targets ?? new Map() });
      return { RuleArn: arnOf(Name) };
    }),
    PutTargets: action(
      z.object({ Rule: text, Targets: z.array(z.object({ Id: text, Arn: text })) }),
      ({ Rule, Targets }) => {
        const { targets } = known(Rule);
        const [foreign] = Targets.filter(({ Arn }) => !Arn.startsWith("arn:aws:sqs:"));
        if (foreign)
          throw new AwsError(
            "ValidationException",
            `Only SQS targets exist here; listen with cloud.onEvent for ${foreign.Arn}.`,
          );
        for (const { Id, Arn } of Targets) targets.set(Id, Arn);
        return { FailedEntryCount: 0, FailedEntries: [] };
      },
    ),
    ListRules: action(z.object({ NamePrefix: z.string().default("") }), ({ NamePrefix }) => {
      const found = [...rules].filter(([name]) => name.startsWith(NamePrefix));
      const shown = found.map(([Name, rule]) => ({
        Name,
        Arn: arnOf(Name),
        State: "ENABLED",
        EventPattern: JSON.stringify(rule.pattern),
      }));
      return { Rules: shown };
    }),
    PutEvents: action(z.object({ Entries: z.array(entry).min(1).max(10) }), ({ Entries }) => {
      const results = Entries.map(put);
      return { FailedEntryCount: results.filter((one) => "ErrorCode" in one).length, Entries: results };
    }),
  };
}
