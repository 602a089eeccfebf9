/** A local Azure on a virtual clock with the official SDK pointed at it, and scale sets to play with. */
import type { TestContext } from "node:test";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { ComputeManagementClient, type VirtualMachineScaleSet } from "@azure/arm-compute";
import type { GridEvent } from "../../../infra/local/azure/event-grid.ts";
import { startAzure } from "../../../infra/local/azure/server.ts";
import { type StoryClock, virtualClock } from "../../../infra/local/clock.ts";
import { createAuthority } from "../../../infra/local/tls.ts";

export type Rig = Awaited<ReturnType<typeof startRig>>;

/** This process trusts it, as NODE_EXTRA_CA_CERTS would have it. */
const authority = createAuthority().then((made) => {
  setDefaultCACertificates([...getCACertificates("default"), made.caPem]);
  return made;
});

export const CLIENT = "66666666-7777-4888-9999-aaaaaaaaaaaa";
export const GROUP = "edge-pools";
export const SET = "edge-mp-0";

export async function startRig(
  context: TestContext,
  clock: StoryClock = virtualClock(new Date("2026-11-20T08:00:00Z"), 1),
) {
  const timing = { bootSeconds: 5, deleteSeconds: 3, updateSeconds: 1, retryAfterSeconds: 0 };
  const azure = await startAzure({ clock, authority: await authority, timing });
  const { cloud, endpoint } = azure;
  const compute = new ComputeManagementClient(azure.credential(CLIENT), cloud.subscriptionId, {
    endpoint,
    retryOptions: { maxRetries: 0 },
  });
  const events: GridEvent[] = [];
  cloud.onEvent((event) => void events.push(event));
  context.after(() => azure.close());
  const pass = (seconds: number) => clock.run({ maxSeconds: seconds });
  return { azure, cloud, clock, pass, events, compute };
}

const image = (version: string) => ({
  communityGalleryImageId: `/CommunityGalleries/capi/Images/ubuntu/Versions/${version}`,
});

export const uniformSet = (capacity: number): VirtualMachineScaleSet => ({
  location: "westeurope",
  zones: ["1", "2"],
  sku: { name: "Standard_D4s_v5", tier: "Standard", capacity },
  orchestrationMode: "Uniform",
  overprovision: false,
  upgradePolicy: { mode: "Manual" },
  virtualMachineProfile: profile("1.33.2"),
});

export const flexibleSet = (capacity: number): VirtualMachineScaleSet => ({
  location: "westeurope",
  zones: ["1"],
  sku: { name: "Standard_D4s_v5", tier: "Standard", capacity },
  orchestrationMode: "Flexible",
  platformFaultDomainCount: 1,
  virtualMachineProfile: profile("1.33.2"),
});

export const profile = (version: string) => ({
  osProfile: { computerNamePrefix: SET, adminUsername: "capi", customData: Buffer.from("join").toString("base64") },
  storageProfile: { imageReference: image(version) },
});

export const NOTIFIED = {
  scheduledEventsProfile: { terminateNotificationProfile: { enable: true, notBeforeTimeout: "PT5M" } },
};
export const PUBLISHING = {
  scheduledEventsPolicy: {
    scheduledEventsAdditionalPublishingTargets: {
      eventGridAndResourceGraph: { enable: true, scheduledEventsApiVersion: "2020-07-01" },
    },
  },
};

/** Sends it and lets its instances boot. */
export async function startSet(rig: Rig, set: VirtualMachineScaleSet = uniformSet(2)): Promise<void> {
  await rig.compute.virtualMachineScaleSets.createOrUpdate(GROUP, SET, set).submitted();
  await rig.pass(6);
}

/** Instance id -> provisioning state, as the SDK sees the members. */
export async function members(rig: Rig): Promise<Record<string, string | undefined>> {
  const found: Record<string, string | undefined> = {};
  for await (const one of rig.compute.virtualMachineScaleSetVMs.list(GROUP, SET)) {
    found[one.instanceId ?? ""] = one.provisioningState;
  }
  return found;
}

export const capacity = async (rig: Rig) => (await rig.compute.virtualMachineScaleSets.get(GROUP, SET)).sku?.capacity;

/** Sends, then lets time pass until the operation has ended. */
export async function finish<T>(
  rig: Rig,
  poller: { submitted(): Promise<void>; pollUntilDone(): Promise<T> },
  seconds = 10,
): Promise<T> {
  await poller.submitted();
  await rig.pass(seconds);
  return poller.pollUntilDone();
}

/** All items of a paged list. */
export async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** A call that no SDK of ours makes. */
export async function ask(rig: Rig, method: string, path: string, body?: unknown) {
  const { token } = await rig.azure.credential(CLIENT).getToken("https://management.azure.com/.default");
  const response = await fetch(
    `${rig.azure.endpoint}${path}${path.includes("?") ? "&" : "?"}api-version=2023-10-01-preview`,
    {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    },
  );
  const text = await response.text();
  return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
}
