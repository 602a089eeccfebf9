/** The reviewed table: what each function of a cloud's deployment may do in both clusters. */

/** resource[.group] -> verbs. */
export type Rights = Readonly<Record<string, string>>;
export type Cloud = "aws" | "azure";
/** Function -> rights, by cluster. */
export type Reviewed = Readonly<Record<"management" | "workload", Readonly<Record<string, Rights>>>>;

const RECORD: Rights = {
  "instanceterminations.lifecycle.cluster.x-k8s.io": "create delete get list patch",
  "machinepools.cluster.x-k8s.io": "get",
  "machines.cluster.x-k8s.io": "list",
  secrets: "get",
};
const DRAINING: Rights = {
  "instanceterminations.lifecycle.cluster.x-k8s.io": "delete get patch",
  "instanceterminations/status.lifecycle.cluster.x-k8s.io": "patch",
  "clusters.cluster.x-k8s.io": "get",
  "machinepools.cluster.x-k8s.io": "get",
  "machines.cluster.x-k8s.io": "get",
  "machinedrainrules.cluster.x-k8s.io": "list",
  secrets: "get",
};
const DRAIN: Rights = {
  ...DRAINING,
  "instanceterminations.lifecycle.cluster.x-k8s.io": "delete get list patch",
  events: "create",
};
const SWEEP: Rights = { ...RECORD, "machinepools.cluster.x-k8s.io": "get list" };
const RECONCILE: Rights = {
  "instanceterminations.lifecycle.cluster.x-k8s.io": "create delete get list patch",
  "clusters.cluster.x-k8s.io": "get",
  "machinepools.cluster.x-k8s.io": "get list patch",
  "machinepools/status.cluster.x-k8s.io": "patch",
  "machinepools/finalizers.cluster.x-k8s.io": "update",
  "machines.cluster.x-k8s.io": "create delete get list patch",
  "machines/status.cluster.x-k8s.io": "patch",
  "kubeadmconfigs.bootstrap.cluster.x-k8s.io": "delete get patch",
  "customresourcedefinitions.apiextensions.k8s.io": "get",
  events: "create",
  namespaces: "get",
  secrets: "get",
};

const DRAINS_INSIDE: Rights = {
  nodes: "delete get list patch",
  pods: "delete list",
  "pods/eviction": "create",
  namespaces: "list",
  persistentvolumes: "list",
  "daemonsets.apps": "list",
  "volumeattachments.storage.k8s.io": "list",
};
const INSIDE = {
  "drain-continued": DRAINS_INSIDE,
  "overdue-swept": { nodes: "get list patch" },
  "pool-continued": { nodes: "delete list patch" },
};

const AWS_POOLS: Rights = { "awsmachinepools.infrastructure.cluster.x-k8s.io": "list" };
const AZURE_POOLS: Rights = { "azuremachinepools.infrastructure.cluster.x-k8s.io": "list" };

const AWS: Reviewed = {
  management: {
    "termination-recorder": { ...RECORD, ...AWS_POOLS },
    "drain-continued": DRAIN,
    "overdue-swept": { ...SWEEP, ...AWS_POOLS },
    "pool-continued": {
      ...RECONCILE,
      "eksconfigs.bootstrap.cluster.x-k8s.io": "delete get patch",
      "nodeadmconfigs.bootstrap.cluster.x-k8s.io": "delete get patch",
      "awsmachinepools.infrastructure.cluster.x-k8s.io": "delete get patch",
      "awsmachinepools/status.infrastructure.cluster.x-k8s.io": "patch",
      "awsmachinepools/finalizers.infrastructure.cluster.x-k8s.io": "update",
      "awsmachines.infrastructure.cluster.x-k8s.io": "create delete get list patch",
      "awsmachines/status.infrastructure.cluster.x-k8s.io": "patch",
      "awsclusters.infrastructure.cluster.x-k8s.io": "get",
      "awsclustercontrolleridentities.infrastructure.cluster.x-k8s.io": "get",
      "awsclusterroleidentities.infrastructure.cluster.x-k8s.io": "get",
      "awsclusterstaticidentities.infrastructure.cluster.x-k8s.io": "get",
      "awsmanagedcontrolplanes.controlplane.cluster.x-k8s.io": "get",
    },
  },
  workload: { ...INSIDE, "termination-recorder": { nodes: "get list patch" } },
};

const AZURE: Reviewed = {
  management: {
    // Of changes and health it only tells others.
    "termination-recorder": { "instanceterminations.lifecycle.cluster.x-k8s.io": "list", ...AZURE_POOLS },
    // It records as well, and asks for the other machines of an event.
    "drain-continued": {
      ...DRAIN,
      ...AZURE_POOLS,
      "instanceterminations.lifecycle.cluster.x-k8s.io": "create delete get list patch",
      "machines.cluster.x-k8s.io": "get list",
    },
    "overdue-swept": { ...SWEEP, ...AZURE_POOLS },
    // Records, and makes the first pass of a drain where seconds count: of that there is nothing to tell yet.
    "scheduled-event-emitted": {
      ...DRAINING,
      ...AZURE_POOLS,
      "instanceterminations.lifecycle.cluster.x-k8s.io": "create delete get list patch",
      "machines.cluster.x-k8s.io": "get list",
    },
    "pool-continued": {
      ...RECONCILE,
      "azuremachinepools.infrastructure.cluster.x-k8s.io": "delete get patch",
      "azuremachinepools/status.infrastructure.cluster.x-k8s.io": "patch",
      "azuremachinepools/finalizers.infrastructure.cluster.x-k8s.io": "update",
      "azuremachinepoolmachines.infrastructure.cluster.x-k8s.io": "create delete get list patch",
      "azuremachinepoolmachines/status.infrastructure.cluster.x-k8s.io": "patch",
      "azureclusters.infrastructure.cluster.x-k8s.io": "get",
      "azuremanagedcontrolplanes.infrastructure.cluster.x-k8s.io": "get",
      "azureclusteridentities.infrastructure.cluster.x-k8s.io": "get",
    },
  },
  workload: { ...INSIDE, "scheduled-event-emitted": DRAINS_INSIDE },
};

export const REVIEWED: Readonly<Record<Cloud, Reviewed>> = { aws: AWS, azure: AZURE };
