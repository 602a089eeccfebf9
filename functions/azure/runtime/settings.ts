/** What a deployed function is told by its environment, read once, and refused with the name of the variable. */
import * as z from "zod";
import {
  auditVariables,
  check,
  type Environment,
  forwardsOf,
  optional,
  or,
  reconcileSettings,
  reconcileVariables,
  text,
  userList,
  watchVariables,
} from "../../../lib/providers/environment.ts";
import { NOTICE_POLICIES } from "../../../lib/providers/event-reading.ts";
import { LOG_LEVELS, type LogLevel } from "./reporter.ts";

export type { Environment } from "../../../lib/providers/environment.ts";

/** The platform puts a secret's value in place of its reference; where it cannot, it leaves the reference. */
const secret = text.refine((value) => !value.startsWith("@Microsoft.KeyVault("), {
  error: "the platform could not read the secret: see Key Vault references of the function app",
});

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const guids = z
  .string()
  .transform(userList)
  .refine((all) => all.every((one) => GUID.test(one)), { error: "a list of GUIDs of role definitions, with commas" });

const queue = z.object({
  /** Client id of the function's own managed identity. */
  AZURE_CLIENT_ID: text,
  /** "https://<namespace>.servicebus.windows.net" */
  LIFEGUARD_SERVICE_BUS: z.url({ protocol: /^https$/ }),
  ...watchVariables,
});

const worker = queue.extend({
  /** Of the scale sets. */
  LIFEGUARD_SUBSCRIPTION_ID: text,
  LIFEGUARD_ARM_ENDPOINT: or(z.url({ protocol: /^https$/ }), "https://management.azure.com"),
  /** The management cluster's kubeconfig itself, which the platform reads from Key Vault. */
  LIFEGUARD_KUBECONFIG: secret,
  /** Scheduled events of type Redeploy. */
  LIFEGUARD_MAINTENANCE_POLICY: or(z.enum(NOTICE_POLICIES), "Drain"),
  LIFEGUARD_REBOOT_POLICY: or(z.enum(NOTICE_POLICIES), "Ignore"),
  LIFEGUARD_FREEZE_POLICY: or(z.enum(NOTICE_POLICIES), "Ignore"),
  ...reconcileVariables,
  /** Scale sets of pools that are reconciled here tell of scheduled events outside their machines: a preview of Azure. */
  LIFEGUARD_SCHEDULED_EVENTS: or(z.stringbool(), "false"),
  /** GUIDs of role definitions, separated by commas. */
  LIFEGUARD_ASSIGNABLE_ROLES: or(guids, ""),
});

const audit = queue.extend({
  /** One bearer token per line, two while they are changed. */
  LIFEGUARD_AUDIT_TOKENS: secret,
  ...auditVariables,
  /** JSON object: tokenReference -> bearer token of that deployment. */
  LIFEGUARD_AUDIT_FORWARD_TOKENS: optional(secret),
});

const webhook = z.object({
  /** Event Grid may also send over HTTP, with a key of the host's in the URL; for subscriptions that cannot name a function. */
  LIFEGUARD_EVENT_WEBHOOK: or(z.stringbool(), "false"),
});

const logging = z.object({
  LIFEGUARD_LOG_LEVEL: or(z.enum(LOG_LEVELS), "INFO"),
});

/** @throws Error that names each variable and what is wrong with it, without its value */
export function readWorkerSettings(environment: Environment) {
  const read = check(worker, environment);
  return {
    ...queueSettings(read),
    subscriptionId: read.LIFEGUARD_SUBSCRIPTION_ID,
    armEndpoint: read.LIFEGUARD_ARM_ENDPOINT,
    kubeconfig: read.LIFEGUARD_KUBECONFIG,
    policies: {
      redeploy: read.LIFEGUARD_MAINTENANCE_POLICY,
      reboot: read.LIFEGUARD_REBOOT_POLICY,
      freeze: read.LIFEGUARD_FREEZE_POLICY,
    },
    publishScheduledEvents: read.LIFEGUARD_SCHEDULED_EVENTS,
    assignableRoles: read.LIFEGUARD_ASSIGNABLE_ROLES,
    reconcile: reconcileSettings(read),
  };
}

/** @throws as readWorkerSettings */
export function readAuditSettings(environment: Environment) {
  const read = check(audit, environment);
  return {
    ...queueSettings(read),
    forwards: forwardsOf(read.LIFEGUARD_AUDIT_FORWARDS),
    forwardTokens: tokensOf(read.LIFEGUARD_AUDIT_FORWARD_TOKENS),
    tokens: read.LIFEGUARD_AUDIT_TOKENS,
    ownUsers: userList(read.LIFEGUARD_OWN_USERS),
  };
}

/** @throws as readWorkerSettings */
export const takesWebhook = (environment: Environment): boolean => check(webhook, environment).LIFEGUARD_EVENT_WEBHOOK;

/** @throws as readWorkerSettings */
export const readLogLevel = (environment: Environment): LogLevel => check(logging, environment).LIFEGUARD_LOG_LEVEL;

const queueSettings = (read: z.output<typeof queue>) => ({
  clientId: read.AZURE_CLIENT_ID,
  serviceBus: read.LIFEGUARD_SERVICE_BUS,
  reconcilesPools: read.LIFEGUARD_WATCH_FILTER !== "",
});

const tokens = z.record(z.string(), text);

function tokensOf(json: string | undefined): Readonly<Record<string, string>> {
  const problem = new Error("LIFEGUARD_AUDIT_FORWARD_TOKENS is no JSON object of names and tokens");
  try {
    return tokens.parse(JSON.parse(json ?? "{}"), { reportInput: false });
  } catch {
    throw problem;
  }
}
