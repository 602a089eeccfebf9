/** The kinds that the API serves without a CustomResourceDefinition, and what is special about each. */

import type { Json, Stored } from "./object.ts";
import type { CompiledSchema } from "./schema.ts";

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
  readonly jsonPath: string;
}

export interface ResourceType {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly listKind: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  /** "status", "scale", "eviction", "finalize" ... */
  readonly subresources: readonly string[];
  /** Name of the storage bucket: all versions of a kind share it. */
  readonly bucket: string;
  /** Writes keep metadata.generation. */
  readonly counted: boolean;
  /** POST only, nothing is stored. */
  readonly virtual?: boolean;
  /** Fields that a fieldSelector may name, besides metadata.name and metadata.namespace. */
  readonly selectable: readonly string[];
  readonly custom?: CustomType;
}

/** What a CustomResourceDefinition adds. */
export interface CustomType {
  readonly schema: CompiledSchema;
  readonly rawSchema: Json;
  readonly storageVersion: string;
  readonly columns: readonly Column[];
  readonly scale?: { readonly spec: string; readonly status: string; readonly selector?: string };
  readonly deprecated?: string;
  /** Stored object -> what this version of the kind shows. */
  readonly views: WeakMap<Stored, Stored>;
}

type Row = [plural: string, kind: string, shortNames: string, traits?: string, selectable?: string];

const EVENT_FIELDS = ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"]
  .map((field) => `involvedObject.${field}`)
  .concat("reason", "reportingComponent", "source", "type")
  .join(" ");
const POD_FIELDS =
  "spec.nodeName spec.restartPolicy spec.schedulerName spec.serviceAccountName status.phase status.podIP status.nominatedNodeName";

// Traits: ns = namespaced, st = /status, sc = /scale, gen = counts generations, all = in `kubectl get all`; others name a
// subresource.
const BUILT_IN: Record<string, readonly Row[]> = {
  v1: [
    ["configmaps", "ConfigMap", "cm", "ns"],
    ["events", "Event", "ev", "ns", EVENT_FIELDS],
    ["namespaces", "Namespace", "ns", "st finalize"],
    ["nodes", "Node", "no", "st", "spec.unschedulable"],
    ["persistentvolumeclaims", "PersistentVolumeClaim", "pvc", "ns st"],
    ["persistentvolumes", "PersistentVolume", "pv", "st"],
    ["pods", "Pod", "po", "ns st eviction binding all", POD_FIELDS],
    ["secrets", "Secret", "", "ns", "type"],
    ["serviceaccounts", "ServiceAccount", "sa", "ns"],
    ["services", "Service", "svc", "ns st all"],
  ],
  "apps/v1": [
    ["daemonsets", "DaemonSet", "ds", "ns st gen all"],
    ["deployments", "Deployment", "deploy", "ns st sc gen all"],
    ["replicasets", "ReplicaSet", "rs", "ns st sc gen all"],
    ["statefulsets", "StatefulSet", "sts", "ns st sc gen all"],
  ],
  "policy/v1": [["poddisruptionbudgets", "PodDisruptionBudget", "pdb", "ns st gen"]],
  "coordination.k8s.io/v1": [["leases", "Lease", "", "ns"]],
  "storage.k8s.io/v1": [["volumeattachments", "VolumeAttachment", "", "st"]],
  "rbac.authorization.k8s.io/v1": [
    ["clusterroles", "ClusterRole", ""],
    ["clusterrolebindings", "ClusterRoleBinding", ""],
    ["roles", "Role", "", "ns"],
    ["rolebindings", "RoleBinding", "", "ns"],
  ],
  "authorization.k8s.io/v1": [
    ["selfsubjectaccessreviews", "SelfSubjectAccessReview", "", "virtual"],
    ["subjectaccessreviews", "SubjectAccessReview", "", "virtual"],
  ],
  "authentication.k8s.io/v1": [
    ["selfsubjectreviews", "SelfSubjectReview", "", "virtual"],
    ["tokenreviews", "TokenReview", "", "virtual"],
  ],
  "apiextensions.k8s.io/v1": [["customresourcedefinitions", "CustomResourceDefinition", "crd crds", "st gen"]],
};

const words = (text = "") => text.split(" ").filter(Boolean);
const SUBRESOURCES: Record<string, string> = { st: "status", sc: "scale" };

function builtIn(apiVersion: string, [plural, kind, shortNames, traits, selectable]: Row): ResourceType {
  const [version = "", group = ""] = apiVersion.split("/").reverse();
  const marks = words(traits);
  return {
    group,
    version,
    plural,
    singular: kind.toLowerCase(),
    kind,
    listKind: `${kind}List`,
    shortNames: words(shortNames),
    categories: marks.includes("all") ? ["all"] : [],
    namespaced: marks.includes("ns"),
    subresources: marks
      .filter((mark) => !["ns", "gen", "virtual", "all"].includes(mark))
      .map((mark) => SUBRESOURCES[mark] ?? mark),
    bucket: `${group}/${plural}`,
    counted: marks.includes("gen"),
    virtual: marks.includes("virtual"),
    selectable: words(selectable),
  };
}

export const builtInTypes: readonly ResourceType[] = Object.entries(BUILT_IN).flatMap(([apiVersion, rows]) =>
  rows.map((row) => builtIn(apiVersion, row)),
);

export const apiVersionOf = (type: { readonly group: string; readonly version: string }) =>
  type.group ? `${type.group}/${type.version}` : type.version;
