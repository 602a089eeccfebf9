/** The verbs of KubernetesClient over an exchange: paths, content types, deadlines, typed errors. */
import type { KubernetesObject, Resource } from "../api/kubernetes/meta.ts";
import type { At, DeleteOptions, KubernetesClient, ListQuery, Patch, Subresource } from "./client.ts";
import { KubernetesError } from "./errors.ts";
import type { ApiRequest, Exchange } from "./exchange.ts";
import { collectionPath, listPath, objectPath } from "./resource-path.ts";
import { statusError } from "./status-error.ts";

export interface RestClientOptions {
  readonly exchange: Exchange;
  /** Names the cluster in messages, e.g. "the management cluster". */
  readonly name: string;
  /** The invocation's end; absent: only the deadline of each call. */
  readonly signal: AbortSignal | undefined;
}

const CALL_SECONDS = 10;
/** The server retries inside an eviction for up to 10 s (kubernetes pkg/registry/core/pod/storage/eviction.go). */
const EVICTION_SECONDS = 15;
const HEADERS = { accept: "application/json", "user-agent": "lifeguard" };
const WRITTEN_BY = "fieldManager=lifeguard";
const CONTENT_TYPES: Readonly<Record<Patch["type"], string>> = {
  merge: "application/merge-patch+json",
  json: "application/json-patch+json",
  strategic: "application/strategic-merge-patch+json",
};

type Ask = Pick<ApiRequest, "method" | "path"> & {
  readonly body?: object;
  readonly contentType?: string;
  readonly seconds?: number;
};

export function restClient(options: RestClientOptions): KubernetesClient {
  const ask = <T>(asked: Ask) => call<T>(options, asked);
  return {
    get: async <T extends KubernetesObject>(resource: Resource, at: At) =>
      ask<T>({ method: "GET", path: objectPath(resource, at) }),
    list: <T extends KubernetesObject>(resource: Resource, query: ListQuery = {}) => pages<T>(ask, resource, query),
    create: async <T extends KubernetesObject>(resource: Resource, body: T) => {
      const path = `${collectionPath(resource, body.metadata.namespace)}?${WRITTEN_BY}`;
      return ask<T>({ method: "POST", path, body });
    },
    patch: async <T extends KubernetesObject>(resource: Resource, at: At, patch: Patch, subresource?: Subresource) => {
      const path = `${objectPath(resource, at, subresource)}?${WRITTEN_BY}`;
      return ask<T>({ method: "PATCH", path, body: patch.body, contentType: CONTENT_TYPES[patch.type] });
    },
    delete: async (resource, at, deletion = {}) => {
      await ask({ method: "DELETE", path: objectPath(resource, at), body: deleteBody(deletion) });
    },
    createSubresource: async (resource, at, subresource, body) => {
      const path = `${objectPath(resource, at, subresource)}?${WRITTEN_BY}`;
      const usual = subresource === "eviction" ? EVICTION_SECONDS : CALL_SECONDS;
      await ask({ method: "POST", path, body, seconds: Math.min(at.limitSeconds ?? usual, usual) });
    },
  };
}

interface List<T> {
  readonly metadata?: { readonly continue?: string };
  readonly items?: readonly T[] | null;
}

async function* pages<T>(
  ask: <A>(asked: Ask) => Promise<A>,
  resource: Resource,
  query: ListQuery,
): AsyncGenerator<readonly T[]> {
  let next: string | undefined;
  do {
    const page: List<T> = await ask({ method: "GET", path: listPath(resource, query, next) });
    yield page.items ?? [];
    next = page.metadata?.continue;
  } while (next);
}

function deleteBody({ uid, resourceVersion, ...rest }: DeleteOptions): object {
  const preconditions = { ...(uid ? { uid } : {}), ...(resourceVersion ? { resourceVersion } : {}) };
  return { apiVersion: "v1", kind: "DeleteOptions", ...rest, preconditions };
}

async function call<T>({ exchange, name, signal }: RestClientOptions, asked: Ask): Promise<T> {
  const { method, path, body, contentType = "application/json", seconds = CALL_SECONDS } = asked;
  const deadline = AbortSignal.timeout(seconds * 1000);
  const request: ApiRequest = {
    method,
    path,
    headers: { ...HEADERS, ...(body === undefined ? {} : { "content-type": contentType }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
  };
  const answer = await exchange(request).catch((error: unknown) => {
    if (error instanceof KubernetesError) throw error;
    const why = signal?.aborted
      ? "the invocation ended"
      : deadline.aborted
        ? `no answer within ${seconds} s`
        : undefined;
    throw unreachable(`${name}: ${method} ${path.replace(/\?.*/, "")}`, why, error);
  });
  if (answer.status < 200 || answer.status > 299) throw statusError(asked, answer);
  try {
    return JSON.parse(answer.body);
  } catch {
    throw new KubernetesError(
      "server",
      `${name}: ${method} ${path}: the answer is not JSON: does a proxy stand before it?`,
      {
        code: answer.status,
      },
    );
  }
}

function unreachable(asked: string, why: string | undefined, cause: unknown): KubernetesError {
  const said = cause instanceof Error ? cause.message : String(cause);
  return new KubernetesError("unreachable", `${asked}: ${why ?? said}`, { cause });
}
