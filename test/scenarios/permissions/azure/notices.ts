/** How Azure, agents and people make machines leave, in the moments that the stories leave out. */
import type { Instance } from "../../../../infra/local/azure/fleet.ts";
import { EVENT_EMITTED } from "../../../../infra/local/azure/scheduled-events.ts";
import { NAMES, RESOURCE_GROUP } from "../../../../infra/local/stories/azure/manifests.ts";
import type { AzureScene } from "../../../../infra/local/stories/azure/open.ts";
import { nodes } from "../../../../lib/api/kubernetes/node.ts";

const REDEPLOY_SECONDS = 600;

export function noticesOf({ stage, clock }: Pick<AzureScene, "stage" | "clock">) {
  const { cloud: local, compute } = stage;
  const { cloud } = local.azure;
  /** Host maintenance. @returns the event's id */
  const maintain = (machine: Instance) => cloud.scheduleMaintenance(machine, "Redeploy", REDEPLOY_SECONDS);
  /** Event Grid says nothing of what `act` begins. */
  const unheard = async <T>(act: () => T | Promise<T>): Promise<T> => {
    cloud.dropEvents({ match: ({ eventType }) => eventType === EVENT_EMITTED, times: 1 });
    return act();
  };
  const deleteByHand = (...machines: readonly Instance[]) =>
    compute.virtualMachineScaleSets
      .deleteInstances(RESOURCE_GROUP, NAMES.pool, { instanceIds: machines.map(({ instanceId }) => instanceId) })
      .submitted();
  return {
    maintain,
    unheard,
    deleteByHand,
    /** The host thought better of it. */
    callOff: (eventId: string) => cloud.scheduledEvents.cancel(eventId),
    reclaim: (machine: Instance) => cloud.evictSpot(machine),
    deleteTogether: async (...machines: readonly Instance[]) => {
      cloud.oneEventPerOperation(true);
      await deleteByHand(...machines);
      cloud.oneEventPerOperation(false);
    },
    /** An agent on the machine says so on its Node, and the workload cluster's audit webhook tells. */
    announce: async ({ computerName: name }: Instance) => {
      const message = `Preempt Scheduled: ${new Date(clock.now().getTime() + 30_000).toUTCString()}. EventId: E-1`;
      const condition = { type: "PreemptionScheduled", status: "True", reason: "SpotEvictionIncoming", message };
      const lastTransitionTime = clock
        .now()
        .toISOString()
        .replace(/\.\d+Z/, "Z");
      const { client } = local.workload;
      const before = await client.get<{ metadata: { name: string }; status?: { conditions?: object[] } }>(nodes, {
        name,
      });
      const conditions = [...(before.status?.conditions ?? []), { ...condition, lastTransitionTime }];
      await client.patch(nodes, { name }, { type: "merge", body: { status: { conditions } } }, "status");
      const event = {
        stage: "ResponseComplete",
        verb: "patch",
        user: { username: `system:node:${name}` },
        objectRef: { resource: "nodes", subresource: "status", name },
        requestObject: { status: { conditions: [condition] } },
      };
      const answer = await fetch(`${local.host.url}/api/audit/clusters/${NAMES.namespace}/${NAMES.cluster}`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${local.auditToken}` },
        body: JSON.stringify({ kind: "EventList", apiVersion: "audit.k8s.io/v1", items: [event] }),
      });
      if (!answer.ok) throw new Error(`the audit log of the workload cluster: ${answer.status}`);
    },
  };
}
