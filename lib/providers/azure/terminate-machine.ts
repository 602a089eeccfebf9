/** Takes a drained machine out of its scale set; asked twice, the second time changes nothing. */
import type { MachineApi } from "./machine-api.ts";
import { machineState } from "./machine-state.ts";
import type { AzureMachineId } from "./provider-id.ts";

/**
 * Azure lowers the set's capacity with every machine that is deleted by name; where another shall come in its place, the
 * wish is put back at once.
 * @throws ProviderError
 */
export async function terminate(api: MachineApi, id: AzureMachineId, decrement: boolean): Promise<void> {
  const machine = await api.machine(id);
  // A deallocated machine is still a member, and has to be deleted like any other.
  if (!machine || machineState(machine, true).state === "leaving") return;
  const before = !decrement && machine.scaleSet ? await api.scaleSet(machine.scaleSet) : undefined;
  await api.delete(machine.id);
  if (before) await api.setCapacity(before.id, before.capacity);
}
