/** The stories' view of the local Azure: scale sets, their instances, and scheduled events that wait for our acknowledgement. */

import { azureMachinePools } from "../../../../lib/api/azure/azure-machine-pool.ts";
import { azureMachinePoolMachines } from "../../../../lib/api/azure/azure-machine-pool-machine.ts";
import type { Instance } from "../../azure/fleet.ts";
import type { ScheduledEvent } from "../../azure/scheduled-events.ts";
import { deadLettersOf } from "../../azure/service-bus.ts";
import type { LocalAzureCloud } from "../../local-azure.ts";
import type { Infrastructure, StoryInstance } from "../infrastructure.ts";

type Local = Pick<LocalAzureCloud, "azure" | "host">;

/** A hold for each machine of an event; the others go on whatever we do. */
const heldBy = ({ type, resources }: ScheduledEvent) =>
  type === "Terminate" || type === "Redeploy" ? resources.map((instanceId) => ({ instanceId, hook: type })) : [];

const shortly = ({ type, status, resources }: ScheduledEvent): string =>
  `${type} of ${resources.join(" and ")} ${status}`;

export function azureInfrastructure({ azure, host }: Local, pool: string): Infrastructure {
  const { cloud, calls } = azure;
  const toStory = (instance: Instance): StoryInstance => ({
    id: instance.name,
    node: instance.computerName,
    providerID: cloud.providerIdOf(instance),
    serves: instance.state === "Succeeded" && instance.power === "running",
  });
  return {
    name: "Azure",
    poolKind: azureMachinePools,
    machineKind: azureMachinePoolMachines,
    calls,
    instances: () =>
      cloud
        .instances()
        .filter(({ scaleSet }) => scaleSet === pool)
        .map(toStory),
    isThere: (id) => cloud.instances().some(({ name }) => name === id),
    onInstance: (listener) => void cloud.onInstance(({ instance, state }) => listener(toStory(instance), state)),
    // "<scale set>/virtualMachines/4" or "virtualMachines/<name>"
    idOf: (providerID) => {
      const [, set, id = ""] =
        /(?:virtualMachineScaleSets\/([^/]+)\/)?virtualMachines\/([^/]+)$/.exec(providerID) ?? [];
      return set ? `${set}_${id}` : id;
    },
    onHoldEnd: (listener) =>
      void cloud.scheduledEvents.onTurn((event) => {
        if (event.status !== "Started") return;
        const how = event.acknowledged ? "continued" : "timed out";
        for (const hold of heldBy(event)) listener({ ...hold, how });
      }),
    openHolds: () =>
      cloud.scheduledEvents
        .all()
        .filter(({ status }) => status === "Scheduled")
        .flatMap(heldBy),
    deadLetters: () =>
      host.deadLetters.length +
      ["looks", "pool-looks"].reduce((sum, queue) => sum + cloud.bus.queues.counts(deadLettersOf(queue)).visible, 0),
    leftOver: async () => [
      ...cloud.scaleSets().map(({ name }) => `scale set ${name}`),
      ...cloud.instances().map(({ name }) => name),
    ],
    isWrite: ({ server, what }) =>
      server === "arm" && !what.endsWith("/read") && what !== "Microsoft.ResourceGraph/resources/read",
    say: (timeline) => {
      cloud.onInstance(({ instance, state }) => timeline.say("cloud", instance.name, `instance ${state}`));
      cloud.scheduledEvents.onTurn((event) => timeline.say("cloud", event.scaleSet, shortly(event)));
      cloud.onOperation(({ action, status, resource, error }) => {
        const why = error ? ` (${error.code}: ${error.message})` : "";
        timeline.say("cloud", resource.split("/").at(-1) ?? "", `${action} ${status}${why}`);
      });
    },
  };
}
