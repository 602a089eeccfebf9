/** Promises about what a pool of ours asks of Azure: machines go by name and drained, and nothing is asked for nothing. */
import { azureOf, type CloudRequest, type Input } from "../clouds/simulated-cloud.ts";
import type { Pass } from "../pass.ts";
import { POOL } from "../scene.ts";
import { recordFor } from "./court.ts";
import { letGoWhenDrained } from "./hold-promises.ts";
import { leavesNoChoice, type PoolCourt, writtenInMeasure } from "./pool-cloud.ts";
import { isManagedElsewhere, ownPool, poolMembers } from "./pool-memory.ts";

export interface AzurePoolDesk {
  readonly court: PoolCourt;
  readonly count: (effect: string) => void;
  /** Who asked for which deletion last. */
  readonly takers: Map<string, Pass>;
  /** The pass whose write of the set Azure took last, while nobody else has asked anything of it. */
  last?: { readonly writer: Pass; readonly othersAsked: number };
}

interface Told {
  readonly pass: Pass;
  readonly action: string;
  readonly input: Input;
}

type Check = (desk: AzurePoolDesk, told: Told) => void;

export function azurePoolAsked(desk: AzurePoolDesk, pass: Pass, request: CloudRequest): void {
  const { action, input, isDone } = request;
  writtenInMeasure(desk.court, pass, request);
  const told = { pass, action, input };
  if (isDone) CHECKS[action.replace("Microsoft.Compute/", "")]?.(desk, told);
  else begunTwice(desk, told);
}

/** Whoever begins something writes it down: the next pass knows that it is under way. */
function begunTwice({ court, last }: AzurePoolDesk, { pass, input }: Told): void {
  const isBusy = `${input.answer as string}`.includes("Another operation on scale set");
  if (!isBusy || pass.does !== "pool" || !last || court.scene.facts.describeLagSeconds > 0) return;
  if (azureOf(court.scene).othersAsked() > last.othersAsked) return;
  const lastWriter = last.writer;
  const knew = !lastWriter.hurt && lastWriter.did !== undefined && lastWriter.did !== "conflicted";
  if (knew && (lastWriter.endedAt ?? Number.POSITIVE_INFINITY) <= pass.startedAt)
    court.broken("P5", "an operation is begun while one of ours is under way", `${lastWriter.label}, ${pass.label}`);
}

interface Body {
  readonly sku?: { readonly capacity?: number };
  readonly instanceIds?: readonly string[];
}
const bodyOf = ({ body }: Input): Body => (body ?? {}) as Body;

const written: Check = (desk, told) => {
  const { court, count } = desk;
  const { pass, input } = told;
  const before = input.capacity as number | undefined;
  const isResize = input.method === "PATCH";
  count(before === undefined ? "scale set made" : isResize ? "scale set resized" : "scale set written");
  const wanted = bodyOf(input).sku?.capacity;
  // What a drain begins, a pass of the pool beside it does not know.
  delete desk.last;
  if (pass.does === "pool") desk.last = { writer: pass, othersAsked: azureOf(court.scene).othersAsked() };
  if (wanted === undefined || before === undefined) return;
  if (wanted < before) leavesNoChoice(court, told, wanted);
  if (wanted > before && pass.does === "pool") staysWithinSurge(court, pass, wanted);
};

function staysWithinSurge({ scene, pools, broken }: PoolCourt, pass: Pass, wanted: number): void {
  if (isManagedElsewhere(ownPool(scene)) || scene.facts.describeLagSeconds > 0) return;
  const { maxSurge = 1 } = azureOf(scene).plan.strategy.rollingUpdate ?? {};
  const most = Math.max(...pools.wishes.since(pass.startedAt)) + Number(maxSurge);
  if (wanted > most)
    broken("P5", "more machines are asked for than are wished and may surge", `${wanted}, not ${most}`);
}

const namesOf = ({ path, ...input }: Input): readonly string[] => {
  const ids = bodyOf(input).instanceIds;
  if (ids) return ids.map((id) => (/^\d+$/.test(id) ? `${POOL}_${id}` : id).toLowerCase());
  return [`${path as string}`.split("/").at(-1)?.toLowerCase() ?? ""];
};

const takesOutOnce: Check = (desk, { pass, input }) => {
  for (const instanceId of namesOf(input)) takenOut(desk, pass, instanceId);
};

function takenOut({ court, count, takers }: AzurePoolDesk, pass: Pass, instanceId: string): void {
  const { scene, broken } = court;
  const record = recordFor(scene, instanceId);
  count("instance taken out");
  const isKnown = scene.cloud.machines().some(({ id, group }) => id === instanceId && group !== undefined);
  if (pass.does !== "drain" || !record?.spec.removal) {
    if (isKnown) broken("P6", "an instance is taken out that nobody asked to go", instanceId);
    return;
  }
  const name = `${instanceId} ${record.metadata.uid}`;
  // A deletion that failed at its end has left it counted: it is asked for once more.
  const isUnderWay = isKnown && !court.pools.active().has(instanceId);
  // Two at the same time ask for the same: Azure deletes by name, and counts it once.
  const before = takers.get(name);
  if (before && isUnderWay && (before.endedAt ?? Number.POSITIVE_INFINITY) <= pass.startedAt)
    broken("P1", "an instance is taken out twice", instanceId);
  takers.set(name, pass);
  letGoWhenDrained(court, pass, { instanceId, record });
}

const removed: Check = ({ court, count }, { input }) => {
  const { scene, broken } = court;
  const pool = ownPool(scene);
  count("scale set deleted");
  if (pool && pool.metadata.deletionTimestamp === undefined)
    broken("P6", "something of a pool that stays is deleted", `${input.about as string}`);
  const left = poolMembers(scene).filter(({ state }) => state === "running");
  if (left.length > 0) broken("P1", "a scale set is deleted with machines in it", left.map(({ id }) => id).join(", "));
};

const CHECKS: Readonly<Record<string, Check>> = {
  "virtualMachineScaleSets/write": written,
  "virtualMachineScaleSets/delete": removed,
  "virtualMachineScaleSets/delete/action": takesOutOnce,
  "virtualMachines/delete": takesOutOnce,
  "virtualMachineScaleSets/virtualMachines/write": ({ count }) => count("machine protected"),
};
