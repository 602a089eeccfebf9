/** Permissive stand-ins for the upstream CRDs a drain touches: names, versions, subresources and columns of upstream, any fields. */

interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly shortNames?: readonly string[];
  readonly subresources?: Readonly<Record<string, object>>;
  /** Contract of Cluster API -> the versions that fulfil it. */
  readonly contracts?: Readonly<Record<string, string>>;
  /** Column name -> JSON path; an integer is marked with a leading "#". */
  readonly columns: Readonly<Record<string, string>>;
}

const core = { group: "cluster.x-k8s.io", version: "v1beta2" };
const infrastructure = {
  group: "infrastructure.cluster.x-k8s.io",
  version: "v1beta2",
  contracts: { v1beta1: "v1beta1_v1beta2" },
  subresources: { status: {} },
};
/** Upstream's Azure provider serves its first version only. */
const azure = { ...infrastructure, version: "v1beta1", contracts: { v1beta1: "v1beta1" } };
const scale = { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas" };

const KINDS: readonly Kind[] = [
  { ...core, kind: "Cluster", shortNames: ["cl"], subresources: { status: {} }, columns: { Phase: ".status.phase" } },
  {
    ...core,
    kind: "MachinePool",
    shortNames: ["mp"],
    subresources: { status: {}, scale },
    columns: {
      Cluster: ".spec.clusterName",
      Desired: "#.spec.replicas",
      Current: "#.status.replicas",
      Ready: "#.status.readyReplicas",
      Phase: ".status.phase",
      Version: ".spec.template.spec.version",
    },
  },
  {
    ...core,
    kind: "Machine",
    shortNames: ["ma"],
    subresources: { status: {} },
    columns: { Cluster: ".spec.clusterName", "Node Name": ".status.nodeRef.name", Phase: ".status.phase" },
  },
  {
    ...core,
    kind: "MachineDrainRule",
    columns: { Behavior: ".spec.drain.behavior", Order: "#.spec.drain.order" },
  },
  {
    group: "bootstrap.cluster.x-k8s.io",
    version: "v1beta2",
    kind: "KubeadmConfig",
    subresources: { status: {} },
    contracts: { v1beta1: "v1beta1", v1beta2: "v1beta2" },
    columns: { Secret: ".status.dataSecretName" },
  },
  { ...infrastructure, kind: "AWSCluster", shortNames: ["awsc"], columns: { Ready: ".status.ready" } },
  { ...infrastructure, kind: "AWSMachine", shortNames: ["awsm"], columns: { InstanceID: ".spec.instanceID" } },
  {
    ...infrastructure,
    kind: "AWSMachinePool",
    shortNames: ["awsmp"],
    columns: {
      Ready: ".status.ready",
      Replicas: "#.status.replicas",
      MinSize: "#.spec.minSize",
      MaxSize: "#.spec.maxSize",
    },
  },
  { ...azure, kind: "AzureCluster", columns: { Ready: ".status.ready" } },
  {
    ...azure,
    kind: "AzureMachinePool",
    shortNames: ["amp"],
    columns: { Replicas: "#.status.replicas", Ready: ".status.ready", State: ".status.provisioningState" },
  },
  {
    ...azure,
    kind: "AzureMachinePoolMachine",
    shortNames: ["ampm"],
    columns: { Version: ".status.version", Ready: ".status.ready", State: ".status.provisioningState" },
  },
];

const toColumn = ([name, path]: [string, string]) =>
  path.startsWith("#") ? { name, type: "integer", jsonPath: path.slice(1) } : { name, type: "string", jsonPath: path };

function toCrd({ group, version, kind, shortNames = [], subresources = {}, contracts = {}, columns }: Kind) {
  const singular = kind.toLowerCase();
  const open = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  const labels = Object.fromEntries(
    Object.entries(contracts).map(([contract, versions]) => [`cluster.x-k8s.io/${contract}`, versions]),
  );
  const schema = { type: "object", properties: { spec: open, status: open } };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${singular}s.${group}`, labels },
    spec: {
      group,
      scope: "Namespaced",
      names: {
        kind,
        listKind: `${kind}List`,
        plural: `${singular}s`,
        singular,
        shortNames,
        categories: ["cluster-api"],
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources,
          schema: { openAPIV3Schema: schema },
          additionalPrinterColumns: [
            ...Object.entries(columns).map(toColumn),
            { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
          ],
        },
      ],
    },
  };
}

export const upstreamCrds = KINDS.map(toCrd);
