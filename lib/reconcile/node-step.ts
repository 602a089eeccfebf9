/** One pass over one MachinePool: observe, decide one action, act, write status, say when to look again. */
import { type Cluster, clusters } from "../api/core/cluster.ts";
import { DELETE_FOR_MOVE_ANNOTATION, WATCH_FILTER_LABEL } from "../api/core/labels.ts";
import { type MachinePool, machinePools } from "../api/core/machine-pool.ts";
import type { Key } from "../api/key.ts";
import { toTime } from "../kubernetes/conditions.ts";
import type { PoolKind } from "../providers/provider.ts";
import { recordRemoval } from "./act/record-removal.ts";
import { tellEvents } from "./act/tell-events.ts";
import { writeObjects } from "./act/write-objects.ts";
import { writePoolStatus, writeStop } from "./act/write-pool-status.ts";
import { afterFailure, type NodeAction, nextNodeAction } from "./decide/node-action.ts";
import { nextNodeLook } from "./decide/node-look.ts";
import { type Failure, poolEvents } from "./decide/pool-events.ts";
import { isDeleting, pausedMessage } from "./decide/pool-facts.ts";
import { poolStatus } from "./decide/pool-status.ts";
import type { PoolView } from "./decide/pool-view.ts";
import { observePool, type PoolSubject } from "./observe/pool-view.ts";
import type { Outcome, PoolWorld, World } from "./step.ts";
import { ignoreNotFound, isConflict, troubleOf } from "./trouble.ts";

const CONFLICT_SECONDS = 1;

/**
 * Repeatable at any point: a pass that died is made again by the next.
 * @param key of a MachinePool
 * @returns   with `others`: keys that this pass gave a reason to look at
 * @throws    what neither time nor a later pass mends (a refused body, a fault of our own)
 */
export async function nodeStep(world: World | PoolWorld, key: Key): Promise<Outcome> {
  try {
    return { ...(await onePass(world, key)), object: key };
  } catch (error) {
    return { ...outcomeOfTrouble(error), object: key };
  }
}

function outcomeOfTrouble(error: unknown): Outcome {
  if (isConflict(error)) return { did: "conflicted", againSeconds: CONFLICT_SECONDS };
  const trouble = troubleOf(error);
  if (!trouble) throw error;
  const { reason, message, againSeconds } = trouble;
  return { did: "failed", because: reason, message, againSeconds };
}

const ignored = (because: string): Outcome => ({ did: "ignored", because });

async function onePass(world: World | PoolWorld, { namespace, name }: Key): Promise<Outcome> {
  const { management } = world.clusters;
  const machinePool = await management.get<MachinePool>(machinePools, { namespace, name }).catch(ignoreNotFound);
  if (!machinePool) return ignored("NotFound");
  const { labels, annotations } = machinePool.metadata;
  const filter = world.settings.watchFilter;
  if (!filter || labels?.[WATCH_FILTER_LABEL] !== filter) return ignored("OtherWatchFilter");
  const kind = kindOf(world, machinePool);
  if (!kind) return ignored("OtherProvider");
  if (annotations?.[DELETE_FOR_MOVE_ANNOTATION] !== undefined) return ignored("Moved");
  if (isDeleting({ machinePool }) && !machinePool.metadata.finalizers?.length) return ignored("Deleted");
  const at = { namespace, name: machinePool.spec.clusterName };
  const cluster = await management.get<Cluster>(clusters, at).catch(ignoreNotFound);
  const message = pausedMessage(machinePool, cluster);
  if (message !== undefined) {
    const paused = { type: "Paused", status: "True", reason: "Paused", message } as const;
    await writeStop(management, machinePool, { ...paused, now: world.now() });
    return ignored("Paused");
  }
  if (!cluster && !isDeleting({ machinePool })) return noCluster(world, machinePool);
  return reconcile(world, { machinePool, cluster, kind });
}

/** Of the kinds that this deployment has a provider for. */
function kindOf(world: World | PoolWorld, { spec }: MachinePool): PoolKind | undefined {
  const { apiGroup, kind } = spec.template.spec.infrastructureRef;
  const known = "poolProviders" in world ? world.poolProviders.map((provider) => provider.kind) : [];
  return [world.provider.pools, ...known].find(
    ({ resource }) => resource.kind === kind && resource.apiVersion.startsWith(`${apiGroup}/`),
  );
}

/** The Cluster itself is a hint that leads here. */
async function noCluster({ clusters: { management }, now }: World, machinePool: MachinePool): Promise<Outcome> {
  const message = `there is no Cluster ${machinePool.spec.clusterName} in this namespace: create it, or delete the pool`;
  const unavailable = { type: "Available", status: "False", reason: "NotAvailable", message: `* ${message}` } as const;
  await writeStop(management, machinePool, { ...unavailable, now: now() });
  return { did: "waited", because: "NoCluster", message: `MachinePool ${machinePool.metadata.name}: ${message}` };
}

async function reconcile(world: World, subject: PoolSubject): Promise<Outcome> {
  const view = await observePool(world, subject);
  const action = nextNodeAction(view);
  if (world.settings.dryRun) return { did: "planned", because: action.because };
  const acted = await act(world, view, action);
  const { done, others } = acted;
  if (done?.do === "let-go") return outcomeOf(view, done);
  const told = others.length > 0 && { others };
  if (acted.lostRace) return { ...outcomeOfTrouble(acted.lostRace), ...told };
  try {
    await giveAccount(world, view, acted);
    return { ...outcomeOf(view, done ?? action), ...told };
  } catch (error) {
    // What was done must be looked at, although the account of it is to be given again.
    return { ...outcomeOfTrouble(error), ...told };
  }
}

