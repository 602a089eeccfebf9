/** Keeps a copy of one resource: list, then watch; lists anew when the watch ends or its place in history is forgotten. */
import type { IncomingMessage } from "node:http";
import { Agent, type RequestOptions, request } from "node:https";
import { createInterface } from "node:readline";
import { json } from "node:stream/consumers";
import type { KubeConfig } from "@kubernetes/client-node";
import type { KubernetesObject, Resource } from "../../../lib/api/kubernetes/meta.ts";
import type { Clock } from "../clock.ts";

export interface Informer {
  items(): readonly KubernetesObject[];
  /** Takes over what a write of ours was answered with, so that the next look does not repeat the write. */
  observe(object: KubernetesObject): boolean;
  /** Stops watching and ends its connections. */
  close(): void;
}

export interface InformerOptions {
  readonly kubeconfig: KubeConfig;
  readonly clock: Clock;
  readonly onChange: () => void;
  readonly onProblem: (message: string) => void;
}

interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: KubernetesObject;
}

interface List {
  readonly items: readonly KubernetesObject[];
  readonly metadata: { readonly resourceVersion: string };
}

const RETRY_SECONDS = 1;
const versionOf = ({ metadata }: KubernetesObject) => Number(metadata.resourceVersion ?? 0);
const uidOf = ({ metadata }: KubernetesObject) => metadata.uid ?? "";

/** The copy itself: never goes back to an older version, never brings a deleted object back. */
function copyOf() {
  const objects = new Map<string, KubernetesObject>();
  const deleted = new Set<string>();
  const observe = (object: KubernetesObject): boolean => {
    const known = objects.get(uidOf(object));
    if (deleted.has(uidOf(object)) || (known && versionOf(known) >= versionOf(object))) return false;
    objects.set(uidOf(object), object);
    return true;
  };
  const remove = (object: KubernetesObject): boolean => {
    deleted.add(uidOf(object));
    return objects.delete(uidOf(object));
  };
  const replace = (listed: readonly KubernetesObject[]) => {
    const there = new Set(listed.map(uidOf));
    for (const object of objects.values()) if (!there.has(uidOf(object))) remove(object);
    for (const object of listed) observe(object);
  };
  return { objects, observe, remove, replace };
}

/** One resource on the API server of a kubeconfig. */
function wire(resource: Resource, kubeconfig: KubeConfig) {
  const agent = new Agent({ keepAlive: true });
  const root = resource.apiVersion.includes("/") ? "/apis" : "/api";
  const path = `${kubeconfig.getCurrentCluster()?.server ?? ""}${root}/${resource.apiVersion}/${resource.plural}`;
  const open = async (query: string): Promise<IncomingMessage> => {
    const options: RequestOptions = {};
    await kubeconfig.applyToHTTPSOptions(options);
    return new Promise((resolve, reject) => {
      request(`${path}?${query}`, { ...options, agent }, resolve)
        .on("error", reject)
        .end();
    });
  };
  return {
    /** undefined: the server does not know the resource. */
    list: async (): Promise<List | undefined> => {
      const answer = await open("");
      if (answer.statusCode === 200) return (await json(answer)) as List;
      answer.resume();
      if (answer.statusCode === 404) return undefined;
      throw new Error(`list ${resource.plural}: HTTP ${answer.statusCode}`);
    },
    /** Ends when the connection does, or when the server says that our place in its history is gone. */
    watch: async (resourceVersion: string, take: (event: WatchEvent) => void): Promise<void> => {
      const answer = await open(`watch=1&allowWatchBookmarks=true&resourceVersion=${resourceVersion}`);
      const lines = createInterface({ input: answer });
      lines.on("line", (line) => {
        const event = JSON.parse(line) as WatchEvent;
        if (event.type === "ERROR" || answer.statusCode !== 200) answer.destroy();
        else take(event);
      });
      lines.on("error", () => lines.close());
      await new Promise((resolve) => answer.once("close", resolve));
    },
    close: () => agent.destroy(),
  };
}

/**
 * @returns undefined when the server does not serve the resource at all; else after the first list
 * @throws  Error of the first list: a server that does not answer, or answers neither 200 nor 404
 */
export async function startInformer(resource: Resource, options: InformerOptions): Promise<Informer | undefined> {
  const { clock, onChange, onProblem } = options;
  const server = wire(resource, options.kubeconfig);
  const copy = copyOf();
  let closed = false;
  const list = async (): Promise<string | undefined> => {
    const release = clock.hold();
    try {
      const listed = await server.list();
      if (listed) copy.replace(listed.items);
      return listed?.metadata.resourceVersion;
    } finally {
      onChange();
      release();
    }
  };
  const take = ({ type, object }: WatchEvent): void => {
    if (type === "BOOKMARK") return;
    if (type === "DELETED" ? copy.remove(object) : copy.observe(object)) onChange();
  };
  const watchThenList = async (place: string | undefined): Promise<string | undefined> => {
    try {
      if (place) await server.watch(place, take);
      return closed ? undefined : await list();
    } catch (error) {
      if (!closed) onProblem(`watch ${resource.plural}: ${String(error)}`);
      return undefined;
    }
  };
  const follow = async (from: string): Promise<void> => {
    for (let place: string | undefined = from; !closed; ) {
      place = await watchThenList(place);
      if (!place && !closed) await new Promise<void>((resolve) => clock.after(RETRY_SECONDS, resolve));
    }
  };
  const start = await list();
  if (start) void follow(start);
  else server.close();
  return start === undefined
    ? undefined
    : {
        items: () => [...copy.objects.values()],
        observe: copy.observe,
        close: () => {
          closed = true;
          server.close();
        },
      };
}
