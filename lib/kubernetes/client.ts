/** The verbs we use on an API server. Objects stay plain JSON, as sent and as received. */
import type { KubernetesObject, Resource } from "../api/kubernetes/meta.ts";

/** Where an object is; no namespace for cluster-scoped kinds. */
export interface At {
  readonly namespace?: string;
  readonly name: string;
}

export interface ListQuery {
  /** Absent: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Objects per page; default 500. */
  readonly limit?: number;
}

export type Subresource = "status" | "scale" | "eviction" | "binding";

/** The content type is always chosen by the caller: there is no default patch. */
export type Patch =
  | { readonly type: "merge"; readonly body: object }
  | { readonly type: "json"; readonly body: readonly object[] }
  | { readonly type: "strategic"; readonly body: object };

export interface DeleteOptions {
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: "Background" | "Foreground" | "Orphan";
}

/**
 * Every verb throws KubernetesError (see errors.ts) and nothing else; `signal` of the invocation ends a call in flight.
 */
export interface KubernetesClient {
  get<T extends KubernetesObject>(resource: Resource, at: At): Promise<T>;
  /** One page per step: `for await (const page of client.list(...))`; nothing holds two pages. */
  list<T extends KubernetesObject>(resource: Resource, query?: ListQuery): AsyncIterable<readonly T[]>;
  create<T extends KubernetesObject>(resource: Resource, body: T): Promise<T>;
  patch<T extends KubernetesObject>(resource: Resource, at: At, patch: Patch, subresource?: Subresource): Promise<T>;
  /** Success also when only marked for deletion. */
  delete(resource: Resource, at: At, options?: DeleteOptions): Promise<void>;
  /** POST to a subresource, e.g. an Eviction to `eviction`. `limitSeconds`: not waited for longer; default is the client's. */
  createSubresource(
    resource: Resource,
    at: At & { readonly limitSeconds?: number },
    subresource: Subresource,
    body: object,
  ): Promise<void>;
}
