/** The URL path of an object or a collection; refuses names that would mean something else in a path. */
import type { Resource } from "../api/kubernetes/meta.ts";
import type { At, ListQuery, Subresource } from "./client.ts";
import { KubernetesError } from "./errors.ts";

/** `/api/v1/namespaces/default/pods/web-1[/eviction]`. */
export function objectPath(resource: Resource, { namespace, name }: At, subresource?: Subresource): string {
  const path = `${collectionPath(resource, namespace)}/${segment(resource, "name", name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

/** `/apis/apps/v1[/namespaces/default]/daemonsets`. */
export function collectionPath(resource: Resource, namespace?: string): string {
  const root = resource.apiVersion.includes("/") ? `/apis/${resource.apiVersion}` : `/api/${resource.apiVersion}`;
  const scope = namespace === undefined ? "" : `/namespaces/${segment(resource, "namespace", namespace)}`;
  return `${root}${scope}/${resource.plural}`;
}

const DEFAULT_LIMIT = 500;

export function listPath(resource: Resource, query: ListQuery, continueToken: string | undefined): string {
  const parameters = new URLSearchParams({ limit: String(query.limit ?? DEFAULT_LIMIT) });
  if (query.labelSelector) parameters.set("labelSelector", query.labelSelector);
  if (query.fieldSelector) parameters.set("fieldSelector", query.fieldSelector);
  if (continueToken) parameters.set("continue", continueToken);
  return `${collectionPath(resource, query.namespace)}?${parameters.toString()}`;
}

/** An empty name would turn a DELETE of one object into a DELETE of the collection. */
function segment(resource: Resource, what: string, value: string): string {
  if (value !== "" && value !== "." && value !== ".." && !/[/%]/.test(value)) return encodeURIComponent(value);
  throw new KubernetesError(
    "invalid",
    `${JSON.stringify(value)} cannot be the ${what} of a ${resource.kind}: no call was made`,
  );
}
