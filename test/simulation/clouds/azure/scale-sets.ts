/** Scale sets as a run begins with them, and the Azure half of what users and upstream apply. */
import { azureClusters } from "../../../../lib/api/azure/azure-cluster.ts";
import { azureMachinePools } from "../../../../lib/api/azure/azure-machine-pool.ts";
import { CLUSTER_NAME_LABEL } from "../../../../lib/api/core/labels.ts";
import type { Resource } from "../../../../lib/api/kubernetes/meta.ts";
import type { Plan } from "../../plan.ts";
import { metaOf, ownLabels } from "../../pools/objects.ts";
import { CLUSTER, POOL, STRANGERS, TWINS } from "../../scene.ts";
import type { Whole } from "../simulated-cloud.ts";
import type { AzurePlan } from "./plan.ts";
import { type AzureWorld, LOCATION, RESOURCE_GROUP, SUBSCRIPTION, setPath } from "./world.ts";

const KEY = Buffer.from(
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHVzZWRieW5vYm9keWF0YWxsanVzdGFyb3d0ZXN0 someone",
).toString("base64");

const publishing = {
  scheduledEventsAdditionalPublishingTargets: {
    eventGridAndResourceGraph: { enable: true, scheduledEventsApiVersion: "2020-07-01" },
  },
};

const modeOf = ({ mode }: AzurePlan) =>
  mode === "Uniform"
    ? { orchestrationMode: "Uniform", overprovision: false, upgradePolicy: { mode: "Manual" } }
    : { orchestrationMode: "Flexible", platformFaultDomainCount: 1 };

function profileOf(name: string, { noticeMinutes, evictionPolicy }: AzurePlan) {
  const terminateNotificationProfile = { enable: true, notBeforeTimeout: `PT${noticeMinutes}M` };
  return {
    ...(evictionPolicy && { priority: "Spot", evictionPolicy }),
    osProfile: { computerNamePrefix: name, adminUsername: "capi" },
    storageProfile: { imageReference: { communityGalleryImageId: "/CommunityGalleries/c/Images/u/Versions/1.34.1" } },
    scheduledEventsProfile: { terminateNotificationProfile },
  };
}

export function createScaleSets({ ask }: AzureWorld, azure: AzurePlan, plan: Plan): void {
  const owned = { [`sigs.k8s.io_cluster-api-provider-azure_cluster_${CLUSTER}`]: "owned" };
  const sets = [
    { name: POOL, capacity: plan.instances, tags: owned },
    { name: STRANGERS, capacity: 1, tags: {} },
    { name: TWINS, capacity: 1, tags: owned },
  ];
  for (const { name, capacity, tags } of sets.filter((one) => !plan.pool || one.name !== POOL))
    ask("PUT", name, "", {
      location: LOCATION,
      tags,
      sku: { name: "Standard_D4s_v5", tier: "Standard", capacity },
      properties: {
        ...modeOf(azure),
        scheduledEventsPolicy: publishing,
        virtualMachineProfile: profileOf(name, azure),
      },
    });
}

export const azureUpstreamSpec = (name: string, { mode }: AzurePlan): object => ({
  location: LOCATION,
  orchestrationMode: mode,
  template: {},
  providerID: `azure://${setPath(name)}`,
});

const network: Whole = {
  apiVersion: azureClusters.apiVersion,
  kind: azureClusters.kind,
  metadata: metaOf(CLUSTER, { [CLUSTER_NAME_LABEL]: CLUSTER }),
  spec: {
    subscriptionID: SUBSCRIPTION,
    resourceGroup: RESOURCE_GROUP,
    location: LOCATION,
    networkSpec: {
      vnet: { name: `${CLUSTER}-vnet`, cidrBlocks: ["10.0.0.0/16"] },
      subnets: [{ name: `${CLUSTER}-nodes`, role: "node" }],
    },
  },
  status: { ready: true },
};

export function azurePoolObjects(azure: AzurePlan): readonly (readonly [Resource, Whole])[] {
  const { noticeMinutes, evictionPolicy, mode, strategy } = azure;
  const template = {
    vmSize: "Standard_D4s_v5",
    osDisk: { osType: "Linux", diskSizeGB: 64, managedDisk: { storageAccountType: "Premium_LRS" } },
    sshPublicKey: KEY,
    terminateNotificationTimeout: noticeMinutes,
    ...(evictionPolicy && { spotVMOptions: { evictionPolicy } }),
  };
  const spec = { location: LOCATION, orchestrationMode: mode, strategy, template };
  const { apiVersion, kind } = azureMachinePools;
  return [
    [azureClusters, network],
    [azureMachinePools, { apiVersion, kind, metadata: metaOf(POOL, ownLabels), spec }],
  ];
}
