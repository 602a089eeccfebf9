/** Azure passes the suite every cloud passes, in both orchestration modes: the official SDK over HTTPS against the local Azure. */
import assert from "node:assert/strict";
import type { Instance } from "../../../infra/local/azure/fleet.ts";
import { readScheduledEvents } from "../../../lib/providers/azure/events/index.ts";
import { type CloudRig, cloudContract, type RigInstance } from "../contract.ts";
import { reading } from "./events/event-case.ts";
import { GROUP, type Mode, SET, startAzureRig } from "./rig.ts";

async function azureRig(mode: Mode): Promise<CloudRig> {
  const rig = await startAzureRig();
  await rig.addSet(SET, { mode, cluster: "blue" });
  await rig.addSet("lonely", { mode });
  const machineOf = ({ instanceId }: RigInstance): Instance => {
    const found = rig.inSet(SET).find(({ name }) => name === instanceId);
    assert.ok(found);
    return found;
  };
  return {
    provider: rig.provider,
    withoutHeartbeat: true,
    now: () => rig.clock.now(),
    clusterName: "blue",
    foreignGroupName: "blue/lonely",
    newInstance: async () => {
      const machine = await rig.launch();
      return { instanceId: machine.name, groupName: GROUP, providerID: rig.cloud.providerIdOf(machine) };
    },
    beginTermination: async (instance) => {
      const machine = machineOf(instance);
      await rig.deleteByHand(machine);
      const trigger = readScheduledEvents(rig.lastEventOf(machine), reading);
      const [leaving] = trigger?.kind === "leaving" ? trigger.instances : [];
      assert.ok(leaving?.hold);
      return { ...leaving, hold: leaving.hold };
    },
    terminate: async (instance) => {
      rig.cloud.vanish(machineOf(instance));
      rig.clock.advance(60);
    },
    missing: ({ providerID }) => providerID.replace(/[^/]+$/, mode === "Uniform" ? "9999" : `${SET}_99999999`),
    advance: async (seconds) => rig.clock.advance(seconds),
    throttle: async () => {
      rig.azure.inject({ code: "TooManyRequests", status: 429, times: 12 });
      return async () => {
        const isCalm = () => rig.provider.groupOwner(GROUP).then(Boolean, () => false);
        while (!(await isCalm()));
      };
    },
    close: rig.close,
  };
}

cloudContract("Azure with Uniform orchestration", () => azureRig("Uniform"), `${SET}_9999`);
cloudContract("Azure with Flexible orchestration", () => azureRig("Flexible"), `${SET}_99999999`);
