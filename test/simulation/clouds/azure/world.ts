/** The local Azure of a run: its scale sets, and its machines as the shared world speaks of them, those that are gone remembered. */
import { createAzureCloud } from "../../../../infra/local/azure/cloud.ts";
import type { Instance } from "../../../../infra/local/azure/fleet.ts";
import type { Clock } from "../../../../infra/local/clock.ts";
import { CLUSTER, POOL } from "../../scene.ts";
import type { Machine } from "../simulated-cloud.ts";
import type { AzurePlan } from "./plan.ts";

export type Azure = ReturnType<typeof createAzureCloud>;

export interface AzureWorld {
  readonly cloud: Azure;
  readonly plan: AzurePlan;
  readonly machines: () => readonly Machine[];
  readonly toMachine: (instance: Instance) => Machine;
  /** The fleet's own word for a machine that is still there. */
  readonly instanceOf: (id: string) => Instance | undefined;
  /** Hardware that is not there. */
  readonly stock: { readonly runOut: () => void; readonly restore: () => void };
  /** A request of a person to Resource Manager; "{set}" in the path is that set. @throws ArmError */
  /** How often somebody has asked something of our set. */
  readonly othersAsked: () => number;
  readonly ask: (method: string, set: string, rest: string, body?: object) => void;
}

/** Upstream's default: the cluster's own name. */
export const RESOURCE_GROUP = CLUSTER;
export const SUBSCRIPTION = "11111111-2222-3333-4444-555555555555";
export const LOCATION = "westeurope";

export const setPath = (set: string): string =>
  `/subscriptions/${SUBSCRIPTION}/resourceGroups/${RESOURCE_GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets/${set}`;

/** As scheduled events name it, in small letters. */
export const idOf = ({ name }: Pick<Instance, "name">): string => name.toLowerCase();

const POWERS: Readonly<Record<Instance["power"], Machine["state"]>> = {
  starting: "pending",
  running: "running",
  stopped: "shutting-down",
  deallocated: "terminated",
};

function describe(cloud: Azure, instance: Instance): Machine {
  const { scaleSet, state, power, computerName, createdAt } = instance;
  return {
    id: idOf(instance),
    providerID: cloud.providerIdOf(instance),
    nodeName: computerName,
    state: POWERS[power],
    group: scaleSet,
    isOurs: scaleSet === POOL,
    isInService: state !== "Deleting" && state !== "Creating",
    isCounted: state !== "Deleting",
    launchTime: createdAt,
  };
}

export function createAzureWorld(clock: Clock, plan: AzurePlan, seed: number): AzureWorld {
  const cloud = createAzureCloud({
    clock,
    subscriptionId: SUBSCRIPTION,
    location: LOCATION,
    resourceGroups: [RESOURCE_GROUP],
    seed: String(seed),
    timing: plan.timing,
  });
  cloud.oneEventPerOperation(plan.isShared);
  let restore = () => {};
  let othersAsked = 0;
  const seen = new WeakMap<Instance, Machine>();
  const gone = new Map<string, Machine>();
  const toMachine = (instance: Instance): Machine => {
    const known = seen.get(instance) ?? describe(cloud, instance);
    seen.set(instance, known);
    return known;
  };
  cloud.onInstance(({ instance, state }) => {
    const { group: _, ...machine } = toMachine(instance);
    if (state === "launched") gone.delete(machine.id);
    if (state === "terminated")
      gone.set(machine.id, { ...machine, state: "terminated", isInService: false, isCounted: false });
  });
  return {
    cloud,
    plan,
    toMachine,
    machines: () => [...cloud.instances().map(toMachine), ...gone.values()],
    instanceOf: (id) => cloud.instances().find((instance) => idOf(instance) === id),
    stock: {
      runOut: () => {
        restore();
        restore = cloud.runOut({ code: "AllocationFailed" });
      },
      restore: () => restore(),
    },
    othersAsked: () => othersAsked,
    ask: (method, set, rest, body) => {
      if (set === POOL) othersAsked++;
      const query = new URLSearchParams({ "api-version": "2025-04-01" });
      void cloud.handle({ method, path: `${setPath(set)}${rest}`, query, body, caller: "somebody" });
    },
  };
}
