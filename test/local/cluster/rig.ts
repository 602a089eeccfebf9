/**
 * A simulated cluster for a story: on an embedded API of its own, or, with CLUSTER_API_URL and CLUSTER_API_TOKEN set, on a
 * bare API server that is there for nothing else: run with --test-concurrency=1, everything on it is deleted.
 */
import { deepEqual, fail } from "node:assert/strict";
import { test } from "node:test";
import { type StoryClock, virtualClock } from "../../../infra/local/clock.ts";
import { startCluster } from "../../../infra/local/cluster/cluster.ts";
import {
  deployments,
  disruptionBudgets,
  isReady,
  replicaSets,
  statefulSets,
} from "../../../infra/local/cluster/kinds.ts";
import type { MachineSpec } from "../../../infra/local/cluster/machines.ts";
import type { Fault } from "../../../infra/local/kubernetes/faults.ts";
import { collectNamespaces } from "../../../infra/local/kubernetes/namespaces.ts";
import { startKubernetes } from "../../../infra/local/kubernetes/start.ts";
import { createAuthority } from "../../../infra/local/tls.ts";
import type { KubernetesObject, Resource } from "../../../lib/api/kubernetes/meta.ts";
import { type Node, nodes } from "../../../lib/api/kubernetes/node.ts";
import { daemonSets, type Pod, pods } from "../../../lib/api/kubernetes/pod.ts";
import { connect } from "../../../lib/kubernetes/connection.ts";

const { CLUSTER_API_URL: url, CLUSTER_API_TOKEN: token = "" } = process.env;
const RIG_LABEL = "local.lifeguard/story";
/** A bare API server stores pods without the binding subresource, StatefulSets and volumes. */
export const isBareServer = url !== undefined;

const givenKubeconfig = (server: string): string =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "given", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "given", user: { token } }],
    contexts: [{ name: "given", context: { cluster: "given", user: "given" } }],
    "current-context": "given",
  });

async function startServer(clock: StoryClock) {
  const inject = () => fail("this story needs a server that fails on demand");
  if (url) return { kubeconfig: givenKubeconfig(url), inject, close: () => Promise.resolve() };
  const kubernetes = await startKubernetes({ clock, name: "workload", authority: await createAuthority() });
  const stop = collectNamespaces(kubernetes.api);
  const close = () => {
    stop();
    return kubernetes.close();
  };
  return { ...kubernetes, kubeconfig: kubernetes.kubeconfig("admin"), close };
}

const KINDS = [deployments, replicaSets, daemonSets, disruptionBudgets, pods, nodes];

export type Rig = Awaited<ReturnType<typeof startRig>>;

export async function startRig() {
  const clock = virtualClock(new Date("2026-01-05T10:00:00Z"), isBareServer ? 6 : 2);
  const server = await startServer(clock);
  const { kubeconfig } = server;
  const client = connect(() => Promise.resolve(kubeconfig), { name: "test", origin: "test" }).client(undefined);
  const list = async <T extends KubernetesObject>(resource: Resource, name = ""): Promise<T[]> => {
    const all: T[] = [];
    for await (const page of client.list<T>(resource)) all.push(...page);
    return all.filter(({ metadata }) => metadata.name.startsWith(name));
  };
  const sweep = async () => {
    const foreign = (await list(nodes)).find(({ metadata }) => !(RIG_LABEL in (metadata.labels ?? {})));
    if (foreign)
      fail(`${url} has a Node that no story made (${foreign.metadata.name}): it is in use, take another server`);
    for (const resource of KINDS)
      for (const { metadata } of await list(resource)) {
        const at = { name: metadata.name, ...(metadata.namespace && { namespace: metadata.namespace }) };
        if (metadata.finalizers)
          await client.patch(resource, at, { type: "merge", body: { metadata: { finalizers: null } } });
        await client.delete(resource, at, { gracePeriodSeconds: 0 }).catch(() => undefined);
      }
  };
  if (isBareServer) await sweep();
  const problems: string[] = [];
  const options = {
    binding: isBareServer ? "patch" : "bind",
    onProblem: (said: string) => void problems.push(said),
  } as const;
  const cluster = await startCluster({ clock, kubeconfig, options });
  return {
    clock,
    client,
    cluster,
    problems,
    list,
    inject: (fault: Fault) => server.inject(fault),
    pass: (seconds: number) => clock.run({ maxSeconds: seconds }),
    boot: (name: string, more: Partial<MachineSpec> = {}) =>
      cluster.bootNode({
        name,
        providerID: `aws:///eu-west-1a/${name}`,
        zone: "eu-west-1a",
        region: "eu-west-1",
        instanceType: "m7g.large",
        ...more,
        labels: { [RIG_LABEL]: "cluster", ...more.labels },
      }),
    node: (name: string) => client.get<Node>(nodes, { name }),
    pod: (name: string, namespace = "default") => client.get<Pod>(pods, { namespace, name }),
    /** "pod@node", sorted; those Ready. */
    placed: async (name = "") =>
      (await list<Pod>(pods, name))
        .filter(isReady)
        .map(({ metadata, spec }) => `${metadata.name}@${spec?.nodeName}`)
        .sort(),
    create: async (...objects: readonly KubernetesObject[]) => {
      for (const object of objects) await client.create(resourceOf(object), object);
    },
    evict: (name: string, namespace = "default") =>
      client.createSubresource(pods, { namespace, name }, "eviction", {
        apiVersion: "policy/v1",
        kind: "Eviction",
        metadata: { name, namespace },
      }),
    cordon: (name: string, isOn = true) =>
      client.patch(nodes, { name }, { type: "merge", body: { spec: { unschedulable: isOn || null } } }),
    close: async () => {
      await cluster.close();
      if (isBareServer) await sweep();
      await server.close();
    },
  };
}

const ALL = [...KINDS, statefulSets];
const resourceOf = ({ kind }: KubernetesObject): Resource => {
  const found = ALL.find((resource) => resource.kind === kind);
  if (!found) throw new Error(`the rig creates no ${kind}`);
  return found;
};

export interface Story {
  readonly name: string;
  /** Needs what a bare API server does not serve. */
  readonly needsWholeServer?: boolean;
  readonly tell: (rig: Rig) => Promise<void>;
}

/** Every story has a cluster of its own, and none may leave a problem unsaid. */
export function tellAll(stories: readonly Story[]): void {
  for (const { name, needsWholeServer, tell } of stories)
    test(name, { skip: Boolean(needsWholeServer) && isBareServer }, async () => {
      const rig = await startRig();
      try {
        await tell(rig);
        deepEqual(rig.problems, []);
      } finally {
        await rig.close();
      }
    });
}
