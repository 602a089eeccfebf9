/** When all is quiet: everything is finished, says so truly, and nothing of ours is left behind. */
import { type Node, nodes } from "../../../lib/api/kubernetes/node.ts";
import {
  type InstanceTermination,
  instanceTerminations,
  TERMINATING_TAINT,
} from "../../../lib/api/lifecycle/instance-termination.ts";
import type { Machine } from "../clouds/simulated-cloud.ts";
import type { Scene } from "../scene.ts";
import { type Court, instanceOf, isOurs, nodeOf, recordFor } from "./court.ts";

const isOpen = ({ status }: InstanceTermination) => status?.finishTime === undefined;

/** What keeps a run from its rest; empty: nothing. */
export function unfinished({ scene, hooks }: Court): readonly string[] {
  const records = scene.management.all<InstanceTermination>(instanceTerminations);
  const open = records.filter((record) => isOpen(record) || record.metadata.deletionTimestamp !== undefined);
  const waits = hooks.all().filter(({ instanceId }) => isOurs(scene, instanceId));
  const taken = scene.cloud.machines().filter((machine) => machine.isOurs && isStillToGo(scene, machine));
  return [
    ...open.map(
      ({ metadata, status }) =>
        `${metadata.name} is ${metadata.deletionTimestamp ? "being deleted" : (status?.phase ?? "untouched")} ${JSON.stringify(status?.waitingFor ?? [])}`,
    ),
    ...waits.map(({ instanceId, hook }) => `${instanceId} waits for ${hook}`),
    ...taken.map(({ id }) => `${id} is still to go`),
  ];
}

/** A group notices within a minute that an instance of it was taken. */
const NOTICED_MILLISECONDS = 60_000;

/** The cloud has announced that it takes it, even if nobody has heard it. */
const isStillToGo = ({ facts, time }: Scene, { id, isInService }: Machine): boolean =>
  isInService && (facts.takenAt.get(id) ?? []).some((at) => at > time.now() - NOTICED_MILLISECONDS);

export function atRest(court: Court): void {
  const { scene } = court;
  for (const record of scene.management.all<InstanceTermination>(instanceTerminations)) endIsTrue(court, record);
  for (const node of scene.workload.all<Node>(nodes)) nothingIsLeft(court, node);
}

const isAlive = ({ scene }: Court, instanceId: string): boolean => {
  const machine = scene.cloud.machines().find(({ id }) => id === instanceId);
  return machine?.state === "running" && machine.isInService;
};

function endIsTrue(court: Court, record: InstanceTermination): void {
  const { scene, broken } = court;
  const { phase } = record.status ?? {};
  const { name } = record.metadata;
  const alive = isAlive(court, instanceOf(record));
  if (phase === "Released" && alive) broken("P5", "a status says Released of an instance in service", name);
  if (phase === "Released" && nodeOf(scene, record.spec.providerID))
    broken("P1", "the Node of a released instance is left", name);
  if (phase === "Cancelled" && !alive && nodeOf(scene, record.spec.providerID))
    broken("P5", "a status says Cancelled of an instance that left", name);
}

function nothingIsLeft(court: Court, node: Node): void {
  const instanceId = court.scene.cloud.instanceIdOf(node.spec?.providerID ?? "") ?? "";
  const isTainted = node.spec?.taints?.some(({ key }) => key === TERMINATING_TAINT);
  if (!isTainted || !isAlive(court, instanceId)) return;
  const record = recordFor(court.scene, instanceId);
  if (!record || record.status?.finishTime !== undefined)
    court.broken("P6", "our taint is left on a Node in service", node.metadata.name);
}
