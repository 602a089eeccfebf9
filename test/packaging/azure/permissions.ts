/** The reviewed table of rights: what each function's identity may do in Azure, on what, and which of it nobody sends by itself. */

const SETS = "Microsoft.Compute/virtualMachineScaleSets";
const MACHINES = "Microsoft.Compute/virtualMachines";

/** lib/reconcile/notice-step.ts: which instance of which set is it, and does it still wait? */
const FIND = [
  `${SETS}/read`,
  `${SETS}/virtualMachines/read`,
  `${MACHINES}/read`,
  "Microsoft.Maintenance/scheduledevents/read",
  "Microsoft.ResourceGraph/resources/read",
];
const ACKNOWLEDGE = "Microsoft.Maintenance/scheduledevents/acknowledge/action";

/** Of a Flexible set: its disks and its network interface go with a machine (deleteOption Delete). */
const DELETE_MACHINE = [
  `${MACHINES}/delete`,
  "Microsoft.Compute/disks/delete",
  "Microsoft.Network/networkInterfaces/delete",
];

/** Management actions, over the subscription. Those that are not here only tell others to look (lib/reconcile/group-hint.ts). */
export const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  // Where seconds count it makes the first pass of the drain as well.
  "scheduled-event-emitted": [...FIND, ACKNOWLEDGE],
  // lib/reconcile/sweep-step.ts
  "overdue-swept": FIND,
  // lib/reconcile/drain-step.ts: looks, acknowledges, deletes exactly the drained instance, puts the capacity back.
  "drain-continued": [...FIND, ACKNOWLEDGE, `${SETS}/write`, `${SETS}/delete/action`, ...DELETE_MACHINE],
  // lib/reconcile/pool-step.ts and node-step.ts
  "pool-continued": [
    `${SETS}/read`,
    `${SETS}/write`,
    `${SETS}/delete`,
    `${SETS}/virtualMachines/read`,
    `${SETS}/virtualMachines/write`,
    `${MACHINES}/read`,
    `${MACHINES}/write`,
    ...DELETE_MACHINE,
    "Microsoft.Compute/locations/operations/read",
    "Microsoft.Compute/skus/read",
    "Microsoft.Compute/disks/write",
    "Microsoft.Compute/diskEncryptionSets/read",
    "Microsoft.Compute/galleries/images/versions/read",
    "Microsoft.Compute/images/read",
    "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",
    "Microsoft.Network/loadBalancers/backendAddressPools/join/action",
    "Microsoft.Network/networkInterfaces/join/action",
    "Microsoft.Network/networkInterfaces/write",
    "Microsoft.Network/virtualNetworks/subnets/join/action",
    "Microsoft.Resources/tags/write",
  ],
};

/** Rights on data, which GRANTS gives: not to be found among management actions. */
export const ON_DATA: readonly string[] = ["Microsoft.ServiceBus/namespaces/messages/send/action"];

/**
 * In code that we ship, and deliberately allowed to nobody: a pool whose machines get an identity of their own
 * (`identity: SystemAssigned`) wants a role for each set. Who may give roles may take any, so a person must allow it, and name
 * the roles in LIFEGUARD_ASSIGNABLE_ROLES.
 */
export const NOT_SHIPPED = /Microsoft\.Authorization\/roleAssignments/;

const NAMED_BY_A_SET = "a set is written only by who may use what it names";
/** Azure asks for these behind a request of another name, so no code names them. */
export const BEHIND_ANOTHER: Readonly<Record<string, string>> = {
  [`${MACHINES}/write`]: "a Flexible set makes its machines as the one who wrote the set",
  "Microsoft.Compute/disks/write": "likewise their disks",
  "Microsoft.Compute/disks/delete": "a machine takes them with it",
  "Microsoft.Network/networkInterfaces/delete": "a machine takes it with it",
  "Microsoft.Network/networkInterfaces/write": "likewise their network interfaces",
  "Microsoft.Network/networkInterfaces/join/action": "likewise",
  "Microsoft.Compute/diskEncryptionSets/read": NAMED_BY_A_SET,
  "Microsoft.Compute/galleries/images/versions/read": NAMED_BY_A_SET,
  "Microsoft.Compute/images/read": NAMED_BY_A_SET,
  "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action": NAMED_BY_A_SET,
  "Microsoft.Network/loadBalancers/backendAddressPools/join/action": NAMED_BY_A_SET,
  "Microsoft.Network/virtualNetworks/subnets/join/action": NAMED_BY_A_SET,
  "Microsoft.Maintenance/scheduledevents/read": "Resource Graph shows only what its caller may read",
};

/** Rights on data, each given on one resource: "app: duty on what". */
export const GRANTS: readonly string[] = [
  ...Object.entries({
    "audit-received": ["audit-tokens"],
    "scheduled-event-emitted": ["notice-kubeconfig"],
    "resource-changed": ["recorder-kubeconfig"],
    "health-changed": ["recorder-kubeconfig"],
    "drain-continued": ["drain-kubeconfig"],
    "pool-continued": ["pool-kubeconfig"],
    "overdue-swept": ["sweep-kubeconfig"],
  }).flatMap(([app, secrets]) => [
    `${app}: host on its own storage account`,
    `${app}: telemetry on lifeguard`,
    `${app}: sender on looks`,
    `${app}: sender on pool-looks`,
    ...secrets.map((secret) => `${app}: secret on lifeguard-${secret}`),
  ]),
  "drain-continued: receiver on looks",
  "pool-continued: receiver on pool-looks",
  "topic resources: letters on event-dead-letters",
  "topic health: letters on event-dead-letters",
  "topic maintenance: letters on event-dead-letters",
];
