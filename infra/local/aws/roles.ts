/** IAM roles that others may assume, and the keys that STS hands out for them. */
import { AwsError } from "./errors.ts";
import type { Place } from "./fleet.ts";

export interface Role {
  readonly arn: string;
  /** Who assumes it has to say so. */
  readonly externalId?: string;
}

export interface Assumption {
  readonly RoleArn: string;
  readonly RoleSessionName: string;
  readonly ExternalId?: string | undefined;
  readonly DurationSeconds: number;
}

export type Roles = ReturnType<typeof createRoles>;

export function createRoles({ clock, ids }: Pick<Place, "clock" | "ids">) {
  const roles = new Map<string, Role>();
  const sessions = new Map<string, string>();
  return {
    trust: (role: Role): void => void roles.set(role.arn, role),
    /** The role that an access key belongs to; undefined for keys of users. */
    roleOf: (accessKeyId: string) => sessions.get(accessKeyId),
    assume: ({ RoleArn, RoleSessionName, ExternalId, DurationSeconds }: Assumption) => {
      const role = roles.get(RoleArn);
      if (!role || role.externalId !== ExternalId) {
        const said = `User: arn:aws:iam::local:user/local is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`;
        throw new AwsError("AccessDenied", said, 403);
      }
      const accessKeyId = `ASIA${ids.hex(16).toUpperCase()}`;
      sessions.set(accessKeyId, RoleArn);
      return {
        Credentials: {
          AccessKeyId: accessKeyId,
          SecretAccessKey: ids.hex(40),
          SessionToken: ids.hex(40),
          Expiration: new Date(clock.now().getTime() + DurationSeconds * 1000),
        },
        AssumedRoleUser: { Arn: `${RoleArn}/${RoleSessionName}`, AssumedRoleId: `AROALOCAL:${RoleSessionName}` },
      };
    },
  };
}
