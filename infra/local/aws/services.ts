/** Every operation of every service by name, with the faults that were injected for it. */

import type { Faults } from "../faults.ts";
import type { Queues } from "../queues.ts";
import type { Action, Actions, Answer } from "./action.ts";
import type { ApiSetup } from "./api-setup.ts";
import type { Buckets } from "./buckets.ts";
import { instanceOperations } from "./ec2-api.ts";
import { AwsError } from "./errors.ts";
import { groupOperations } from "./groups-api.ts";
import { hookOperations } from "./hooks-api.ts";
import { lookupOperations } from "./lookups-api.ts";
import { memberOperations } from "./members-api.ts";
import { refreshOperations } from "./refreshes-api.ts";
import type { Roles } from "./roles.ts";
import { objectOperations } from "./s3-api.ts";
import { identityOperations, parameterOperations, secretOperations } from "./small-apis.ts";
import { sqsOperations } from "./sqs-api.ts";
import { describeOperations, markOperations } from "./tags-api.ts";
import { templateOperations } from "./templates-api.ts";

export type Handle = (service: string, name: string, parameters: unknown) => Answer | Promise<Answer>;

/** What each service says to parameters that make no sense. */
const INVALID: Readonly<Record<string, string>> = {
  autoscaling: "ValidationError",
  ec2: "InvalidParameterValue",
  s3: "InvalidArgument",
  sqs: "InvalidParameterValue",
};

export interface Parts {
  readonly api: ApiSetup;
  readonly queues: Queues;
  readonly buckets: Buckets;
  readonly roles: Roles;
  readonly faults: Faults<Answer>;
}

export function createHandle({ api, queues, buckets, roles, faults }: Parts): Handle {
  const { place, scaling } = api;
  const services: Readonly<Record<string, Actions>> = {
    autoscaling: {
      ...groupOperations(api),
      ...describeOperations(api),
      ...markOperations(api),
      ...memberOperations(api),
      ...hookOperations(scaling),
      ...refreshOperations(api),
    },
    ec2: { ...instanceOperations(api), ...templateOperations(api), ...lookupOperations(api) },
    s3: objectOperations(buckets, api),
    sqs: sqsOperations(queues, (name, parameters) => handle("sqs", name, parameters)),
    secretsmanager: secretOperations(place),
    ssm: parameterOperations(place),
    sts: identityOperations(place, roles),
  };
  const find = (service: string, name: string): Action => {
    const found = services[service]?.[name];
    if (found) return found;
    throw new AwsError(
      "InvalidAction",
      `The local AWS does not know ${service} ${name}: see infra/local/aws/services.ts.`,
    );
  };
  const handle: Handle = (service, name, parameters) => {
    const run = find(service, name);
    try {
      return faults.guard(service, name, run)(parameters);
    } catch (error) {
      if (!(error instanceof AwsError) || error.code !== "ValidationError") throw error;
      throw new AwsError(INVALID[service] ?? "ValidationException", error.message, error.status);
    }
  };
  return handle;
}
