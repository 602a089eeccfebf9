/** ARM ids: written in one place, and the id that a Node of an instance carries. */
import type { Instance } from "./fleet.ts";

/** @param path provider and names, e.g. "Microsoft.Compute/virtualMachineScaleSets/edge" */
export const resourceId = (subscriptionId: string, group: string, path: string): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/${group}/providers/${path}`;

type Named = Pick<Instance, "group" | "scaleSet" | "flexible" | "instanceId" | "name">;

const pathOf = ({ scaleSet, flexible, instanceId, name }: Named): string =>
  flexible
    ? `Microsoft.Compute/virtualMachines/${name}`
    : `Microsoft.Compute/virtualMachineScaleSets/${scaleSet}/virtualMachines/${instanceId}`;

/** ARM shows the group of a Uniform instance in capitals. */
export const instanceResourceId = (subscriptionId: string, one: Named): string =>
  resourceId(subscriptionId, one.flexible ? one.group : one.group.toUpperCase(), pathOf(one));

/** spec.providerID as the cluster's cloud provider writes it: the group in small letters. */
export const providerIdOf = (subscriptionId: string, one: Named): string =>
  `azure://${resourceId(subscriptionId, one.group.toLowerCase(), pathOf(one))}`;
