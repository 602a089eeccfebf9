/** Promises about what is written for a pool of ours: lists that lose nobody, the right victims, no equal and no stale status. */
import type { Answer } from "../../../infra/local/kubernetes/api.ts";
import { DELETE_MACHINE_ANNOTATION } from "../../../lib/api/core/labels.ts";
import { type Machine, machines } from "../../../lib/api/core/machine.ts";
import { machinePools } from "../../../lib/api/core/machine-pool.ts";
import type { KubernetesObject } from "../../../lib/api/kubernetes/meta.ts";
import { type InstanceTermination, instanceTerminations } from "../../../lib/api/lifecycle/instance-termination.ts";
import type { Pass } from "../pass.ts";
import type { Asked, Change } from "../servers.ts";
import { recordFor } from "./court.ts";
import { openRemovals, type PoolCourt } from "./pool-cloud.ts";
import { activeMembers, ownPool } from "./pool-memory.ts";

const MOST_CLUSTER_WRITES = 120;

interface Listed extends KubernetesObject {
  readonly spec?: { readonly providerIDList?: readonly string[] };
  readonly status?: { readonly failureReason?: string; readonly failureMessage?: string };
}

export interface PoolObjects {
  changed(change: Change): void;
  answered(pass: Pass, request: Asked, answer: Answer): void;
}

export function createPoolObjects(court: PoolCourt): PoolObjects {
  const { kinds } = court.scene.cloud;
  const poolPlurals: readonly string[] = [machinePools.plural, kinds.pools.plural];
  const ownPlurals: readonly string[] = [...poolPlurals, machines.plural, kinds.machines.plural];
  const shown = new WeakMap<Pass, Map<string, string>>();
  let effective: Asked | undefined;
  return {
    changed: (change) => {
      const { by, plural, before, after, request } = change;
      if (typeof by === "string") return;
      effective = request;
      if (by.does !== "drain" && ownPlurals.includes(plural) && court.pools.written("cluster") > MOST_CLUSTER_WRITES)
        court.broken("P5", "the same objects are written again and again although nothing happens", plural);
      machineRemoved(court, change);
      if (poolPlurals.includes(plural)) poolWritten(court, { pass: by, plural, before, after });
      if (plural === instanceTerminations.plural && by.does === "pool" && !before && after)
        chosen(court, by, after as InstanceTermination);
      const known = shown.get(by)?.get(after?.metadata.uid ?? "");
      const isStatus = request?.path.endsWith("/status") === true && request.method === "PATCH";
      if (isStatus && ownPlurals.includes(plural) && known !== before?.metadata.resourceVersion)
        court.broken("P3", "a status of a pool is written over one that the pass has not seen", plural);
    },
    answered: (pass, request, answer) => {
      const isOwn = ownPlurals.some((plural) => request.path.includes(`/${plural}`));
      if (!isOwn || answer.code >= 300) return;
      const isPool = pass.does === "pool" || pass.does === "node";
      if (isPool && request.method === "PATCH" && effective !== request && request.body?.includes("resourceVersion"))
        court.broken("P5", "a write changes nothing", `${request.path}: ${request.body}`);
      remember(
        shown,
        pass,
        answer.body as Partial<KubernetesObject> & { readonly items?: readonly KubernetesObject[] },
      );
    },
  };
}

function remember(
  shown: WeakMap<Pass, Map<string, string>>,
  pass: Pass,
  {
    metadata,
    items = [],
  }: { readonly metadata?: KubernetesObject["metadata"]; readonly items?: readonly KubernetesObject[] },
): void {
  const known = shown.get(pass) ?? new Map<string, string>();
  shown.set(pass, known);
  for (const one of [metadata, ...items.map((item) => item.metadata)])
    if (one?.uid !== undefined) known.set(one.uid, one.resourceVersion ?? "");
}

interface Written {
  readonly pass: Pass;
  readonly plural: string;
  readonly before: Listed | undefined;
  readonly after: Listed | undefined;
}

function poolWritten({ scene, broken }: PoolCourt, { plural, before, after }: Written): void {
  if (after?.status?.failureReason !== undefined || after?.status?.failureMessage !== undefined)
    broken("P7", "a failureReason is written, on which upstream's core panics", plural);
  if (!before || !after || scene.facts.describeLagSeconds > 0) return;
  const now = new Set(after.spec?.providerIDList);
  const lost = (before.spec?.providerIDList ?? []).filter((id) => !now.has(id));
  const alive = scene.cloud
    .machines()
    .find(({ providerID, group, state }) => group && state === "running" && lost.includes(providerID));
  if (alive) broken("P1", "an instance is dropped from providerIDList while it runs", `${plural}: ${alive.id}`);
}

