/** Azure as a simulated cloud: scale sets in either mode, scheduled events, and events of Event Grid. */

import { ArmError } from "../../../../infra/local/azure/errors.ts";
import { asCloudEvent, type GridEvent } from "../../../../infra/local/azure/event-grid.ts";
import type { Clock } from "../../../../infra/local/clock.ts";
import { azureClusters } from "../../../../lib/api/azure/azure-cluster.ts";
import { azureMachinePools } from "../../../../lib/api/azure/azure-machine-pool.ts";
import { azureMachinePoolMachines } from "../../../../lib/api/azure/azure-machine-pool-machine.ts";
import {
  readHealthChanges,
  readResourceChanges,
  readScheduledEvents,
} from "../../../../lib/providers/azure/events/index.ts";
import { firstThatKnows } from "../../../../lib/providers/azure/events/parser.ts";
import { instanceIdOf } from "../../../../lib/providers/azure/provider-id.ts";
import type { Plan } from "../../plan.ts";
import { POOL } from "../../scene.ts";
import type { ShownHold, SimulatedCloud } from "../simulated-cloud.ts";
import { azureDoors, eventPolicies } from "./doors.ts";
import type { AzurePlan } from "./plan.ts";
import { azurePoolObjects, azureUpstreamSpec, createScaleSets } from "./scale-sets.ts";
import { azureShown } from "./shown.ts";
import { type AzureWorld, createAzureWorld } from "./world.ts";

const readAll = firstThatKnows(readScheduledEvents, readHealthChanges, readResourceChanges);
/** What a person must agree to before it begins early; of Spot's evictions nobody is asked. */
const HOLDING = ["Terminate", "Redeploy"];

function holdsIn({ cloud }: AzureWorld, clock: Clock, plan: Plan): readonly ShownHold[] {
  const holding = plan.rebalancePolicy === "Drain" ? [...HOLDING, "Reboot"] : HOLDING;
  return cloud.scheduledEvents
    .all()
    .filter((one) => one.status === "Scheduled" && one.published && one.scaleSet === POOL && holding.includes(one.type))
    .flatMap((one) => {
      const seconds = (one.notBefore.getTime() - clock.now().getTime()) / 1000;
      return one.resources.map((name) => ({
        instanceId: name.toLowerCase(),
        hook: one.id,
        token: `${one.id} ${name}`,
        heartbeatSeconds: seconds,
        mostSeconds: seconds,
      }));
    });
}

interface Of {
  readonly seed: number;
  readonly azure: AzurePlan;
}

export function azureSimulation(clock: Clock, plan: Plan, { seed, azure }: Of): SimulatedCloud {
  const world = createAzureWorld(clock, azure, seed);
  const { cloud } = world;
  const policies = eventPolicies(plan);
  // Azure's own doings are told in both schemas, as it was subscribed.
  const wireForm = (event: GridEvent) => (seed % 2 === 0 ? event : asCloudEvent(event));
  return {
    name: "azure",
    azure: world,
    kinds: { pools: azureMachinePools, machines: azureMachinePoolMachines, cluster: azureClusters },
    machines: world.machines,
    onMachine: (listener) =>
      void cloud.onInstance(({ instance, state }) => listener({ machine: world.toMachine(instance), state })),
    onEvent: (listener) =>
      void cloud.onEvent((event) => listener(wireForm(event), event.eventType.replace(/^.*\./, ""))),
    read: async (event, { receivedAt, ownsPools }) => {
      const trigger = readAll(event, { receivedAt, policies });
      return trigger?.kind === "group" && !ownsPools ? undefined : trigger;
    },
    holds: () => holdsIn(world, clock, plan),
    isHeld: (id) => holdsIn(world, clock, plan).some(({ instanceId }) => instanceId === id),
    shown: () => azureShown(world),
    doors: (line) => azureDoors(world, plan, line),
    isRead: (action) => action === "GET" || action.endsWith("/read"),
    instanceIdOf,
    strangersId: (number) =>
      `azure:///subscriptions/00000000/resourceGroups/theirs/providers/Microsoft.Compute/virtualMachines/other${number}`,
    createGroups: async () => createScaleSets(world, azure, plan),
    upstreamSpec: (name) => azureUpstreamSpec(name, azure),
    poolObjects: () => azurePoolObjects(azure),
    replace: async ({ id }) => {
      const instance = world.instanceOf(id);
      if (instance) world.ask("POST", POOL, "/delete", { instanceIds: [instance.instanceId] });
    },
    heal: () => {
      world.stock.restore();
    },
    refused: (error) => error instanceof ArmError,
  };
}
