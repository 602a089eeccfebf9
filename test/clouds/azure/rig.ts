/** An Azure subscription on the wire for provider tests: scale sets of cluster "blue", whose machines go with five minutes' notice. */
import assert from "node:assert/strict";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { ComputeManagementClient, type VirtualMachineScaleSet } from "@azure/arm-compute";
import type { GridEvent } from "../../../infra/local/azure/event-grid.ts";
import type { Instance } from "../../../infra/local/azure/fleet.ts";
import { type AzureServerSetup, startAzure } from "../../../infra/local/azure/server.ts";
import { createAuthority } from "../../../infra/local/tls.ts";
import { azureProvider } from "../../../lib/providers/azure/index.ts";
import { machineApi } from "../../../lib/providers/azure/machine-api.ts";
import { maintenanceApi } from "../../../lib/providers/azure/maintenance-api.ts";
import { restClient } from "../../../lib/providers/azure/rest.ts";
import type { TerminationProvider } from "../../../lib/providers/provider.ts";
import { manualClock } from "../../support/manual-clock.ts";

/** Upstream's default: the cluster's own name. */
export const RESOURCE_GROUP = "blue";
export const SET = "workers-a";
export const GROUP = `${RESOURCE_GROUP}/${SET}`;
export type Mode = "Uniform" | "Flexible";

/** This process trusts it, as NODE_EXTRA_CA_CERTS would have it. */
const authority = createAuthority().then((made) => {
  setDefaultCACertificates([...getCACertificates("default"), made.caPem]);
  return made;
});

export interface SetWish {
  readonly mode?: Mode;
  readonly cluster?: string;
  /** Minutes of the terminate notification; 0: none. Default 5. */
  readonly noticeMinutes?: number;
  /** True: an eviction deletes. */
  readonly spot?: boolean | "Deallocate";
  readonly published?: boolean;
  readonly resourceGroup?: string;
}

/** The subscription, and a client of somebody who may do everything. */
async function startCloud(setup: Partial<AzureServerSetup>) {
  const clock = manualClock(new Date("2026-11-20T08:00:00Z"));
  const timing = { bootSeconds: 5, deleteSeconds: 20, updateSeconds: 1, retryAfterSeconds: 0, graphLagSeconds: 0 };
  const azure = await startAzure({
    clock,
    authority: await authority,
    resourceGroups: [RESOURCE_GROUP, "red"],
    ...setup,
    timing: { ...timing, ...setup.timing },
  });
  const { cloud, endpoint } = azure;
  const credential = azure.credential("66666666-7777-4888-9999-aaaaaaaaaaaa");
  const compute = new ComputeManagementClient(credential, cloud.subscriptionId, {
    endpoint,
    retryOptions: { maxRetries: 0 },
  });
  const arm = restClient({ endpoint, scope: "https://management.azure.com/.default", credential });
  const provider: TerminationProvider = azureProvider(
    { machines: machineApi(compute), maintenance: maintenanceApi(arm, cloud.subscriptionId) },
    {
      subscriptionId: cloud.subscriptionId,
      policies: { redeploy: "Drain", reboot: "Ignore", freeze: "Ignore" },
      now: () => clock.now(),
    },
  );
  return { clock, azure, cloud, compute, provider };
}

export async function startAzureRig(setup: Partial<AzureServerSetup> = {}) {
  const started = await startCloud(setup);
  const { clock, azure, cloud, compute } = started;
  const sets = compute.virtualMachineScaleSets;
  const events: GridEvent[] = [];
  cloud.onEvent((event) => void events.push(event));
  const inSet = (name: string) => cloud.instances().filter(({ scaleSet }) => scaleSet === name);
  const capacityOf = async (name = SET) => (await sets.get(RESOURCE_GROUP, name)).sku?.capacity ?? 0;
  return {
    ...started,
    inSet,
    capacityOf,
    addSet: async (name: string, wish: SetWish = {}) => {
      const group = wish.resourceGroup ?? RESOURCE_GROUP;
      await sets.createOrUpdate(group, name, scaleSetWish(name, wish)).submitted();
      clock.advance(10);
    },
    /** One more machine, running. */
    launch: async (name = SET): Promise<Instance> => {
      const before = new Set(inSet(name).map(({ vmId }) => vmId));
      const capacity = (await capacityOf(name)) + 1;
      await sets.update(RESOURCE_GROUP, name, { sku: { capacity } }).submitted();
      clock.advance(10);
      const made = inSet(name).find(({ vmId }) => !before.has(vmId));
      assert.ok(made, "a machine came up");
      return made;
    },
    /** Somebody deletes a machine by name. */
    deleteByHand: ({ scaleSet: name, instanceId }: Instance) =>
      sets.deleteInstances(RESOURCE_GROUP, name, { instanceIds: [instanceId] }).submitted(),
    /** What Event Grid said last of a machine's scheduled event. */
    lastEventOf: ({ name }: Instance): GridEvent => {
      const found = events.findLast(({ data }) => JSON.stringify(data).includes(`"${name}"`));
      assert.ok(found, `Event Grid told of ${name}`);
      return found;
    },
    close: () => azure.close(),
  };
}
export type AzureRig = Awaited<ReturnType<typeof startAzureRig>>;

/** As somebody would PUT it. */
export function scaleSetWish(
  name: string,
  { mode = "Uniform", cluster, noticeMinutes = 5, spot = false, published = true }: SetWish,
  capacity = 0,
): VirtualMachineScaleSet {
  return {
    location: "westeurope",
    ...(cluster && { tags: { [`sigs.k8s.io_cluster-api-provider-azure_cluster_${cluster}`]: "owned" } }),
    sku: { name: "Standard_D4s_v5", tier: "Standard", capacity },
    orchestrationMode: mode,
    ...(mode === "Uniform"
      ? { overprovision: false, upgradePolicy: { mode: "Manual" } }
      : { platformFaultDomainCount: 1 }),
    scheduledEventsPolicy: {
      scheduledEventsAdditionalPublishingTargets: { eventGridAndResourceGraph: { enable: published } },
    },
    virtualMachineProfile: {
      ...(spot && { priority: "Spot", evictionPolicy: spot === true ? "Delete" : spot }),
      osProfile: { computerNamePrefix: name, adminUsername: "capi" },
      storageProfile: { imageReference: { communityGalleryImageId: "/CommunityGalleries/c/Images/u/Versions/1.33.2" } },
      ...(noticeMinutes > 0 && {
        scheduledEventsProfile: {
          terminateNotificationProfile: { enable: true, notBeforeTimeout: `PT${noticeMinutes}M` },
        },
      }),
    },
  };
}
