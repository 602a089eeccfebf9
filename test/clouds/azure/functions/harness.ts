/** Our function apps through the host's own library: on an embedded management and workload API and the local Azure. */
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { startAzure } from "../../../../infra/local/azure/server.ts";
import { loadFunction } from "../../../../infra/local/host/azure/worker.ts";
import { runInside } from "../../../../infra/local/host/sandbox.ts";
import { createAuthority } from "../../../../infra/local/tls.ts";
import { azureMachinePools } from "../../../../lib/api/azure/azure-machine-pool.ts";
import type { Key } from "../../../../lib/api/key.ts";
import { manualClock } from "../../../support/manual-clock.ts";
import { createAny, type Line, linesOf, ROOT, startClusters } from "../../clusters.ts";

export const LOOKS = "looks";
export const POOL_LOOKS = "pool-looks";
export const AUDIT_TOKEN = "audit-token-of-today";

export interface Invoked {
  readonly answer: unknown;
  /** What the handler threw; undefined when it answered. */
  readonly error: unknown;
  readonly lines: readonly Line[];
  /** The same as text, for what must never be in it. */
  readonly output: string;
  /** Requests to the management cluster, the workload cluster and Azure: "PATCH nodes", "Microsoft.Compute/..." ... */
  readonly calls: readonly string[];
}

/** Permissive, as the stand-ins of the upstream kinds. */
const poolDefinition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `${azureMachinePools.plural}.infrastructure.cluster.x-k8s.io` },
  spec: {
    group: "infrastructure.cluster.x-k8s.io",
    scope: "Namespaced",
    names: {
      kind: azureMachinePools.kind,
      listKind: "AzureMachinePoolList",
      plural: azureMachinePools.plural,
      singular: "azuremachinepool",
    },
    versions: [
      {
        name: "v1beta1",
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      },
    ],
  },
};

export async function startHarness({ graphLagSeconds = 0 } = {}) {
  const clock = manualClock(new Date("2026-11-20T08:00:00Z"));
  const authority = await createAuthority();
  setDefaultCACertificates([...getCACertificates("default"), authority.caPem]);
  const azure = await startAzure({
    clock,
    authority,
    resourceGroups: ["blue", "red"],
    timing: { bootSeconds: 5, deleteSeconds: 20, updateSeconds: 1, retryAfterSeconds: 0, graphLagSeconds },
  });
  const clusters = await startClusters({ clock, authority });
  const { management, workload } = clusters;
  await createAny(management.client, "customresourcedefinitions", poolDefinition).catch(ignoreThere);
  const { queues } = azure.cloud.bus;
  for (const queue of [LOOKS, POOL_LOOKS]) azure.cloud.bus.create(queue, { lockSeconds: 60, maxDeliveryCount: 5 });
  const { clientId } = azure.cloud.directory.register({ name: "lifeguard" });
  const environment = {
    ...azure.identityEnvironment,
    AZURE_CLIENT_ID: clientId,
    LIFEGUARD_SUBSCRIPTION_ID: azure.cloud.subscriptionId,
    LIFEGUARD_ARM_ENDPOINT: azure.endpoint,
    LIFEGUARD_SERVICE_BUS: azure.serviceBusEndpoint,
    LIFEGUARD_KUBECONFIG: management.api.kubeconfig("lifeguard"),
    LIFEGUARD_AUDIT_TOKENS: AUDIT_TOKEN,
  };
  const logs = [management.api.calls, workload.api.calls, azure.calls];
  /** A new instance of one function app. */
  const load = async (name: string, more: Readonly<Record<string, string>> = {}) => {
    const inside = {
      environment: { ...environment, ...more },
      write: () => {},
      mayCall: () => true,
      now: () => clock.now(),
    };
    const { run } = await runInside(inside, () => loadFunction(ROOT, `functions/azure/${name}.ts`, name));
    return async (firing: Parameters<typeof run>[0]): Promise<Invoked> => {
      const counts = logs.map(({ length }) => length);
      let output = "";
      const write = (text: string) => {
        output += text;
      };
      const [answer, error] = await runInside({ ...inside, write }, () =>
        run(firing).then(
          (value) => [value, undefined],
          (thrown: unknown) => [undefined, thrown],
        ),
      );
      const calls = logs.flatMap((log, index) => log.slice(counts[index]).map(({ what }) => what));
      return { answer, error, output, lines: linesOf(output), calls };
    };
  };
  return {
    ...clusters,
    clock,
    azure,
    load,
    /** Keys that are on the queue after so many seconds (default: whenever); takes them off. */
    takeKeys: (afterSeconds = 901, queue = LOOKS): readonly Key[] => {
      clock.advance(afterSeconds);
      const messages = queues.receive(queue, 100);
      for (const { receipt } of messages) if (receipt) queues.delete(queue, receipt);
      return messages.map(({ body }) => JSON.parse(body));
    },
    close: async () => {
      await azure.close();
      await clusters.close();
    },
  };
}

const ignoreThere = (error: unknown): void => {
  if (!String(error).includes("already exists")) throw error;
};

export type Harness = Awaited<ReturnType<typeof startHarness>>;

/** What the host hands to a trigger. */
export const asEvent = (event: unknown) => ({ data: { json: JSON.stringify(event) }, metadata: {} });
export const asMessage = (body: string, deliveryCount = 1) => ({
  data: { string: body },
  metadata: { DeliveryCount: { json: String(deliveryCount) }, MessageId: { string: "m-1" } },
});
export const asTimer = () => asEvent({ Schedule: {}, ScheduleStatus: null, IsPastDue: false });
