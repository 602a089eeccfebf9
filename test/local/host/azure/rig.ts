/** A local Azure with function apps of the file functions/told.ts. */
import { join } from "node:path";
import type { TestContext } from "node:test";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { createAzureCloud } from "../../../../infra/local/azure/cloud.ts";
import { virtualClock } from "../../../../infra/local/clock.ts";
import type { AzureDeployment, DeployedApp } from "../../../../infra/local/host/azure/deployment.ts";
import { startAzureHost } from "../../../../infra/local/host/azure/host.ts";
import { openFunctionDoor } from "../../../../infra/local/host/azure/http-trigger.ts";
import { createAuthority } from "../../../../infra/local/tls.ts";

const authority = createAuthority().then((made) => {
  setDefaultCACertificates([...getCACertificates("default"), made.caPem]);
  return made;
});

export const CHANGED = "Microsoft.Resources.ResourceWriteSuccess";
export const SCHEDULED = "Microsoft.ResourceNotifications.MaintenanceResources.ScheduledEventEmitted";

const bare: Omit<DeployedApp, "name"> = {
  file: "functions/told.ts",
  environment: { COLOUR: "green" },
  secrets: {},
  subscriptions: [],
  queues: [],
  sends: [],
  actions: [],
};

export const deployment: AzureDeployment = {
  apps: [
    { ...bare, name: "http-told" },
    { ...bare, name: "queue-told", queues: ["looks"] },
    {
      ...bare,
      name: "event-told",
      subscriptions: [
        {
          topic: "resources",
          minutes: 5,
          types: [CHANGED],
          filters: [{ key: "data.operationName", operator: "StringBeginsWith", values: ["Microsoft.Compute/"] }],
        },
        { topic: "maintenance", when: "scheduledEvents", minutes: 5, types: [SCHEDULED], filters: [] },
      ],
    },
    { ...bare, name: "timer-told" },
  ],
  queues: [{ name: "looks", lockSeconds: 60, maxDeliveryCount: 3 }],
};

export async function startHostRig(context: TestContext, how: { readonly scheduledEvents?: boolean } = {}) {
  const clock = virtualClock(new Date("2026-11-20T08:00:00Z"), 1);
  const cloud = createAzureCloud({ clock });
  const host = await startAzureHost({
    clock,
    root: join(import.meta.dirname),
    deployment,
    cloud,
    environmentOf: () => ({}),
    switches: { scheduledEvents: how.scheduledEvents ?? false },
    coldStartSeconds: 1,
    door: await openFunctionDoor({ clock, authority: await authority }),
  });
  context.after(() => host.stop());
  const pass = (seconds: number) => clock.run({ maxSeconds: seconds });
  /** What the named function was called with, oldest first. */
  const told = (name: string) =>
    host.invocations
      .filter((one) => one.function === name)
      .flatMap(({ logs }) => logs.map((line) => ({ ...Object(line) })));
  return { clock, cloud, host, pass, told };
}
