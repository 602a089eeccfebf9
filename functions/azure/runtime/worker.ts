/** What a function that reads or changes clusters keeps in its sandbox, and the world it gives to each invocation. */
import { ComputeManagementClient } from "@azure/arm-compute";
import { connectClusters } from "../../../lib/kubernetes/clusters.ts";
import type { Reading } from "../../../lib/providers/azure/events/parser.ts";
import { azureProvider } from "../../../lib/providers/azure/index.ts";
import { machineApi } from "../../../lib/providers/azure/machine-api.ts";
import { maintenanceApi } from "../../../lib/providers/azure/maintenance-api.ts";
import { restClient } from "../../../lib/providers/azure/rest.ts";
import { timeLimits } from "../../../lib/providers/azure/time-limits.ts";
import type { DrainSite } from "../../../lib/reconcile/drain-look.ts";
import { openQueues, ownIdentity } from "./clients.ts";
import { type Environment, readWorkerSettings } from "./settings.ts";

export interface Worker {
  during(signal: AbortSignal): DrainSite;
  /** What parsers may know, at this moment. */
  reading(): Reading;
}

/** Of Azure Resource Manager in the public cloud, and of its local stand-in. */
const ARM_SCOPE = "https://management.azure.com/.default";

export function openWorker(environment: Environment): Worker {
  const settings = readWorkerSettings(environment);
  const { subscriptionId, armEndpoint: endpoint, policies, reconcile } = settings;
  const now = () => new Date();
  const asked: DrainSite["asked"] = new Map();
  const credential = ownIdentity(settings.clientId);
  // One request per call: a refusal is a pass's business, and its next pass's.
  const compute = new ComputeManagementClient(credential, subscriptionId, {
    endpoint,
    retryOptions: { maxRetries: 0 },
    ...timeLimits,
  });
  const arm = restClient({ endpoint, scope: ARM_SCOPE, credential });
  const queues = openQueues(settings, credential);
  const management = async () => settings.kubeconfig;
  const clusters = connectClusters({ management, managementOrigin: "the setting LIFEGUARD_KUBECONFIG" });
  return {
    during: (signal) => {
      const apis = { machines: machineApi(compute, signal), maintenance: maintenanceApi(arm, subscriptionId, signal) };
      const provider = azureProvider(apis, { subscriptionId, policies, now });
      return {
        world: { clusters: clusters.during(signal), provider, now, settings: reconcile },
        queue: queues(signal),
        asked,
      };
    },
    reading: () => ({ receivedAt: now(), policies }),
  };
}
