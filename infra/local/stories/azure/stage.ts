/** The stage of pools on Azure: a cluster with workloads, and a person who applies pools; no upstream controller runs. */
import { ComputeManagementClient } from "@azure/arm-compute";
import type { KubernetesObject } from "../../../../lib/api/kubernetes/meta.ts";
import type { Instance } from "../../azure/fleet.ts";
import type { Clock } from "../../clock.ts";
import type { LocalAzureCloud } from "../../local-azure.ts";
import type { Timeline } from "../../timeline.ts";
import { upstreamCrds } from "../crds.ts";
import { type Bootstrap, startBootstrap } from "../full/bootstrap.ts";
import { kubeadmConfig, machinePool } from "../full/manifests.ts";
import { openPoolStage, type PoolStage, prepareCluster } from "../full/pool-stage.ts";
import { azureInfrastructure } from "./infrastructure.ts";
import { azureMachinePool, clusterObjects, NAMES, type PoolSpec } from "./manifests.ts";

export interface AzureStage extends PoolStage {
  readonly cloud: LocalAzureCloud;
  /** As a person at a terminal would use it; not counted among the functions' calls. */
  readonly compute: ComputeManagementClient;
  /** Of the pool, those that are about to go with them. */
  readonly vms: () => readonly Instance[];
}

export interface AzureStageOptions {
  readonly clock: Clock;
  readonly timeline: Timeline;
  /** Empty: the management cluster has them. Default: permissive ones under upstream's names. */
  readonly crds?: readonly KubernetesObject[];
}

/** The image carries the kubelet. */
const kubeletOf = ({ profile }: Instance): string | undefined => {
  const version = /\/Versions\/([\d.]+)$/.exec(
    String(profile.storageProfile?.imageReference?.communityGalleryImageId),
  )?.[1];
  return version && `v${version}`;
};

/** An instance becomes a Node only when its custom data brings a token that is good; one that is restarted is the same Node. */
function attachMachines(
  { azure, cluster }: LocalAzureCloud,
  bootstrap: Bootstrap,
  onStranger: (id: string) => void,
): void {
  const speed = { bootSeconds: 5, readySeconds: 5 };
  azure.cloud.onInstance(({ instance, state }) => {
    const providerID = azure.cloud.providerIdOf(instance);
    if (state === "shutting-down") cluster.instanceGone(providerID);
    if (state !== "running") return;
    const customData = Buffer.from(instance.profile.osProfile?.customData ?? "", "base64").toString("utf8");
    if (!bootstrap.lets(customData)) return onStranger(instance.name);
    const kubeletVersion = kubeletOf(instance);
    cluster.bootNode({
      name: instance.computerName,
      providerID,
      zone: instance.zone ?? "0",
      region: azure.cloud.location,
      instanceType: instance.size,
      ...speed,
      ...(kubeletVersion && { kubeletVersion }),
    });
  });
}

/** @returns with no pool yet: its pods wait for Nodes */
export async function setAzureStage(
  cloud: LocalAzureCloud,
  { clock, timeline, crds = upstreamCrds }: AzureStageOptions,
): Promise<AzureStage> {
  const { azure, management } = cloud;
  const { pool } = NAMES;
  await prepareCluster(cloud, { crds, names: NAMES, clusterObjects: clusterObjects(azure.cloud) });
  const bootstrap = startBootstrap(management.client, NAMES);
  attachMachines(cloud, bootstrap, (id) => timeline.say("cloud", id, "boots without a good token and joins nothing"));
  const infrastructure = azureInfrastructure(cloud, pool);
  const objectsOf = (spec: PoolSpec) => [
    kubeadmConfig(NAMES),
    machinePool(NAMES),
    azureMachinePool(spec, azure.cloud.location),
  ];
  const stage = await openPoolStage({ names: NAMES, cloud, clock, timeline, infrastructure, bootstrap, objectsOf });
  const compute = new ComputeManagementClient(azure.credential("a-person"), azure.cloud.subscriptionId, {
    endpoint: azure.endpoint,
  });
  const vms = () => azure.cloud.instances().filter(({ scaleSet }) => scaleSet === pool);
  return { ...stage, compute, vms };
}
