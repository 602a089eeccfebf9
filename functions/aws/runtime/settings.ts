/** What a deployed function is told by its environment, read once, and refused with the name of the variable. */
import * as z from "zod";
import { DEFAULT_HOOK_NAME_PREFIX } from "../../../lib/providers/aws/hook-names.ts";
import type { ManagementReference } from "../../../lib/providers/aws/management-kubeconfig.ts";
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

export type { Environment } from "../../../lib/providers/environment.ts";

const queue = z.object({
  /** URL of the queue that brings keys back. */
  LIFEGUARD_QUEUE_URL: z.url(),
  /** URL of the queue of pools; without it no pool is reconciled. */
  LIFEGUARD_POOL_QUEUE_URL: optional(z.url()),
  ...watchVariables,
});

const worker = queue.extend({
  AWS_REGION: text,
  /** Lifecycle hooks whose names begin so are ours. */
  LIFEGUARD_HOOK_PREFIX: or(text, DEFAULT_HOOK_NAME_PREFIX),
  /** ARN or name: an SSM parameter (name with a leading slash) or a Secrets Manager secret that holds a kubeconfig. */
  LIFEGUARD_KUBECONFIG_ARN: optional(text),
  /** Instead of a kubeconfig: an EKS cluster, entered with the function's own role. */
  LIFEGUARD_EKS_CLUSTER: optional(text),
  LIFEGUARD_EKS_ENDPOINT: optional(z.url({ protocol: /^https$/ })),
  /** Base64, as `aws eks describe-cluster` prints it. */
  LIFEGUARD_EKS_CA: optional(z.base64()),
  LIFEGUARD_REBALANCE_POLICY: or(z.enum(NOTICE_POLICIES), "Ignore"),
  LIFEGUARD_MAINTENANCE_POLICY: or(z.enum(NOTICE_POLICIES), "Drain"),
  ...reconcileVariables,
  /** Where the Secrets of AWSClusterStaticIdentities are. */
  LIFEGUARD_CONTROLLER_NAMESPACE: or(text, "capa-system"),
});

const audit = queue.extend({
  /** ARN or name, as LIFEGUARD_KUBECONFIG_ARN; holds one bearer token per line, two while they are changed. */
  LIFEGUARD_AUDIT_TOKEN_ARN: text,
  ...auditVariables,
});

/** @throws Error that names each variable and what is wrong with it, without its value */
export function readWorkerSettings(environment: Environment) {
  const read = check(worker, environment);
  return {
    region: read.AWS_REGION,
    queueUrl: read.LIFEGUARD_QUEUE_URL,
    poolQueueUrl: read.LIFEGUARD_POOL_QUEUE_URL,
    controllerNamespace: read.LIFEGUARD_CONTROLLER_NAMESPACE,
    hookNamePrefix: read.LIFEGUARD_HOOK_PREFIX,
    management: managementOf(read),
    rebalancePolicy: read.LIFEGUARD_REBALANCE_POLICY,
    maintenancePolicy: read.LIFEGUARD_MAINTENANCE_POLICY,
    reconcile: reconcileSettings(read),
  };
}

/** @throws as readWorkerSettings */
export function readAuditSettings(environment: Environment) {
  const read = check(audit, environment);
  return {
    queueUrl: read.LIFEGUARD_QUEUE_URL,
    poolQueueUrl: read.LIFEGUARD_POOL_QUEUE_URL,
    reconcilesPools: read.LIFEGUARD_WATCH_FILTER !== "",
    forwards: forwardsOf(read.LIFEGUARD_AUDIT_FORWARDS),
    tokenReference: read.LIFEGUARD_AUDIT_TOKEN_ARN,
    ownUsers: userList(read.LIFEGUARD_OWN_USERS),
  };
}

function managementOf(read: z.output<typeof worker>): ManagementReference {
  const { LIFEGUARD_KUBECONFIG_ARN: reference, LIFEGUARD_EKS_CLUSTER: clusterName } = read;
  const { LIFEGUARD_EKS_ENDPOINT: endpoint, LIFEGUARD_EKS_CA: certificateAuthority } = read;
  if (reference !== undefined && clusterName === undefined) return { from: "secret", reference };
  if (reference === undefined && clusterName !== undefined && endpoint !== undefined && certificateAuthority) {
    return { from: "eks", clusterName, endpoint, certificateAuthority };
  }
  throw new Error(
    "set LIFEGUARD_KUBECONFIG_ARN, or all of LIFEGUARD_EKS_CLUSTER, LIFEGUARD_EKS_ENDPOINT and LIFEGUARD_EKS_CA, " +
      "but not both: the function must know its management cluster",
  );
}
