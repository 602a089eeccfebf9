/** What the kubectl tests apply: a definition with columns, status and scale, and a small workload on three nodes. */

const meta = (name: string, more: object = {}) => ({ name, ...more });

export const gadgets = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "gadgets.shop.example.com" },
  spec: {
    group: "shop.example.com",
    scope: "Namespaced",
    names: { plural: "gadgets", kind: "Gadget", shortNames: ["gd"] },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        subresources: {
          status: {},
          scale: { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.ready" },
        },
        additionalPrinterColumns: [
          { name: "Replicas", type: "integer", jsonPath: ".spec.replicas" },
          { name: "Color", type: "string", jsonPath: ".spec.color", priority: 1 },
          { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
        ],
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              spec: {
                type: "object",
                properties: {
                  replicas: { type: "integer", description: "How many there shall be." },
                  color: { type: "string" },
                },
              },
              status: { type: "object", properties: { ready: { type: "integer" } } },
            },
          },
        },
      },
    ],
  },
};

export const gadget = (name: string, replicas: number) => ({
  apiVersion: "shop.example.com/v1",
  kind: "Gadget",
  metadata: { name, namespace: "default" },
  spec: { replicas, color: "red" },
});

const node = (name: string) => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: meta(name),
  status: { conditions: [{ type: "Ready", status: "True" }], nodeInfo: { kubeletVersion: "v1.35.0" } },
});

// Grace 0: there is no kubelet here that would finish a pod.
const pod = (name: string, nodeName: string, metadata: object) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: meta(name, { namespace: "default", ...metadata }),
  spec: { nodeName, terminationGracePeriodSeconds: 0, containers: [{ name: "c", image: "i" }] },
});

const owner = (kind: string, name: string) => ({ apiVersion: "apps/v1", kind, name, uid: name, controller: true });

export const workload = [
  node("n1"),
  node("n2"),
  node("n3"),
  {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: meta("agent", { namespace: "default" }),
    spec: { selector: { matchLabels: { app: "agent" } } },
  },
  pod("web", "n1", { ownerReferences: [owner("ReplicaSet", "web")] }),
  pod("agent", "n1", { ownerReferences: [owner("DaemonSet", "agent")] }),
  pod("guarded", "n3", { labels: { app: "guarded" }, ownerReferences: [owner("ReplicaSet", "guarded")] }),
  {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: meta("guard", { namespace: "default" }),
    spec: { minAvailable: 1, selector: { matchLabels: { app: "guarded" } } },
  },
];
