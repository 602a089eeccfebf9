/** Azure behind the contract for pools that are reconciled here: a scale set per AzureMachinePool, in either mode. */
import type { HttpClient } from "@azure/core-rest-pipeline";
import type { TokenCredential } from "@azure/identity";
import { AZURE_MACHINE_POOL_FINALIZER, type AzureMachinePool } from "../../../api/azure/azure-machine-pool.ts";
import type {
  PoolChange,
  PoolCondition,
  PoolProvider,
  PoolRequest,
  PoolSession,
  PoolSight,
} from "../../pool-provider.ts";
import { azurePoolKind } from "../pool-kind.ts";
import { applyChange, type Begun } from "./apply.ts";
import { type AzureCloud, azureCloud } from "./azure-clouds.ts";
import { type AzureChange, toPoolChange } from "./changes.ts";
import { type AzureClients, type ClientsFor, clientCache } from "./clients.ts";
import { groupView } from "./group-view.ts";
import { findCredential } from "./identities.ts";
import { nextChange, nextRemoval } from "./next-change.ts";
import { observePool } from "./observe.ts";
import { type AzureRequest, isDeleting, scaleSetIdOf } from "./request.ts";
import { type RolloutSeen, rolloutStep } from "./rollout.ts";
import { statementOf } from "./say.ts";
import { scaleSet } from "./scale.ts";
import type { AzureSight, Problem } from "./sight.ts";
import { readSurroundings } from "./surroundings.ts";

export interface AzurePoolSettings {
  /** The function's own identity. */
  readonly credential: TokenCredential;
  /** Where a cluster names none. */
  readonly subscriptionId: string;
  /** Instead of the public cloud's Resource Manager, e.g. that of the local cloud. */
  readonly armEndpoint?: string;
  /** Instead of the public cloud's place for tokens. */
  readonly authorityHost?: string;
  /** Scale sets tell of scheduled events outside their machines; a preview of Azure that must be registered. */
  readonly publishScheduledEvents?: boolean;
  /**
   * GUIDs of the role definitions that the function's own identity was allowed to give to scale sets' identities. Default:
   * none. Clusters with an identity of their own are entered with that, and this says nothing of it.
   */
  readonly assignableRoles?: readonly string[];
  readonly now?: () => Date;
  /** What carries requests to Resource Manager; absent: one with time limits. */
  readonly http?: HttpClient;
  /** Of the invocation in work: ends calls in flight. */
  readonly signal?: () => AbortSignal | undefined;
}

export function azurePoolProvider(settings: AzurePoolSettings): PoolProvider {
  const { now = () => new Date(), signal } = settings;
  const clientsFor = clientCache(now);
  return {
    kind: azurePoolKind,
    finalizer: AZURE_MACHINE_POOL_FINALIZER,
    groupCondition: "ScaleSetRunning",
    open: async (given) => {
      const opened = await openRequest(given, settings);
      if ("waiting" in opened) return opened;
      const clients = await clientsOf(opened, settings, clientsFor);
      if ("refusal" in clients) return waiting("ScaleSetRunning", "Error", clients.refusal);
      return session(opened, clients, signal?.());
    },
  };
}

const waiting = (
  type: string,
  severity: "Error" | "Info",
  { reason, message }: Problem,
): { readonly waiting: PoolCondition } => ({ waiting: { type, status: "False", severity, reason, message } });

