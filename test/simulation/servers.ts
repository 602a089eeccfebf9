/** An API server in the process, without sockets, and beside it a copy of what it holds, kept by watches, that costs nothing to read. */
import { readFileSync } from "node:fs";
import { load } from "js-yaml";
import type { Clock } from "../../infra/local/clock.ts";
import { ADMIN, type Answer, createKubernetesApi } from "../../infra/local/kubernetes/api.ts";
import { upstreamCrds } from "../../infra/local/stories/crds.ts";
import type { KubernetesObject, Resource } from "../../lib/api/kubernetes/meta.ts";
import type { Subresource } from "../../lib/kubernetes/client.ts";
import type { ApiRequest } from "../../lib/kubernetes/exchange.ts";
import { collectionPath, objectPath } from "../../lib/kubernetes/resource-path.ts";
import type { Pass } from "./pass.ts";

export type ServerName = "management" | "workload";

/** One object became another; `by` a pass of ours, or an actor of the world by name. */
export interface Change {
  readonly server: ServerName;
  readonly plural: string;
  readonly by: Pass | string;
  readonly before?: KubernetesObject;
  readonly after?: KubernetesObject;
  /** The request of a pass that made it so. */
  readonly request?: Asked;
}

export type Asked = Pick<ApiRequest, "method" | "path" | "body">;

export interface Server {
  readonly name: ServerName;
  all<T extends KubernetesObject>(resource: Resource): readonly T[];
  find<T extends KubernetesObject>(resource: Resource, name: string, namespace?: string): T | undefined;
  /** A request of our own client, on behalf of a pass. */
  handle(by: Pass, request: Omit<ApiRequest, "signal">): Promise<Answer>;
  /** What actors do; who comes too late ("not found", "conflict") is told so by the code. */
  create(by: string, resource: Resource, object: KubernetesObject): Promise<number>;
  merge(by: string, resource: Resource, object: KubernetesObject, patch: MergePatch): Promise<number>;
  remove(by: string, resource: Resource, object: KubernetesObject, options?: object): Promise<number>;
}

export interface MergePatch {
  readonly body: object;
  readonly subresource?: Subresource;
}

const crd = load(
  readFileSync(
    new URL("../../infra/kubernetes/crds/lifecycle.cluster.x-k8s.io_instanceterminations.yaml", import.meta.url),
    "utf8",
  ),
);
const definitions: Resource = {
  apiVersion: "apiextensions.k8s.io/v1",
  plural: "customresourcedefinitions",
  kind: "CustomResourceDefinition",
};
const FUNCTION_USER = { name: "lifeguard", groups: ["system:masters"] };
const TOO_LATE = [404, 409];
/** A watch that outlives every run. */
const ENDLESS_SECONDS = 1e9;

export interface ServerOptions {
  readonly name: ServerName;
  readonly clock: Clock;
  /** Kinds that the copy holds. */
  readonly kinds: readonly Resource[];
  readonly onChange: (change: Change) => void;
  /** What a pass of ours was answered; the answer may still get lost. */
  readonly onAnswer: (pass: Pass, request: Asked, answer: Answer) => void;
}

/** What a watch shows is an object that the server stores. */
const stored = (shown: object): KubernetesObject => shown as KubernetesObject;
const keyOf = (name: string, namespace = "") => `${namespace}/${name}`;

export async function createServer({ name, clock, kinds, onChange, onAnswer }: ServerOptions): Promise<Server> {
  const api = createKubernetesApi({ clock, name });
  const copies = new Map<string, Map<string, KubernetesObject>>();
  let by: Pass | string = "the beginning";
  let request: Asked | undefined;

  const handle = (who: Pass | string, request: Parameters<typeof api.handle>[0]): Promise<Answer> => {
    by = who;
    // The server works at once: every change it makes is heard before this returns.
    const answer = api.handle(request);
    by = "nobody";
    return answer;
  };
  const ask = async (who: string, method: string, path: string, body?: object): Promise<number> => {
    const headers = method === "PATCH" ? { "content-type": "application/merge-patch+json" } : {};
    const { code, body: said } = await handle(who, { method, path, headers, body, user: ADMIN });
    if (code < 300 || TOO_LATE.includes(code)) return code;
    throw new Error(`${who}: ${method} ${path}: ${code} ${JSON.stringify(said)}`);
  };
  const placeOf = ({ metadata: { name: own, namespace } }: KubernetesObject) =>
    namespace === undefined ? { name: own } : { namespace, name: own };

  if (name === "management")
    for (const definition of [...upstreamCrds, crd]) {
      const answer = await ask("the beginning", "POST", collectionPath(definitions), definition as object);
      if (answer !== 201) throw new Error("a definition was refused");
    }
  for (const resource of kinds) {
    const path = `${collectionPath(resource)}?watch=true&timeoutSeconds=${ENDLESS_SECONDS}`;
    const { watch } = await handle("the beginning", { method: "GET", path, headers: {}, user: ADMIN });
    copies.set(resource.plural, new Map());
    watch?.start(
      ({ type, object }) => follow(resource.plural, type === "DELETED", stored(object)),
      () => {},
    );
  }
  function follow(plural: string, isGone: boolean, object: KubernetesObject): void {
    const copy = copies.get(plural);
    const key = keyOf(object.metadata?.name ?? "", object.metadata?.namespace);
    const before = copy?.get(key);
    if (isGone) copy?.delete(key);
    else copy?.set(key, object);
    onChange({
      server: name,
      plural,
      by,
      ...(before && { before }),
      ...(!isGone && { after: object }),
      ...(request && { request }),
    });
  }

  return {
    name,
    all: <T extends KubernetesObject>({ plural }: Resource) => [...(copies.get(plural)?.values() ?? [])] as T[],
    find: <T extends KubernetesObject>({ plural }: Resource, own: string, namespace?: string) =>
      copies.get(plural)?.get(keyOf(own, namespace)) as T | undefined,
    handle: async (pass, asked) => {
      const { method, path, headers, body } = asked;
      request = asked;
      const answer = handle(pass, { method, path, headers, body, user: FUNCTION_USER });
      request = undefined;
      onAnswer(pass, asked, await answer);
      return answer;
    },
    create: async (who, resource, object) => {
      const code = await ask(who, "POST", collectionPath(resource, object.metadata.namespace), object);
      const { status } = object as { status?: object };
      if (code === 201 && status && resource.plural !== "nodes")
        await ask(who, "PATCH", objectPath(resource, placeOf(object), "status"), { status });
      return code;
    },
    merge: (who, resource, object, { body, subresource }) =>
      ask(who, "PATCH", objectPath(resource, placeOf(object), subresource), body),
    remove: (who, resource, object, options = {}) => ask(who, "DELETE", objectPath(resource, placeOf(object)), options),
  };
}
