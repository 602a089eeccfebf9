/** Rights on Azure that no play uses by itself, each with its reason; one that is played after all fails its test. */
import { BEHIND_ANOTHER } from "../../../packaging/azure/permissions.ts";

const BLOCKING =
  "the API server asks for it behind a create whose owner reference blocks deletion, where OwnerReferencesPermissionEnforcement is on";
const LATE_FIRST_PASS =
  "a notice of seconds for a machine whose drain has come so far; without it the queue's worker goes on, later";

export const KUBERNETES_REASONS: Readonly<Record<string, string>> = {
  "pool-continued update machinepools/finalizers.cluster.x-k8s.io (management)": BLOCKING,
  "pool-continued update azuremachinepools/finalizers.infrastructure.cluster.x-k8s.io (management)": BLOCKING,
  "scheduled-event-emitted delete nodes (workload)": LATE_FIRST_PASS,
  "scheduled-event-emitted list persistentvolumes (workload)": LATE_FIRST_PASS,
  "scheduled-event-emitted list volumeattachments.storage.k8s.io (workload)": LATE_FIRST_PASS,
};

const ONE_FUNCTION: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "pool-continued": {
    "Microsoft.Compute/virtualMachines/delete": "a Flexible set that is deleted takes along the machines that are left",
  },
  "scheduled-event-emitted": {
    "Microsoft.ResourceGraph/resources/read": LATE_FIRST_PASS,
    "Microsoft.Maintenance/scheduledevents/acknowledge/action": LATE_FIRST_PASS,
  },
};

/** The local Azure asks for these as Azure does. */
const ASKED_FOR =
  /\/(join|assign)\/action$|^Microsoft\.Compute\/(diskEncryptionSets|images|galleries\/images\/versions)\/read$/;
/** Of virtual machines' network interfaces, which a set makes itself. */
const OF_INTERFACES = /networkInterfaces/;

/** Why nobody in the plays needs it; undefined: somebody must. */
export function reasonFor(functionName: string, action: string): string | undefined {
  if (ASKED_FOR.test(action) && !OF_INTERFACES.test(action)) return undefined;
  return ONE_FUNCTION[functionName]?.[action] ?? BEHIND_ANOTHER[action];
}
