/** The few calls to Azure Compute that a drain needs, as plain functions over plain data; SDK types end here. */
import type { ComputeManagementClient, InstanceViewStatus } from "@azure/arm-compute";
import { asAzure, ifThere } from "./errors.ts";
import { type AzureMachineId, parseMachineId, parseScaleSetId, type ScaleSetId } from "./provider-id.ts";

/** One virtual machine, of a scale set in either mode. */
export interface MachineSeen {
  readonly id: AzureMachineId;
  /** Absent for a machine in no scale set. */
  readonly scaleSet?: ScaleSetId;
  /** "Succeeded", "Creating", "Deleting", "Failed" ... */
  readonly provisioningState: string;
  /** "running", "stopped", "deallocating", "deallocated" ...; empty: not told. */
  readonly powerState: string;
  /** The hostname, which kubelet registers as the Node's name. */
  readonly computerName?: string;
}

export interface ScaleSetSeen {
  readonly id: ScaleSetId;
  readonly tags: Readonly<Record<string, string>>;
  readonly capacity: number;
}

/** Every call throws ProviderError. */
export interface MachineApi {
  /** undefined: there is none. */
  machine(id: AzureMachineId): Promise<MachineSeen | undefined>;
  /** undefined: there is none. */
  scaleSet(id: ScaleSetId): Promise<ScaleSetSeen | undefined>;
  /** Of the whole subscription, in small letters. */
  scaleSetsNamed(name: string): Promise<readonly ScaleSetSeen[]>;
  /** Started, not awaited: the machine shows when it is gone. */
  delete(id: AzureMachineId): Promise<void>;
  /** Started, not awaited. */
  setCapacity(id: ScaleSetId, capacity: number): Promise<void>;
}

const UNIFORM_READ = "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/read";
const MACHINE_READ = "Microsoft.Compute/virtualMachines/read";
const SCALE_SET_READ = "Microsoft.Compute/virtualMachineScaleSets/read";

/** @param signal ends calls in flight with the invocation */
export function machineApi(client: ComputeManagementClient, signal?: AbortSignal): MachineApi {
  const options = signal ? { abortSignal: signal } : {};
  const withView = { ...options, expand: "instanceView" } as const;
  const { virtualMachines, virtualMachineScaleSets, virtualMachineScaleSetVMs } = client;
  return {
    machine: (id) =>
      id.mode === "Uniform"
        ? ifThere(UNIFORM_READ, async () => {
            const found = await virtualMachineScaleSetVMs.get(id.resourceGroup, id.scaleSet, id.number, withView);
            return { ...seen(found), id, scaleSet: { ...id, name: id.scaleSet } };
          })
        : ifThere(MACHINE_READ, async () => {
            const found = await virtualMachines.get(id.resourceGroup, id.name, withView);
            const scaleSet = parseScaleSetId(found.virtualMachineScaleSet?.id ?? "");
            return { ...seen(found), id: parseMachineId(found.id ?? "") ?? id, ...(scaleSet && { scaleSet }) };
          }),
    scaleSet: (id) =>
      ifThere(SCALE_SET_READ, async () =>
        scaleSetSeen(id, await virtualMachineScaleSets.get(id.resourceGroup, id.name, options)),
      ),
    scaleSetsNamed: (name) =>
      asAzure(SCALE_SET_READ, async () => {
        const found: ScaleSetSeen[] = [];
        for await (const one of virtualMachineScaleSets.listAll(options)) {
          const id = parseScaleSetId(one.id ?? "");
          if (id?.name.toLowerCase() === name) found.push(scaleSetSeen(id, one));
        }
        return found;
      }),
    delete: (id) => asAzure(deleteAction(id), () => startDelete(client, id, options)),
    setCapacity: async (id, capacity) => {
      await asAzure("Microsoft.Compute/virtualMachineScaleSets/write", async () => {
        const poller = virtualMachineScaleSets.update(id.resourceGroup, id.name, { sku: { capacity } }, options);
        // Awaiting the poller itself would wait for the end of the operation.
        await poller.submitted();
      });
    },
  };
}

const deleteAction = ({ mode }: AzureMachineId): string =>
  mode === "Uniform"
    ? "Microsoft.Compute/virtualMachineScaleSets/delete/action"
    : "Microsoft.Compute/virtualMachines/delete";

async function startDelete(
  { virtualMachines, virtualMachineScaleSets }: ComputeManagementClient,
  id: AzureMachineId,
  options: { readonly abortSignal?: AbortSignal },
): Promise<void> {
  const poller =
    id.mode === "Uniform"
      ? virtualMachineScaleSets.deleteInstances(id.resourceGroup, id.scaleSet, { instanceIds: [id.number] }, options)
      : virtualMachines.delete(id.resourceGroup, id.name, options);
  await poller.submitted();
}

interface SdkMachine {
  readonly provisioningState?: string;
  readonly osProfile?: { readonly computerName?: string };
  readonly instanceView?: { readonly statuses?: readonly InstanceViewStatus[] };
}

const POWER = "PowerState/";

function seen({ provisioningState = "", osProfile, instanceView }: SdkMachine) {
  const power = instanceView?.statuses?.find(({ code }) => code?.startsWith(POWER))?.code ?? "";
  const computerName = osProfile?.computerName;
  return { provisioningState, powerState: power.slice(POWER.length), ...(computerName && { computerName }) };
}

interface SdkScaleSet {
  readonly tags?: Readonly<Record<string, string>>;
  readonly sku?: { readonly capacity?: number };
}

const scaleSetSeen = (id: ScaleSetId, { tags = {}, sku }: SdkScaleSet): ScaleSetSeen => ({
  id,
  tags,
  capacity: sku?.capacity ?? 0,
});
