/** Reads a scale set and its machines, in either mode, as plain facts; SDK types end here. */
import type {
  ComputeManagementClient,
  InstanceViewStatus,
  VirtualMachine,
  VirtualMachineScaleSet,
  VirtualMachineScaleSetVM,
} from "@azure/arm-compute";
import { ProviderError } from "../../errors.ts";
import { ifThere } from "../errors.ts";
import { parseMachineId, type ScaleSetId, scaleSetId } from "../provider-id.ts";
import { identitySeen } from "./identity-wish.ts";
import type { MachineFacts, ScaleSetFacts } from "./sight.ts";

/** Every call throws ProviderError. */
export interface ScaleSetReader {
  /** undefined: there is none. */
  scaleSet(id: ScaleSetId): Promise<ScaleSetFacts | undefined>;
  /** In no order. Throws "conflict" when there is no such set (any more). `states`: with power states, which cost Azure more. */
  machines(
    id: ScaleSetId,
    how: { readonly flexible: boolean; readonly states: boolean },
  ): Promise<readonly MachineFacts[]>;
}

export function scaleSetReader(client: ComputeManagementClient, signal?: AbortSignal): ScaleSetReader {
  const options = signal ? { abortSignal: signal } : {};
  return {
    scaleSet: (id) =>
      ifThere("Microsoft.Compute/virtualMachineScaleSets/read", async () =>
        scaleSetFacts(id, await client.virtualMachineScaleSets.get(id.resourceGroup, id.name, options)),
      ),
    machines: async (id, { flexible, states }) => {
      const expand = states ? ({ expand: "instanceView" } as const) : {};
      const read = flexible
        ? () => flexibleMachines(client, id, { ...options, ...expand })
        : () => uniformMachines(client, id, { ...options, ...expand });
      const action = flexible
        ? "Microsoft.Compute/virtualMachines/read"
        : "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/read";
      const found = await ifThere(action, read);
      // The set was there a moment ago: no list is no word that it is empty.
      if (!found) throw new ProviderError("conflict", action, "", `scale set ${id.name} has gone meanwhile`);
      return found;
    },
  };
}

interface Options {
  readonly abortSignal?: AbortSignal;
  readonly expand?: "instanceView";
}

async function uniformMachines(client: ComputeManagementClient, id: ScaleSetId, options: Options) {
  const found: MachineFacts[] = [];
  for await (const one of client.virtualMachineScaleSetVMs.list(id.resourceGroup, id.name, options)) {
    const number = one.instanceId ?? parseNumber(one.id);
    // The set's own spelling of its name: Azure may write ids in capitals.
    if (number) found.push(uniformFacts(id, number, one));
  }
  return found;
}

/** The set's own list says little more than ids there: the machines themselves are asked, in one list. */
async function flexibleMachines(client: ComputeManagementClient, id: ScaleSetId, options: Options) {
  const found: MachineFacts[] = [];
  const filter = `'virtualMachineScaleSet/id' eq '${scaleSetId(id)}'`;
  for await (const one of client.virtualMachines.list(id.resourceGroup, { ...options, filter })) {
    if (one.name) found.push(flexibleFacts(id, one.name, one));
  }
  return found;
}

function parseNumber(armId: string | undefined): string | undefined {
  const id = parseMachineId(armId ?? "");
  return id?.mode === "Uniform" ? id.number : undefined;
}

function uniformFacts(
  { subscriptionId, resourceGroup, name }: ScaleSetId,
  number: string,
  one: VirtualMachineScaleSetVM,
): MachineFacts {
  return {
    ...sharedFacts(one),
    id: { mode: "Uniform", subscriptionId, resourceGroup: resourceGroup.toLowerCase(), scaleSet: name, number },
    protectedFromScaleIn: one.protectionPolicy?.protectFromScaleIn ?? false,
  };
}

const flexibleFacts = (
  { subscriptionId, resourceGroup }: ScaleSetId,
  name: string,
  one: VirtualMachine,
): MachineFacts => ({
  ...sharedFacts(one),
  id: { mode: "Flexible", subscriptionId, resourceGroup: resourceGroup.toLowerCase(), name },
});

type Shared = Pick<VirtualMachine, "provisioningState" | "storageProfile" | "timeCreated"> & {
  readonly instanceView?: { readonly statuses?: InstanceViewStatus[] };
};

const STOPPED: readonly (string | undefined)[] = ["PowerState/deallocated", "PowerState/deallocating"];

function sharedFacts({ provisioningState = "Creating", storageProfile, timeCreated, instanceView }: Shared) {
  const image = storageProfile?.imageReference;
  return {
    provisioningState,
    ...(image && { image }),
    ...(timeCreated && { timeCreated }),
    deallocated: instanceView?.statuses?.some(({ code }) => STOPPED.includes(code)) ?? false,
  };
}

function scaleSetFacts(id: ScaleSetId, set: VirtualMachineScaleSet): ScaleSetFacts {
  const { virtualMachineProfile: profile, identity } = set;
  const image = profile?.storageProfile?.imageReference;
  const keys = profile?.osProfile?.linuxConfiguration?.ssh?.publicKeys ?? [];
  return {
    id,
    location: set.location,
    ...(set.etag && { etag: set.etag }),
    provisioningState: set.provisioningState ?? "Succeeded",
    capacity: set.sku?.capacity ?? 0,
    size: set.sku?.name ?? "",
    tags: set.tags ?? {},
    zones: [...(set.zones ?? [])].sort(),
    ...(image && { image }),
    identity: identitySeen(identity),
    ...(identity?.principalId && { principalId: identity.principalId }),
    sshKeys: keys.flatMap(({ keyData }) => keyData ?? []),
    foreignRules: foreignRules(set),
  };
}

/** What lets Azure delete or change instances without asking us. */
function foreignRules({
  upgradePolicy,
  automaticRepairsPolicy,
  orchestrationMode,
}: VirtualMachineScaleSet): readonly string[] {
  const { mode } = upgradePolicy ?? {};
  return [
    ...(orchestrationMode !== "Flexible" && mode && mode !== "Manual"
      ? [`upgradePolicy.mode is ${mode}, not Manual`]
      : []),
    ...(automaticRepairsPolicy?.enabled ? ["automaticRepairsPolicy is enabled"] : []),
  ];
}
