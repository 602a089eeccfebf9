/** Sights of a pool's scale set: a quiet one of two machines that is as wished, of which each test changes one thing. */

import type { AzureCluster } from "../../../../lib/api/azure/azure-cluster.ts";
import { type AzureRequest, additionalTagsOf } from "../../../../lib/providers/azure/pool/request.ts";
import type { AzureSight, MachineFacts, PoolWish, ScaleSetFacts } from "../../../../lib/providers/azure/pool/sight.ts";
import { readSurroundings } from "../../../../lib/providers/azure/pool/surroundings.ts";
import { CUSTOM_DATA_TAG, MODEL_TAG } from "../../../../lib/providers/azure/pool/tags.ts";
import { wishOf } from "../../../../lib/providers/azure/pool/wish.ts";
import { providerIdOf } from "../../../../lib/providers/azure/provider-id.ts";
import {
  aCluster,
  anAzureCluster,
  aPoolRequest,
  type Overrides,
  POOL,
  RESOURCE_GROUP,
  SUBSCRIPTION,
} from "./objects.ts";

export const NOW = new Date("2026-11-20T08:00:00Z");

export async function aRequest(
  overrides: Overrides = {},
  cluster: AzureCluster = anAzureCluster(),
): Promise<AzureRequest> {
  const surroundings = await readSurroundings(aCluster(overrides), async () => cluster as never);
  if (!surroundings) throw new Error("no surroundings");
  return {
    ...aPoolRequest(overrides),
    read: async () => undefined,
    now: NOW,
    surroundings,
    subscriptionId: SUBSCRIPTION,
    publishScheduledEvents: false,
    assignableRoles: [],
  };
}

export async function aWish(overrides: Overrides = {}): Promise<PoolWish> {
  const wished = wishOf(await aRequest(overrides));
  if ("problem" in wished) throw new Error(wished.problem.message);
  return wished.wish;
}

export const aMachine = (number: number, more: Partial<MachineFacts> = {}): MachineFacts => ({
  id: {
    mode: "Uniform",
    subscriptionId: SUBSCRIPTION,
    resourceGroup: RESOURCE_GROUP,
    scaleSet: POOL,
    number: String(number),
  },
  provisioningState: "Succeeded",
  timeCreated: new Date(NOW.getTime() - 3_600_000 + number * 1000),
  deallocated: false,
  protectedFromScaleIn: true,
  ...more,
});

export const setOf = (wish: PoolWish, more: Partial<ScaleSetFacts> = {}): ScaleSetFacts => ({
  id: wish.id,
  location: "westeurope",
  etag: '"7"',
  provisioningState: "Succeeded",
  capacity: 2,
  size: wish.size,
  tags: { ...wish.tags, [CUSTOM_DATA_TAG]: wish.customDataHash, [MODEL_TAG]: wish.modelHash },
  zones: wish.zones,
  image: wish.imageReference,
  identity: { system: wish.identity.type === "SystemAssigned", userAssigned: wish.identity.userAssigned },
  sshKeys: [],
  foreignRules: [],
  ...more,
});

/** Of a pool of two that is as wished. */
export async function aSight(overrides: Overrides = {}, more: Partial<AzureSight> = {}): Promise<AzureSight> {
  const request = await aRequest({ replicas: 2, ...overrides });
  const wish = await aWish({ replicas: 2, ...overrides });
  const machines = [1, 2].map((number) => aMachine(number, { image: wish.imageReference }));
  const members = machines.map(({ id }) => ({ providerID: providerIdOf(id), ready: true, marked: false }));
  return {
    id: wish.id,
    now: NOW,
    wish,
    scaleSet: setOf(wish),
    machines,
    members: new Map(members.map((one) => [one.providerID, one])),
    appliedTags: {},
    additionalTags: additionalTagsOf(request),
    deleting: false,
    externallyManaged: overrides.managedBy !== undefined,
    kubernetesVersion: "v1.34.0",
    ...more,
  };
}

export const withoutSet = async (overrides: Overrides = {}, more: Partial<AzureSight> = {}): Promise<AzureSight> => {
  const { scaleSet: _set, ...sight } = await aSight(overrides);
  return { ...sight, machines: [], members: new Map(), ...more };
};