async function openRequest(
  request: PoolRequest,
  { subscriptionId, publishScheduledEvents = false, assignableRoles = [] }: AzurePoolSettings,
): Promise<AzureRequest | { readonly waiting: PoolCondition }> {
  const pool = request.pool as AzureMachinePool;
  const { failureReason, failureMessage } = pool.status ?? {};
  if (failureReason !== undefined || failureMessage !== undefined) {
    const message = `status.failureReason or failureMessage is set (${failureMessage ?? failureReason}): take both away to go on`;
    return waiting("Ready", "Error", { reason: "FailureReasonSet", message });
  }
  const surroundings = await readSurroundings(request.cluster, request.read);
  if (!surroundings) {
    const { namespace = "", name } = request.cluster.metadata;
    const message = `Cluster ${namespace}/${name} has no AzureCluster or AzureManagedControlPlane (yet)`;
    return waiting("ScaleSetRunning", "Info", { reason: "WaitingForClusterInfrastructure", message });
  }
  const own = surroundings.subscriptionId ?? subscriptionId;
  const roles = surroundings.identity ? ("any" as const) : assignableRoles.map((id) => id.toLowerCase());
  const found = { pool, surroundings, subscriptionId: own, publishScheduledEvents, assignableRoles: roles };
  const opened = { ...request, ...found };
  if (request.bootstrap || isDeleting(request)) return opened;
  const message = "the bootstrap data of the MachinePool is not there yet";
  return waiting("ScaleSetRunning", "Info", { reason: "WaitingForBootstrapData", message });
}

async function clientsOf(
  { surroundings, subscriptionId, cluster, read }: AzureRequest,
  settings: AzurePoolSettings,
  clientsFor: ClientsFor,
): Promise<AzureClients | { readonly refusal: Problem }> {
  const cloud = cloudOf(surroundings.environment, settings);
  if (!cloud) {
    const message = `azureEnvironment ${surroundings.environment} is none that is known: AzurePublicCloud, AzureChinaCloud or AzureUSGovernmentCloud`;
    return { refusal: { reason: "UnknownEnvironment", message } };
  }
  const { endpoint, scope, authorityHost } = cloud;
  const world = { read, own: settings.credential, authorityHost };
  const found = await findCredential(surroundings.identity, cluster.metadata.namespace ?? "", world);
  if ("refusal" in found) return found;
  const access = () => ({ subscriptionId, endpoint, scope, credential: found.credential(), http: settings.http });
  return clientsFor([endpoint, subscriptionId, found.key].join(" "), access);
}

/** Whoever overrides an address overrides the public cloud's. */
function cloudOf(environment: string, { armEndpoint, authorityHost }: AzurePoolSettings): AzureCloud | undefined {
  const known = azureCloud(environment);
  if (!known || environment !== "AzurePublicCloud") return known;
  return { ...known, endpoint: armEndpoint ?? known.endpoint, authorityHost: authorityHost ?? known.authorityHost };
}

function session(request: AzureRequest, clients: AzureClients, signal: AbortSignal | undefined): PoolSession {
  const { spec } = request.pool;
  // What this pass has begun and found: said at its end, so that the next pass knows.
  let begun: Begun | undefined;
  let decided: RolloutSeen | undefined;
  const tools = { id: scaleSetIdOf(request), clients, signal };
  const named = (change: AzureChange | undefined): PoolChange | undefined => change && toPoolChange(change);
  return {
    observe: async (): Promise<PoolSight> => {
      const detail = await observePool(request, clients, signal);
      const group = groupView(detail);
      return { ...(group && { group }), detail };
    },
    nextChange: ({ detail }) => named(nextChange(detail as AzureSight, spec)),
    nextRemoval: ({ detail }) => named(nextRemoval(detail as AzureSight)),
    rollout: ({ detail }, wish) => {
      decided = rolloutStep(detail as AzureSight, spec.strategy, wish);
      return decided.step;
    },
    apply: async ({ detail }) => {
      begun = (await applyChange(detail as AzureChange, tools)) ?? begun;
    },
    scale: async ({ detail }, replicas) => {
      begun = (await scaleSet(detail as AzureSight, replicas, { tools, spec })) ?? begun;
    },
    say: ({ detail }, failed) => {
      const sight = detail as AzureSight;
      const reconciledReplicas = decided?.converged ? sight.wish?.replicas : undefined;
      return statementOf({ sight, pool: request.pool, failed, begun, reconciledReplicas });
    },
  };
}
