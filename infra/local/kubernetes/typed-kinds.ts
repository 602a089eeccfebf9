/** What the server itself fills in for built-in kinds: the defaults that we and our peers rely on, and no others. */
import { isJson, type Json, jsonOf, type Stored } from "./object.ts";
import type { ResourceType } from "./resource-types.ts";

// A kubelet registers its Node together with the status; events and leases have none.
const OWN_STATUS = new Set(["/nodes"]);

/** Whether a client may set status while creating. */
export const keptStatus = (type: ResourceType) => OWN_STATUS.has(type.bucket) || !type.subresources.includes("status");

const FIRST_STATUS: Readonly<Record<string, Json>> = {
  "/pods": { phase: "Pending" },
  "/namespaces": { phase: "Active" },
  "/persistentvolumes": { phase: "Pending" },
  "/persistentvolumeclaims": { phase: "Pending" },
};

const FIRST_SPEC: Readonly<Record<string, Json>> = {
  "/pods": {
    terminationGracePeriodSeconds: 30,
    restartPolicy: "Always",
    dnsPolicy: "ClusterFirst",
    schedulerName: "default-scheduler",
  },
  "/namespaces": { finalizers: ["kubernetes"] },
  "apps/deployments": { replicas: 1 },
  "apps/replicasets": { replicas: 1 },
  "apps/statefulsets": { replicas: 1 },
};

// stringData is write-only: the server folds it into data as base64.
function foldStringData(secret: Stored): Stored {
  const { stringData, ...rest } = secret;
  if (!isJson(stringData)) return secret;
  const encoded = Object.entries(stringData).map(([key, value]) => [
    key,
    Buffer.from(String(value)).toString("base64"),
  ]);
  return { ...rest, data: { ...jsonOf(secret.data), ...Object.fromEntries(encoded) } };
}

export function prepareCreate(type: ResourceType, object: Stored): Stored {
  const spec = FIRST_SPEC[type.bucket];
  const status = FIRST_STATUS[type.bucket];
  const filled: Stored = {
    ...object,
    ...(spec && { spec: { ...spec, ...jsonOf(object.spec) } }),
    ...(status && { status }),
  };
  if (type.bucket === "/secrets") return foldStringData({ type: "Opaque", ...filled });
  if (type.bucket !== "/namespaces") return filled;
  const labels = { ...filled.metadata.labels, "kubernetes.io/metadata.name": filled.metadata.name };
  return { ...filled, metadata: { ...filled.metadata, labels } };
}
