/** Azure pools pass the suite every cloud's pools pass, in both modes: the official SDK over HTTPS against the local Azure. */

import type { OrchestrationMode } from "../../../lib/api/azure/azure-machine-pool.ts";
import { azureProvider } from "../../../lib/providers/azure/index.ts";
import { machineApi } from "../../../lib/providers/azure/machine-api.ts";
import { maintenanceApi } from "../../../lib/providers/azure/maintenance-api.ts";
import { restClient } from "../../../lib/providers/azure/rest.ts";
import { type PoolCloudRig, type PoolWish, poolContract } from "../pool-contract.ts";
import { POOL, RESOURCE_GROUP } from "./pool/objects.ts";
import { CLIENT, startPoolRig } from "./pool/rig.ts";

const SIZES: Readonly<Record<string, string>> = { one: "Standard_D4s_v5", two: "Standard_D8s_v5" };
const POLICIES = { freeze: "Ignore", reboot: "Ignore", redeploy: "Drain" } as const;

async function azureRig(orchestrationMode: OrchestrationMode): Promise<PoolCloudRig> {
  const rig = await startPoolRig();
  const { azure, cloud, clock, compute } = rig;
  const target = { endpoint: azure.endpoint, scope: "https://management.azure.com/.default" };
  const arm = restClient({ ...target, credential: azure.credential(CLIENT) });
  const { subscriptionId } = cloud;
  return {
    provider: rig.provider,
    termination: azureProvider(
      { machines: machineApi(compute), maintenance: maintenanceApi(arm, subscriptionId) },
      { subscriptionId, policies: POLICIES, now: () => clock.now() },
    ),
    request: ({ replicas, template, deleting = false }: PoolWish, name = POOL) =>
      rig.requestOf({
        name,
        replicas,
        deleting,
        spec: { orchestrationMode },
        template: { vmSize: SIZES[template] ?? template },
      }),
    lacks: ["bounds", "holds"],
    advance: async (seconds) => {
      clock.advance(seconds);
    },
    releaseHeld: async () => {},
    makeForeignGroup: (name) => rig.makeForeignSet(name, orchestrationMode),
    throttle: async () => {
      azure.inject({ service: "arm", code: "TooManyRequests", status: 429, times: 12 });
      return async () => {
        const isCalm = () => compute.virtualMachineScaleSets.get(RESOURCE_GROUP, POOL).then(Boolean, () => false);
        while (!(await isCalm()));
      };
    },
    close: rig.close,
  };
}

poolContract("Azure, Uniform", () => azureRig("Uniform"));
poolContract("Azure, Flexible", () => azureRig("Flexible"));
