/** Secrets Manager, SSM parameters and STS identity, each only as far as our functions use it. */
import { z } from "zod";
import { type Actions, action, whole } from "./action.ts";
import { AwsError } from "./errors.ts";
import type { Place } from "./fleet.ts";
import { EKS_IMAGES } from "./published-images.ts";
import type { Roles } from "./roles.ts";

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
