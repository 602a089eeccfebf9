/** What the stories leave out of a pool's life on Azure: tags, images, identities, managed clusters, edited and unwanted machines. */
import { createAll } from "../../../../infra/local/manifests.ts";
import { NAMES } from "../../../../infra/local/stories/azure/manifests.ts";
import { type AzureScene, openAzureScene } from "../../../../infra/local/stories/azure/open.ts";
import { upstreamCrds } from "../../../../infra/local/stories/crds.ts";
import { of, refTo, VERSION, WATCH_FILTER } from "../../../../infra/local/stories/full/manifests.ts";
import { createWhole } from "../../../../infra/local/stories/full/pool-stage.ts";
import { azureClusters, azureManagedControlPlanes } from "../../../../lib/api/azure/azure-cluster.ts";
import { type AzureClusterIdentity, azureClusterIdentities } from "../../../../lib/api/azure/azure-cluster-identity.ts";
import { azureMachinePools } from "../../../../lib/api/azure/azure-machine-pool.ts";
import { azureMachinePoolMachines } from "../../../../lib/api/azure/azure-machine-pool-machine.ts";
import { clusters } from "../../../../lib/api/core/cluster.ts";
import { WATCH_FILTER_LABEL } from "../../../../lib/api/core/labels.ts";
import { machines } from "../../../../lib/api/core/machine.ts";
import { machinePools } from "../../../../lib/api/core/machine-pool.ts";
import { type Node, nodes } from "../../../../lib/api/kubernetes/node.ts";
import { AZURE_CRDS } from "../extra-crds.ts";
import type { Uses } from "../uses.ts";
import { noticesOf } from "./notices.ts";
import { startRecording } from "./record.ts";

const { namespace, cluster, pool } = NAMES;
const AT = { namespace, name: pool };

const patchPool = ({ stage }: AzureScene, body: object) =>
  stage.management.patch(azureMachinePools, AT, { type: "merge", body });

const touched = (value: string) => ({ metadata: { annotations: { "example.com/touched": value } } });

/** What a scale set may be made of, each part with a right of its own. */
async function changeShape(scene: AzureScene): Promise<void> {
  const { clock, stage } = scene;
  const { subscriptionId } = stage.cloud.azure.cloud;
  const shared = `/subscriptions/${subscriptionId}/resourceGroups/shared/providers`;
  await patchPool(scene, { spec: { additionalTags: { team: "shop" } } });
  await clock.run({ maxSeconds: 60 });
  const identity = `azure://${shared}/Microsoft.ManagedIdentity/userAssignedIdentities/nodes`;
  const encryption = { id: `${shared}/Microsoft.Compute/diskEncryptionSets/own` };
  const image = { id: `${shared}/Microsoft.Compute/images/own` };
  const osDisk = { managedDisk: { storageAccountType: "Premium_LRS", diskEncryptionSet: encryption } };
  const identities = { identity: "UserAssigned", userAssignedIdentities: [{ providerID: identity }] };
  await patchPool(scene, { spec: { additionalTags: null, ...identities, template: { image, osDisk } } });
  await clock.run({ maxSeconds: 120 });
  const gallery = {
    gallery: "own",
    name: "u",
    version: "1.0.0",
    subscriptionID: subscriptionId,
    resourceGroup: "shared",
  };
  await patchPool(scene, { spec: { template: { image: { id: null, computeGallery: gallery } } } });
  await clock.run({ maxSeconds: 120 });
}

/** Another's credentials, which may be used from this namespace. */
async function useIdentity(scene: AzureScene): Promise<void> {
  const { clock, stage } = scene;
  const { cloud } = stage.cloud.azure;
  const robot: AzureClusterIdentity = {
    ...of(azureClusterIdentities),
    metadata: { name: "robot", namespace },
    spec: {
      type: "UserAssignedMSI",
      tenantID: cloud.tenantId,
      clientID: cloud.directory.register({ name: "robot" }).clientId,
      allowedNamespaces: { selector: { matchLabels: { "kubernetes.io/metadata.name": namespace } } },
    },
  };
  await stage.management.create(azureClusterIdentities, robot);
  const refer = (identityRef: object | null) =>
    stage.management.patch(
      azureClusters,
      { namespace, name: cluster },
      { type: "merge", body: { spec: { identityRef } } },
    );
  await refer({ kind: azureClusterIdentities.kind, name: "robot", namespace });
  await patchPool(scene, touched("robot"));
  await clock.run({ maxSeconds: 30 });
  await refer(null);
}

