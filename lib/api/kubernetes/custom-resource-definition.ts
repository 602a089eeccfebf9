/** apiextensions.k8s.io/v1 CustomResourceDefinition: its labels say which versions fulfil which contract of Cluster API. */
import type { KubernetesObject, Resource } from "./meta.ts";

export const customResourceDefinitions: Resource = {
  apiVersion: "apiextensions.k8s.io/v1",
  plural: "customresourcedefinitions",
  kind: "CustomResourceDefinition",
};

/** Only the metadata is read. */
export type CustomResourceDefinition = KubernetesObject;
