/** What an AzureMachinePool says about each of its instances: the AzureMachinePoolMachine that stands for one, and which are of an older model. */
import type { AzureInstanceStatus, AzureMachinePool } from "../../api/azure/azure-machine-pool.ts";
import type {
  AzureMachinePoolMachineSpec,
  AzureMachinePoolMachineStatus,
} from "../../api/azure/azure-machine-pool-machine.ts";
import type {
  InfrastructureMachineStatus,
  InfrastructureMachineWish,
  InstanceNode,
} from "../../api/core/infrastructure-pool.ts";
import { CLUSTER_NAME_LABEL } from "../../api/core/labels.ts";
import { type AzureMachineId, machineNameOf, parseProviderId } from "./provider-id.ts";

/** @source CAPZ infrav1exp.AzureMachinePoolMachineFinalizer: either controller finishes what the other began */
const FINALIZER = "azuremachinepoolmachine.infrastructure.cluster.x-k8s.io";
const POOL_LABEL = "azuremachinepool.infrastructure.cluster.x-k8s.io/machine-pool";
const LONGEST_LABEL = 63;

type Said = InfrastructureMachineStatus["conditions"][number];

/**
 * Copies for people and for core's contract: nothing here reads them back.
 * @returns undefined for a providerID that names no virtual machine
 * @source  CAPZ azure/scope/machinepool.go (createMachine) and machinepoolmachine.go
 */
export function azureMachineOf(pool: AzureMachinePool, providerID: string): InfrastructureMachineWish | undefined {
  const id = parseProviderId(providerID);
  if (!id) return undefined;
  const seen = pool.status?.instances?.find((one) => one.providerID === providerID);
  const instanceID = upstreamId(id);
  const spec: AzureMachinePoolMachineSpec = { providerID, instanceID };
  const status: AzureMachinePoolMachineStatus = {
    instanceName: machineNameOf(id),
    ...(seen?.provisioningState !== undefined && { provisioningState: seen.provisioningState }),
    ...(seen && { latestModelApplied: seen.latestModelApplied }),
  };
  return {
    name: `${pool.metadata.name}-${instanceID.replaceAll("_", "-")}`.toLowerCase(),
    finalizer: FINALIZER,
    labels: labelsOf(pool),
    spec: { ...spec },
    status: { ...status },
    withNode: (node, before) => withNode(seen, node, before),
    interruptible: pool.spec.template.spotVMOptions !== undefined,
  };
}

const upstreamId = (id: AzureMachineId): string => (id.mode === "Uniform" ? id.number : id.name);

/** By which upstream finds them again, should it ever take over. */
function labelsOf({ metadata }: AzureMachinePool): Readonly<Record<string, string>> {
  const cluster = metadata.labels?.[CLUSTER_NAME_LABEL];
  return {
    ...(metadata.name.length <= LONGEST_LABEL && { [POOL_LABEL]: metadata.name }),
    ...(cluster && { [cluster]: "owned" }),
  };
}

/** A Node that vanished leaves the machine not ready at once: upstream keeps saying that it is. */
function withNode(
  seen: AzureInstanceStatus | undefined,
  node: InstanceNode | undefined,
  before: Readonly<Record<string, unknown>> | undefined,
): InfrastructureMachineStatus {
  const nodeRef = node && { apiVersion: "v1", kind: "Node", name: node.name, uid: node.uid };
  const conditions = [running(seen), healthy(node, before?.nodeRef !== undefined)];
  return {
    fields: {
      ready: node?.ready ?? false,
      ...(nodeRef && { nodeRef }),
      ...(node?.version && { version: node.version }),
    },
    conditions: [ready(conditions), ...conditions],
  };
}

const no = (type: string, severity: NonNullable<Said["severity"]>, reason: string, message?: string): Said => ({
  type,
  status: "False",
  severity,
  reason,
  ...(message && { message }),
});

function running(seen: AzureInstanceStatus | undefined): Said {
  const type = "VMRunning";
  const state = seen?.provisioningState ?? "Creating";
  if (state === "Succeeded" || state === "Updating") return { type, status: "True" };
  return no(type, state === "Failed" ? "Error" : "Info", state, WORDS[state]);
}

const WORDS: Readonly<Record<string, string>> = {
  Creating: "Azure is making the virtual machine",
  Failed: "Azure could not make the virtual machine: it is deleted and another takes its place",
  Deleting: "Azure is deleting the virtual machine",
};

/** Upstream's words (CAPZ azure/scope/machinepoolmachine.go UpdateNodeStatus). */
function healthy(node: InstanceNode | undefined, wasThere: boolean): Said {
  const type = "NodeHealthy";
  if (!node && wasThere) return no(type, "Error", "NodeNotFound", "the machine's Node has gone from the cluster");
  if (!node) return no(type, "Info", "NodeProvisioning", "no Node has the machine's providerID yet");
  return node.ready
    ? { type, status: "True" }
    : no(type, "Warning", "NodeConditionsFailed", `Node ${node.name} is not Ready`);
}

const RANKS = ["Error", "Warning", "Info"] as const;

function ready(conditions: readonly Said[]): Said {
  const worst = RANKS.flatMap((severity) => conditions.filter((one) => one.severity === severity))[0];
  return worst ? { ...worst, type: "Ready" } : { type: "Ready", status: "True" };
}

export function outdatedMachines({ status }: AzureMachinePool): ReadonlySet<string> {
  const old = status?.instances?.filter(({ latestModelApplied }) => !latestModelApplied) ?? [];
  return new Set(old.flatMap(({ providerID }) => providerID ?? []));
}
