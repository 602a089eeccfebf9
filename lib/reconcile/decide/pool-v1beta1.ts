/** The four conditions of contract v1beta1 on a MachinePool: core's own tools, clusterctl and older dashboards read them. */
import type { V1Beta1Condition } from "../../api/core/v1beta1-condition.ts";
import { hasBootstrapData, isProvisioned, lacksSecretName, observedReplicas } from "./pool-facts.ts";
import type { PoolNumbers } from "./pool-numbers.ts";
import type { PoolView } from "./pool-view.ts";

/** Without its time, which the writer keeps. */
export type SaidV1Beta1 = Omit<V1Beta1Condition, "lastTransitionTime">;

const no = (type: string, severity: "Error" | "Warning" | "Info", reason: string, message = ""): SaidV1Beta1 => ({
  type,
  status: "False",
  severity,
  reason,
  ...(message && { message }),
});

/** In the order that decides whose reason Ready repeats. `unread` Nodes: nothing new is said about replicas. */
export function v1beta1Conditions(view: PoolView, numbers: PoolNumbers | undefined): readonly SaidV1Beta1[] {
  const replicas = numbers && replicasReady(view, numbers);
  const said = [bootstrapReady(view), infrastructureReady(view), ...(replicas ? [replicas] : [])];
  const kept = view.machinePool.status?.deprecated?.v1beta1?.conditions?.find(({ type }) => type === "ReplicasReady");
  return [...said, summary(replicas || !kept ? said : [...said, withoutTime(kept)])];
}

const withoutTime = ({ lastTransitionTime: _time, ...rest }: V1Beta1Condition): SaidV1Beta1 => rest;

/** @source cluster-api util/deprecated/v1beta1/conditions (mirror with fallback) */
function mirrored(type: string, conditions: readonly Partial<V1Beta1Condition>[] | undefined): SaidV1Beta1 | undefined {
  const ready = conditions?.find((condition) => condition.type === "Ready");
  if (!ready?.status) return undefined;
  const { status, severity, reason, message } = ready;
  return {
    type,
    status,
    ...(status === "False" && severity && { severity }),
    ...(status !== "True" && reason && { reason }),
    ...(status !== "True" && message && { message }),
  };
}

function bootstrapReady(view: PoolView): SaidV1Beta1 {
  const { bootstrap } = view;
  const type = "BootstrapReady";
  if (bootstrap.seen === "missing") return no(type, "Error", "IncorrectExternalRef", missingMessage(view, "bootstrap"));
  if (bootstrap.seen === "unread") return no(type, "Warning", bootstrap.trouble.reason, bootstrap.trouble.message);
  if (lacksSecretName(view)) return no(type, "Error", "DataSecretNameMissing", NO_SECRET_NAME);
  const conditions = bootstrap.seen === "found" ? bootstrap.object.status?.conditions : undefined;
  const told = mirrored(type, conditions);
  if (told) return told;
  return hasBootstrapData(view) ? { type, status: "True" } : no(type, "Info", "WaitingForDataSecret");
}

export const NO_SECRET_NAME =
  "the bootstrap config says that its data is created and does not name the Secret: look at its controller";

export function missingMessage({ machinePool }: PoolView, which: "bootstrap" | "infrastructure"): string {
  const { bootstrap, infrastructureRef } = machinePool.spec.template.spec;
  const ref = which === "bootstrap" ? bootstrap?.configRef : infrastructureRef;
  const word = which === "bootstrap" ? "bootstrap config" : "infra";
  return `could not find ${word} reference of kind ${ref?.kind} with name ${ref?.name}`;
}

function infrastructureReady(view: PoolView): SaidV1Beta1 {
  const { infrastructure } = view;
  const type = "InfrastructureReady";
  if (infrastructure.seen === "unread")
    return no(type, "Warning", infrastructure.trouble.reason, infrastructure.trouble.message);
  if (infrastructure.seen !== "found")
    return no(type, "Error", "IncorrectExternalRef", missingMessage(view, "infrastructure"));
  const told = mirrored(type, infrastructure.object.status?.conditions);
  if (told) return told;
  return isProvisioned(infrastructure.object) ? { type, status: "True" } : no(type, "Info", "WaitingForInfrastructure");
}

function replicasReady(view: PoolView, numbers: PoolNumbers): SaidV1Beta1 {
  const type = "ReplicasReady";
  const [twins] = numbers.match.ambiguous;
  if (twins) return no(type, "Warning", "AmbiguousNodes", ambiguousMessage(numbers));
  const complete = numbers.ready === observedReplicas(view) && numbers.nodeRefs.length === numbers.ready;
  return complete ? { type, status: "True" } : no(type, "Info", "WaitingForReplicasReady");
}

/** The first few, so that the message stays short. */
const NAMED = 3;

export function ambiguousMessage({ match }: PoolNumbers): string {
  const { ambiguous } = match;
  const lines = ambiguous
    .slice(0, NAMED)
    .map(({ providerID, nodes }) => `${providerID} is claimed by Nodes ${nodes.join(", ")}`);
  const more = ambiguous.length > NAMED ? ` (${ambiguous.length - NAMED} more)` : "";
  return `${lines.join("; ")}${more}: delete the Node that is stale`;
}

const RANK: readonly ((condition: SaidV1Beta1) => boolean)[] = [
  ({ status, severity }) => status === "False" && (severity ?? "Error") === "Error",
  ({ status, severity }) => status === "False" && severity === "Warning",
  ({ status, severity }) => status === "False" && severity === "Info",
  ({ status }) => status === "Unknown",
];

/** The worst condition speaks for all; of equals the first. */
export function summary(conditions: readonly SaidV1Beta1[]): SaidV1Beta1 {
  for (const is of RANK) {
    const worst = conditions.find(is);
    if (worst) return { ...worst, type: "Ready" };
  }
  return { type: "Ready", status: "True" };
}

const RELEVANT = ["status", "reason", "severity", "message"] as const;

/** The time moves with any of status, reason, severity and message; conditions of others stay. Sorted by type, Ready first. */
export function mergeV1Beta1(
  before: readonly V1Beta1Condition[],
  said: readonly SaidV1Beta1[],
  time: string,
): readonly V1Beta1Condition[] {
  const told = said.map((next) => {
    const old = before.find(({ type }) => type === next.type);
    const same = old !== undefined && RELEVANT.every((field) => old[field] === next[field]);
    return { ...next, lastTransitionTime: same ? old.lastTransitionTime : time };
  });
  const others = before.filter(({ type }) => !said.some((next) => next.type === type));
  const rank = ({ type }: V1Beta1Condition) => (type === "Ready" ? "" : type);
  return [...others, ...told].sort((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0));
}
