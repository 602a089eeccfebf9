/** AWS behind the contract for pools that are reconciled here: an Auto Scaling group and its launch template per AWSMachinePool. */
import { type AwsInfrastructure, awsClusters, awsManagedControlPlanes } from "../../../api/aws/aws-cluster.ts";
import { AWS_MACHINE_POOL_FINALIZER, type AwsMachinePool } from "../../../api/aws/aws-machine-pool.ts";
import type {
  PoolChange,
  PoolCondition,
  PoolProvider,
  PoolRequest,
  PoolSession,
  PoolSight,
} from "../../pool-provider.ts";
import { awsPoolKind } from "../pool-kind.ts";
import { applyChange } from "./apply.ts";
import { type AwsChange, toPoolChange } from "./changes.ts";
import { clientCache, type MakeClients, type PoolClients } from "./clients.ts";
import { lasting } from "./conditions.ts";
import { groupView } from "./group-view.ts";
import { identityClients } from "./identities.ts";
import { launchLookSeconds } from "./launches.ts";
import { awsLookups } from "./lookups.ts";
import { checkNarrower } from "./narrower.ts";
import { nextChange, nextRemoval, prepareRemoval } from "./next-change.ts";
import { objectStore } from "./object-store.ts";
import { observePool } from "./observe.ts";
import { groupReader } from "./read-group.ts";
import { templateReader } from "./read-template.ts";
import { type AwsRequest, isDeleting } from "./request.ts";
import { statementOf } from "./say.ts";
import { scaleGroup } from "./scale.ts";
import type { AwsSight } from "./sight.ts";

export interface AwsPoolSettings {
  /** Makes the clients of one region and identity; those made are kept as long as the provider. */
  readonly makeClients: MakeClients;
  /** Of our lifecycle hooks' names. */
  readonly hookPrefix: string;
  /** Where AWSClusterStaticIdentity's Secrets are: upstream's provider runs there. */
  readonly controllerNamespace: string;
  readonly now?: () => Date;
  /** Of the invocation in work: ends calls in flight. */
  readonly signal?: () => AbortSignal | undefined;
}

export function awsPoolProvider({
  makeClients,
  hookPrefix,
  controllerNamespace,
  now = () => new Date(),
  signal,
}: AwsPoolSettings): PoolProvider {
  const clientsFor = clientCache(makeClients);
  const cache = { architectures: new Map<string, string>(), rootDevices: new Map() };
  return {
    kind: awsPoolKind,
    finalizer: AWS_MACHINE_POOL_FINALIZER,
    groupCondition: "ASGReady",
    open: async (given) => {
      const opened = await openRequest(given);
      if ("waiting" in opened) return opened;
      const { infrastructure, pool } = opened;
      const { region, identityRef } = infrastructure.spec;
      const world = { read: given.read, controllerNamespace, clientsFor, region, now };
      const clients = await identityClients(identityRef, pool.metadata.namespace ?? "", world);
      if ("refusal" in clients) return waiting("ASGReady", "Error", clients.refusal);
      return session(opened, { clients, hookPrefix, cache, signal: signal?.() });
    },
  };
}

const waiting = (
  type: string,
  severity: "Error" | "Info",
  { reason, message }: { readonly reason: string; readonly message: string },
): { readonly waiting: PoolCondition } => ({ waiting: { type, status: "False", severity, reason, message } });

async function openRequest(request: PoolRequest): Promise<AwsRequest | { readonly waiting: PoolCondition }> {
  const pool = request.pool as AwsMachinePool;
  const { failureReason, failureMessage } = pool.status ?? {};
  if (failureReason !== undefined || failureMessage !== undefined) {
    const message = `status.failureReason or failureMessage is set (${failureMessage ?? failureReason}): take both away to go on`;
    return waiting("Ready", "Error", { reason: "FailureReasonSet", message });
  }
  const { infrastructureRef, controlPlaneRef } = request.cluster.spec ?? {};
  const isEks = controlPlaneRef?.kind === awsManagedControlPlanes.kind;
  const name = (isEks ? controlPlaneRef?.name : infrastructureRef?.name) ?? "";
  const resource = isEks ? awsManagedControlPlanes : awsClusters;
  const namespace = request.cluster.metadata.namespace ?? "";
  const infrastructure = name ? await request.read<AwsInfrastructure>(resource, { namespace, name }) : undefined;
  if (!infrastructure) {
    const message = `there is no ${resource.kind} ${namespace}/${name} for Cluster ${request.cluster.metadata.name}`;
    return waiting("ASGReady", "Info", { reason: "WaitingForClusterInfrastructure", message });
  }
  const opened = { ...request, pool, infrastructure, isEks };
  if (request.bootstrap || isDeleting(request)) return opened;
  const message = "the bootstrap data of the MachinePool is not there yet";
  return waiting("ASGReady", "Info", { reason: "WaitingForBootstrapData", message });
}

interface Tools {
  readonly clients: PoolClients;
  readonly hookPrefix: string;
  readonly cache: Parameters<typeof awsLookups>[1];
  readonly signal: AbortSignal | undefined;
}

function session(request: AwsRequest, { clients, hookPrefix, cache, signal }: Tools): PoolSession {
  const readers = {
    groups: groupReader(clients, signal),
    templates: templateReader(clients, signal),
    lookups: awsLookups(clients, cache, signal),
    objects: objectStore(clients, signal),
  };
  const next = (sight: AwsSight) => nextChange(sight, hookPrefix);
  const named = (change: AwsChange | undefined): PoolChange | undefined => change && toPoolChange(change);
  return {
    observe: async (): Promise<PoolSight> => {
      const detail = await observePool(request, readers, hookPrefix);
      const group = groupView(detail);
      const lookSeconds = launchLookSeconds(detail, hookPrefix);
      return { ...(group && { group: { ...group, ...(lookSeconds && { lookSeconds }) } }), detail };
    },
    nextChange: ({ detail }) => named(next(detail as AwsSight)),
    prepareRemoval: ({ detail }) => named(prepareRemoval(detail as AwsSight)),
    nextRemoval: ({ detail }) => named(nextRemoval(detail as AwsSight)),
    apply: async ({ detail }) => {
      const change = detail as AwsChange;
      await checkNarrower(change, readers.groups);
      await applyChange(change, clients, signal);
    },
    scale: ({ detail }, replicas) => scaleGroup(detail as AwsSight, replicas, { clients, ...(signal && { signal }) }),
    say: ({ detail }, failed) => {
      const sight = detail as AwsSight;
      const change = isDeleting(request) ? nextRemoval(sight) : next(sight);
      return statementOf({ sight, change, failed: lasting(failed) });
    },
  };
}