/** How many may go at once, and how many may be missing meanwhile: on Azure the pool's own strategy says it, too. */
function toleranceOf(scene: PoolCourt["scene"]): { readonly atOnce: number; readonly missing: number } {
  const { pool, azure } = scene.plan;
  const surge = pool?.surge ?? 1;
  const { maxSurge = 0, maxUnavailable = 0 } = azure?.strategy.rollingUpdate ?? {};
  return { atOnce: Math.max(surge, Number(maxSurge) + Number(maxUnavailable)), missing: Number(maxUnavailable) };
}

/** On Azure, one that has failed, or that somebody deletes already, goes first whatever there is: it does nothing. */
const isServing = ({ cloud }: PoolCourt["scene"], { spec }: InstanceTermination): boolean =>
  cloud.name === "aws" ||
  cloud.machines().some((one) => one.providerID === spec.providerID && one.state === "running" && one.isCounted);

const isMarked = ({ metadata }: Machine) => metadata.annotations?.[DELETE_MACHINE_ANNOTATION] !== undefined;

/** On Azure, whom the annotation names goes, however many are wished. */
const isAskedFor = ({ cloud, management }: PoolCourt["scene"], { spec }: InstanceTermination): boolean =>
  cloud.name === "azure" &&
  management.all<Machine>(machines).some((one) => one.spec.providerID === spec.providerID && isMarked(one));

const isGoing = (object: KubernetesObject | undefined): boolean =>
  !object || object.metadata.deletionTimestamp !== undefined;

/** Whoever finds a Machine on its way out drains its instance: the Machine of one that lives and stays is not ours to delete. */
function machineRemoved({ scene, broken }: PoolCourt, { plural, before, after }: Change): void {
  if (plural !== machines.plural || isGoing(before) || !isGoing(after)) return;
  const { providerID } = (before as Machine).spec;
  const instance = activeMembers(scene).find((one) => one.providerID === providerID);
  if (instance) broken("P6", "the Machine of a living instance is deleted", instance.id);
}

/** One of the instances that shall go is recorded: within the surge, no more than asked, and the one that was chosen. */
function chosen(court: PoolCourt, pass: Pass, record: InstanceTermination): void {
  const { scene, pools, broken } = court;
  if (record.spec.removal?.decrement !== true || ownPool(scene)?.metadata.deletionTimestamp !== undefined) return;
  const open = openRemovals(court);
  const isRace = open.some(
    ({ metadata }) =>
      Date.parse(metadata.creationTimestamp ?? "") >= pass.startedAt - 1000 && metadata.name !== record.metadata.name,
  );
  const { atOnce, missing } = toleranceOf(scene);
  if (open.length > atOnce && !isRace)
    broken("P1", "more are taken out at once than the surge allows", `${open.length}`);
  const going = new Set(open.map(({ spec }) => spec.providerID));
  const members = activeMembers(scene);
  const staying = members.filter((one) => !going.has(one.providerID)).length;
  // Somebody else made the group smaller while the pass looked at it.
  const wereMore = Math.max(...pools.counting.since(pass.startedAt)) > members.length;
  const least = Math.min(...pools.wishes.since(pass.startedAt));
  const isSurplus = isServing(scene, record) && !isAskedFor(scene, record);
  if (staying < least - missing && !isRace && !wereMore && isSurplus && scene.facts.describeLagSeconds === 0)
    broken("P1", "more are taken out than nobody asked for any more", `${staying} instead of ${least}`);
  inOrder(court, pass, record);
}

function inOrder({ scene, broken, marks, memory }: PoolCourt, pass: Pass, record: InstanceTermination): void {
  const all = scene.management.all<Machine>(machines);
  const own = all.find(({ spec }) => spec.providerID === record.spec.providerID);
  if (scene.facts.describeLagSeconds > 0 || (own && isMarked(own)) || !isServing(scene, record)) return;
  const active = new Set(activeMembers(scene).map(({ id }) => id));
  const passedOver = all.find((machine) => {
    const id = scene.cloud.instanceIdOf(machine.spec.providerID ?? "") ?? "";
    const since = marks.get(machine.metadata.name) ?? Number.POSITIVE_INFINITY;
    // Whom a person took back goes last, marked or not.
    const isOpen = active.has(id) && !recordFor(scene, id) && !memory.cancelledAt.has(id);
    return isMarked(machine) && since < pass.startedAt && isOpen;
  });
  if (passedOver)
    broken(
      "P5",
      "another instance goes than the one that was chosen",
      `${record.metadata.name}, not ${passedOver.metadata.name}`,
    );
}
