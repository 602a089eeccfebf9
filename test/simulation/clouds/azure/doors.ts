/** Our functions' doors to Azure as deployed ones have them: SDK clients without a second try, their requests carried in the process. */
import { ComputeManagementClient } from "@azure/arm-compute";
import type { TokenCredential } from "@azure/identity";
import { azureProvider } from "../../../../lib/providers/azure/index.ts";
import { machineApi } from "../../../../lib/providers/azure/machine-api.ts";
import { maintenanceApi } from "../../../../lib/providers/azure/maintenance-api.ts";
import type { EventPolicies } from "../../../../lib/providers/azure/notice.ts";
import { azurePoolProvider } from "../../../../lib/providers/azure/pool/index.ts";
import { restClient } from "../../../../lib/providers/azure/rest.ts";
import type { Pass } from "../../pass.ts";
import type { Plan } from "../../plan.ts";
import type { Doors, Line } from "../simulated-cloud.ts";
import { type Carrier, ENDPOINT, transport } from "./transport.ts";
import { type AzureWorld, SUBSCRIPTION, setPath } from "./world.ts";

const SCOPE = "https://management.azure.com/.default";
const credential: TokenCredential = {
  getToken: async () => ({ token: "nobody asks", expiresOnTimestamp: Number.MAX_SAFE_INTEGER }),
};

/** Reboots take the place of what AWS calls a recommendation: the same dice decide what is done about them. */
export const eventPolicies = ({ rebalancePolicy }: Plan): EventPolicies => ({
  redeploy: "Drain",
  reboot: rebalancePolicy,
  freeze: "Ignore",
});

const ACKNOWLEDGE = /\/scheduledevents\/([^/]+)\/acknowledge$/i;

/** Which machines ran, and what had been agreed to, when a request came. */
function before({ cloud, toMachine }: AzureWorld): Carrier["before"] {
  return ({ path, method }) => {
    if (method === "GET") return {};
    const [, id] = ACKNOWLEDGE.exec(path) ?? [];
    const event = id && cloud.scheduledEvents.all().find((one) => one.id === id.toUpperCase());
    const running = cloud
      .instances()
      .map(toMachine)
      .filter(({ state }) => state === "running");
    const capacity = cloud.scaleSets().find(({ name }) => path.endsWith(setPath(name)))?.sku.capacity;
    return { running: running.map((machine) => machine.id), ...(event && { event }), capacity };
  };
}

export function azureDoors(world: AzureWorld, plan: Plan, line: Line): Doors {
  const carrier: Carrier = { world, line, before: before(world) };
  /** The signal of its invocation tells which pass a request is of: one client serves them all. */
  const passes = new WeakMap<object, Pass>();
  const http = transport(carrier, ({ abortSignal }) => {
    const pass = abortSignal && passes.get(abortSignal);
    if (pass) return pass;
    throw new Error("a request without the signal of its invocation");
  });
  const compute = new ComputeManagementClient(credential, SUBSCRIPTION, {
    endpoint: ENDPOINT,
    httpClient: http,
    retryOptions: { maxRetries: 0 },
  });
  const arm = restClient({ endpoint: ENDPOINT, scope: SCOPE, credential, http });
  const policies = eventPolicies(plan);
  return {
    providerFor: (pass, now) => {
      const { signal } = new AbortController();
      passes.set(signal, pass);
      const apis = { machines: machineApi(compute, signal), maintenance: maintenanceApi(arm, SUBSCRIPTION, signal) };
      return azureProvider(apis, { subscriptionId: SUBSCRIPTION, policies, now });
    },
    poolProviderFor: (pass, now) =>
      azurePoolProvider({
        credential,
        subscriptionId: SUBSCRIPTION,
        armEndpoint: ENDPOINT,
        publishScheduledEvents: true,
        now,
        http: transport(carrier, () => pass),
      }),
  };
}
