/** What people are told about a MachinePool beside its status: once per change, never per pass. */
import type { MachinePool } from "../../api/core/machine-pool.ts";
import type { NodeAction } from "./node-action.ts";
import type { SaidPoolStatus } from "./pool-status.ts";

export interface PoolEvent {
  readonly type: "Normal" | "Warning";
  /** CamelCase, stable. */
  readonly reason: string;
  readonly message: string;
}

/** What was tried, and what the API server said to it; never a body. */
export interface Failure {
  readonly because: string;
  readonly message: string;
}

/** @source cluster-api core/reconcilers/machinepool/machinepool_controller_noderef.go (SuccessfulSetNodeRefs) */
export function poolEvents(
  before: MachinePool,
  said: SaidPoolStatus,
  { action, failures }: { readonly action: NodeAction | undefined; readonly failures: readonly Failure[] },
): readonly PoolEvent[] {
  return [
    ...nodeRefEvents(before, said),
    ...inspectionEvents(before, said),
    ...conditionEvents(before, said),
    ...failures.map(failureEvent),
    ...(action ? actionEvents(action) : []),
  ];
}

function nodeRefEvents({ status }: MachinePool, { fields }: SaidPoolStatus): readonly PoolEvent[] {
  const [old, next] = [status?.nodeRefs ?? [], fields.nodeRefs ?? []];
  const known = new Set(old.map(({ uid }) => uid));
  const isSame = old.length === next.length && next.every(({ uid }) => known.has(uid));
  if (isSame) return [];
  return [{ type: "Normal", reason: "SuccessfulSetNodeRefs", message: `${next.length} Nodes belong to this pool` }];
}

/** Once, when Nodes can be read no longer. */
function inspectionEvents({ status }: MachinePool, { conditions }: SaidPoolStatus): readonly PoolEvent[] {
  const isUnknown = (all: readonly { readonly type: string; readonly status: string }[] | undefined) =>
    all?.some((one) => one.type === "MachinesReady" && one.status === "Unknown") ?? false;
  const message = conditions.find(({ type }) => type === "MachinesReady")?.message ?? "";
  if (!isUnknown(conditions) || isUnknown(status?.conditions)) return [];
  return [{ type: "Warning", reason: "FailedSetNodeRef", message }];
}

/** A condition that became False for a reason that a person must mend. */
const ALARMS: readonly string[] = [
  "IncorrectExternalRef",
  "AmbiguousNodes",
  "DataSecretNameMissing",
  "ContractUnknown",
  "ForeignController",
  "KindNotServed",
];

function conditionEvents({ status }: MachinePool, { v1beta1Conditions }: SaidPoolStatus): readonly PoolEvent[] {
  const old = new Map(status?.deprecated?.v1beta1?.conditions?.map((one) => [one.type, one.reason]));
  return v1beta1Conditions
    .filter(({ type, reason }) => type !== "Ready" && reason && ALARMS.includes(reason) && old.get(type) !== reason)
    .map(({ reason = "", message = "" }) => ({ type: "Warning", reason, message }));
}

const SAID: Readonly<Record<string, string>> = {
  NodesRemoved: "SuccessfulDeleteNodes",
  MachinesRemoved: "SuccessfulDeleteMachines",
  ReferencesDeleted: "DeletingReferences",
};

const failureEvent = ({ because, message }: Failure): PoolEvent => ({
  type: "Warning",
  reason: `Failed${because}`,
  message,
});

function actionEvents(action: NodeAction): readonly PoolEvent[] {
  if (action.do === "record") {
    const { machineName, providerID } = action.asked;
    return [
      {
        type: "Normal",
        reason: "DrainingMachine",
        message: `Machine ${machineName}: ${providerID} is drained and then removed`,
      },
    ];
  }
  const reason = SAID[action.because];
  if (action.do !== "write" || !reason) return [];
  const names = action.writes.map((write) => (write.do === "create" ? write.object.metadata.name : write.at.name));
  const [first = ""] = names;
  return [{ type: "Normal", reason, message: names.length === 1 ? first : `${first} and ${names.length - 1} more` }];
}