/** A pool of a cluster whose control plane Azure runs. */
async function managedCluster({ clock, stage }: AzureScene): Promise<void> {
  const name = "managed";
  const metadata = { name, namespace, labels: { [WATCH_FILTER_LABEL]: WATCH_FILTER } };
  const reference = refTo(azureManagedControlPlanes, name);
  await createWhole(stage.management, [
    { ...of(azureManagedControlPlanes), metadata, spec: { resourceGroupName: name, location: "westeurope" } },
    {
      ...of(clusters),
      metadata,
      spec: { infrastructureRef: reference, controlPlaneRef: reference },
      status: { initialization: { infrastructureProvisioned: true, controlPlaneInitialized: true } },
    },
  ]);
  const infrastructureRef = refTo(azureMachinePools, name);
  const template = { clusterName: name, version: VERSION, bootstrap: { dataSecretName: name }, infrastructureRef };
  const machine = { vmSize: "Standard_D4s_v5", osDisk: { osType: "Linux" } };
  await createAll(stage.management, [
    { apiVersion: "v1", kind: "Secret", metadata: { name, namespace }, stringData: { value: "#cloud-config\n" } },
    { ...of(azureMachinePools), metadata, spec: { location: "westeurope", template: machine } },
    { ...of(machinePools), metadata, spec: { clusterName: name, replicas: 0, template: { spec: template } } },
  ]);
  await clock.run({ maxSeconds: 30 });
}

/** Somebody writes on an infrastructure machine: whose pool is it? */
async function touchMachine({ clock, stage }: AzureScene): Promise<void> {
  const [first] = stage.machines();
  const at = { namespace, name: first?.spec.infrastructureRef?.name ?? "" };
  await stage.management.patch(azureMachinePoolMachines, at, { type: "merge", body: touched("by hand") });
  await clock.run({ maxSeconds: 30 });
}

/** Whose instances are recorded already: for maintenance, and by a notice that was called off. */
async function deleteMachines(scene: AzureScene): Promise<void> {
  const { clock, stage } = scene;
  const notices = noticesOf(scene);
  const [maintained, calledOff] = stage.vms();
  if (!maintained || !calledOff) throw new Error("the pool has not two machines");
  const remove = async (one: typeof maintained) => {
    const providerID = stage.cloud.azure.cloud.providerIdOf(one);
    const found = stage.machines().find(({ spec }) => spec.providerID === providerID);
    await stage.management.delete(machines, { namespace, name: found?.metadata.name ?? "" });
  };
  notices.maintain(maintained);
  const wavering = notices.maintain(calledOff);
  await clock.run({ maxSeconds: 3 });
  await remove(maintained);
  notices.callOff(wavering);
  await clock.run({ maxSeconds: 60 });
  await remove(calledOff);
  await clock.run({ maxSeconds: 200 });
}

/** So old a Node is no longer taken for one whose machine the cloud has yet to show. */
const OLD_SECONDS = 6 * 60;

/** A Node of the pool whose machine nobody has heard of. */
async function leaveNode({ clock, stage }: AzureScene): Promise<void> {
  const [like] = stage.watched.items<Node>(nodes);
  const { labels = {}, annotations = {} } = like?.metadata ?? {};
  await stage.cloud.workload.client.create<Node>(nodes, {
    ...of(nodes),
    metadata: { name: "left-over", labels, annotations },
    spec: { providerID: `${like?.spec?.providerID ?? ""}-left-over` },
  });
  await clock.run({ maxSeconds: OLD_SECONDS });
}

export async function playPoolMoments(): Promise<Uses> {
  const scene = await openAzureScene({ pool: {}, crds: [...upstreamCrds, ...AZURE_CRDS] });
  try {
    const uses = startRecording(scene.stage.cloud);
    for (const part of [deleteMachines, touchMachine, useIdentity, managedCluster, changeShape, leaveNode])
      await part(scene);
    return uses();
  } finally {
    await scene.close();
  }
}