/** Status and Events say what is and what was done; then the first failure is thrown. */
async function giveAccount(world: World, view: PoolView, { done, stored, failures }: Acted): Promise<void> {
  // The generation that our own hand-over made is observed with it.
  const { generation } = stored.metadata;
  const said = poolStatus(view, generation ?? 1);
  const { management } = world.clusters;
  await writePoolStatus(management, stored, said, world.now());
  const told = poolEvents(view.machinePool, said, { action: done, failures });
  await tellEvents(management, view.machinePool, { said: told, time: toTime(world.now()) });
  const [failure] = failures;
  if (failure) throw failure.error;
}

interface Done {
  readonly done: NodeAction;
  /** The pool as it is stored now. */
  readonly stored: MachinePool;
  readonly others: readonly Key[];
}

interface Acted extends Omit<Done, "done"> {
  /** Absent: everything that was tried failed. */
  readonly done?: NodeAction;
  readonly failures: readonly (Failure & { readonly error: unknown })[];
  /** The conflict that ended the pass. */
  readonly lostRace?: unknown;
}

/** A failure keeps the pass neither from what comes after it nor from saying what it saw. */
async function act(world: World, view: PoolView, first: NodeAction): Promise<Acted> {
  const failures: (Failure & { readonly error: unknown })[] = [];
  const others: Key[] = [];
  for (let action: NodeAction | undefined = first; action; action = afterFailure(view, action)) {
    try {
      const performed = await perform(world, view, action);
      return { ...performed, others: [...others, ...performed.others], failures };
    } catch (error) {
      // Of several writes some may have been made.
      others.push(...toldByWriting(view, action));
      if (isConflict(error)) return { stored: view.machinePool, others, failures, lostRace: error };
      failures.push({ because: action.because, message: error instanceof Error ? error.message : "", error });
    }
  }
  return { stored: view.machinePool, others, failures };
}

async function perform(world: World, view: PoolView, action: NodeAction): Promise<Done> {
  const { management } = world.clusters;
  const { machinePool } = view;
  const result = { done: action, stored: machinePool, others: [] };
  switch (action.do) {
    case "wait":
      return result;
    case "patch-pool": {
      const stored = await patchPool(world, machinePool, action.body);
      return { ...result, stored, others: action.tellsInfrastructure ? infrastructureKeys(view) : [] };
    }
    case "let-go": {
      const { resourceVersion } = machinePool.metadata;
      const body = { metadata: { resourceVersion, finalizers: action.finalizers } };
      // Another pass that ran beside this one was faster.
      await patchPool(world, machinePool, body).catch(ignoreNotFound);
      return result;
    }
    case "record":
      return { ...result, others: [await record(world, view, action)] };
    case "write": {
      const client = action.cluster === "management" ? management : await workloadOf(world, machinePool);
      await writeObjects(client, action.writes, world.settings.evictionParallelism);
      return { ...result, others: toldByWriting(view, action) };
    }
  }
}

const patchPool = ({ clusters: { management } }: World, { metadata }: MachinePool, body: object) =>
  management.patch<MachinePool>(
    machinePools,
    { namespace: metadata.namespace ?? "", name: metadata.name },
    { type: "merge", body },
  );

const workloadOf = (world: World, { metadata, spec }: MachinePool) =>
  world.clusters.workload({ namespace: metadata.namespace ?? "", name: spec.clusterName });

function record(
  world: World,
  { machinePool, instanceIds, nowSeconds }: PoolView,
  { asked }: Extract<NodeAction, { do: "record" }>,
) {
  const instanceId = instanceIds.get(asked.providerID) ?? asked.providerID;
  const { dryRun } = world.settings;
  return recordRemoval(world.clusters.management, { machinePool, asked, instanceId, nowSeconds, dryRun });
}

/** Writes to the infrastructure pool itself. */
const TELLS_INFRASTRUCTURE: readonly string[] = ["Adopted", "ReferencesDeleted"];

const toldByWriting = (view: PoolView, action: NodeAction): readonly Key[] =>
  action.do === "write" && TELLS_INFRASTRUCTURE.includes(action.because) ? infrastructureKeys(view) : [];

/** The infrastructure's step waits for what is handed over here: our own writes are no hint to it. */
const infrastructureKeys = ({ infrastructure, machinePool }: PoolView): readonly Key[] =>
  infrastructure.seen === "found"
    ? [
        {
          kind: infrastructure.resource.kind,
          namespace: machinePool.metadata.namespace ?? "",
          name: infrastructure.object.metadata.name,
        },
      ]
    : [];

const DID: Readonly<Record<NodeAction["do"], string>> = {
  wait: "waited",
  write: "wrote",
  record: "recorded",
  "patch-pool": "handed-over",
  "let-go": "let-go",
};

function outcomeOf(view: PoolView, action: NodeAction): Outcome {
  const againSeconds = nextNodeLook(view, action);
  return { did: DID[action.do], because: action.because, ...(againSeconds !== undefined && { againSeconds }) };
}
