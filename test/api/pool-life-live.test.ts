/** A pool's whole life on upstream's own CRDs, on an API server as it is, embedded or real (KUBE_API_URL): nothing refused, nothing pruned. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { clusters } from "../../lib/api/core/cluster.ts";
import { type Machine, machines } from "../../lib/api/core/machine.ts";
import { type MachinePool, machinePools } from "../../lib/api/core/machine-pool.ts";
import { customResourceDefinitions } from "../../lib/api/kubernetes/custom-resource-definition.ts";
import type { KubernetesObject, Resource } from "../../lib/api/kubernetes/meta.ts";
import { type Node, nodes } from "../../lib/api/kubernetes/node.ts";
import { namespaces } from "../../lib/api/kubernetes/pod.ts";
import { type InstanceTermination, instanceTerminations } from "../../lib/api/lifecycle/instance-termination.ts";
import type { KubernetesClient } from "../../lib/kubernetes/client.ts";
import { createMemoryCloud } from "../../lib/providers/memory/index.ts";
import { nodeStep } from "../../lib/reconcile/node-step.ts";
import type { Outcome, World } from "../../lib/reconcile/step.ts";
import { type AnyApiServer, anyApiServer, installDefinition } from "../kubernetes/support/any-api-server.ts";
import { kubeadmConfigs } from "../reconcile/node/support/crds.ts";
import { configOf, FILTER, nodeOf, poolOf, theCluster } from "../reconcile/node/support/objects.ts";
import { POOL } from "../support/builders.ts";
import { LIVES, type Life } from "./lives.ts";
import { SKIP, upstreamCrdsOf } from "./upstream-crds.ts";

const KINDS: readonly Resource[] = [clusters, machinePools, machines, kubeadmConfigs];
const CONTRACTS = { "cluster.x-k8s.io/v1beta1": "v1beta1", "cluster.x-k8s.io/v1beta2": "v1beta2" };
const TERMINATIONS = "infra/kubernetes/crds/lifecycle.cluster.x-k8s.io_instanceterminations.yaml";
const namespaceOf = ({ cloud }: Life) => `life-${cloud.toLowerCase()}-${process.pid}`;
const TRIES = 5_000;
let api: AnyApiServer | undefined;
const installed: string[] = [];

/** Upstream's definitions ask for a conversion webhook; what is asked for here is stored as it is. */
async function install(client: KubernetesClient): Promise<void> {
  await installDefinition(client, TERMINATIONS, instanceTerminations);
  const ofClouds = LIVES.flatMap(({ pool, machine }) => [pool, machine]);
  for (const kind of [...KINDS, ...ofClouds]) {
    const [crd] = upstreamCrdsOf(kind.plural);
    assert.ok(crd, kind.plural);
    const { name } = crd.metadata;
    const labels = LIVES.find((life) => life.pool === kind || life.machine === kind)?.contracts ?? CONTRACTS;
    const definition = { ...crd, metadata: { name, labels }, spec: { ...crd.spec, conversion: { strategy: "None" } } };
    await client.create(customResourceDefinitions, definition as KubernetesObject);
    installed.push(name);
  }
  for (const kind of [...KINDS, ...ofClouds]) await served(client, kind);
}

/** A real server takes a moment to serve a new kind; asking is how one waits for it. */
async function served(client: KubernetesClient, resource: Resource): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      for await (const _page of client.list(resource, { limit: 1 })) return;
    } catch (error) {
      if (tries > TRIES) throw error;
    }
  }
}

before(async () => {
  if (SKIP) return;
  api = await anyApiServer();
  await install(api.client);
  for (const life of LIVES) {
    const metadata = { name: namespaceOf(life) };
    await api.client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata });
  }
});
after(async () => {
  for (const name of installed) await api?.client.delete(customResourceDefinitions, { name });
  await api?.close();
});

function stageOf(client: KubernetesClient, life: Life) {
  const namespace = namespaceOf(life);
  const now = new Date();
  const at = (name = POOL) => ({ namespace, name });
  const world: World = {
    clusters: { management: client, workload: async () => client },
    provider: { ...createMemoryCloud({ now: () => now }).provider, pools: life.pools },
    now: () => now,
    contractVersions: new Map(),
    settings: {
      finishedTtlSeconds: 1,
      safetyMarginSeconds: 1,
      evictionParallelism: 5,
      dryRun: false,
      nodeNotFoundSeconds: 1,
      watchFilter: FILTER,
    },
  };
  const say = (resource: Resource, name: string, status: object) =>
    client.patch<KubernetesObject>(resource, at(name), { type: "merge", body: { status } }, "status");
  const create = async (resource: Resource, given: KubernetesObject & { readonly status?: object }) => {
    const isNode = resource === nodes;
    const object = isNode ? given : { ...given, metadata: { ...given.metadata, namespace } };
    await client.create(resource, object);
    const { name } = given.metadata;
    const body = { type: "merge", body: { status: given.status } } as const;
    if (given.status) await client.patch(resource, isNode ? { name } : at(name), body, "status");
  };
  const settle = async (): Promise<Outcome> => {
    for (let passes = 0; ; passes++) {
      const outcome = await nodeStep(world, { kind: "MachinePool", ...at() });
      if (outcome.againSeconds !== 0 && outcome.againSeconds !== 1) return outcome;
      assert.ok(passes < 40, `no end: ${JSON.stringify(outcome)}`);
    }
  };
  const groupIs = async (numbers: readonly number[]) => {
    await client.patch(life.pool, at(), { type: "merge", body: { spec: { providerIDList: life.idsOf(numbers) } } });
    await say(life.pool, POOL, life.statusOf(numbers));
  };
  /** The one of instance `number`; undefined when there is none. */
  const find = async <T extends KubernetesObject & { readonly spec: { readonly providerID?: string } }>(
    resource: Resource,
    number: number,
  ): Promise<T | undefined> => {
    const [id] = life.idsOf([number]);
    for await (const page of client.list<T>(resource, { namespace })) {
      const found = page.find(({ spec }) => spec.providerID === id);
      if (found) return found;
    }
    return undefined;
  };
  const nodeName = (number: number) => `${namespace}-${number}`;
  return { client, life, world, at, say, create, settle, groupIs, find, nodeName };
}

type Stage = ReturnType<typeof stageOf>;

async function apply({ life, create, nodeName }: Stage): Promise<void> {
  const infrastructureRef = { apiGroup: "infrastructure.cluster.x-k8s.io", kind: life.pool.kind, name: POOL };
  const template = { version: "v1.33.1", deletion: { nodeDrainTimeoutSeconds: 60 }, infrastructureRef };
  await create(clusters, theCluster());
  await create(kubeadmConfigs, configOf());
  await create(machinePools, poolOf({ replicas: 2, template }));
  const { apiVersion, kind } = life.pool;
  const metadata = { name: POOL, finalizers: ["example.com/drains"] };
  const spec = { ...life.spec, providerIDList: life.idsOf([1, 2]) };
  const infrastructure = { apiVersion, kind, metadata, spec, status: life.statusOf([1, 2]) };
  await create(life.pool, infrastructure);
  for (const number of [1, 2]) {
    const [providerID = ""] = life.idsOf([number]);
    await create(nodes, nodeOf(number, { name: nodeName(number), providerID, version: "v1.33.1" }));
  }
}

/** What its own step says of a group stands as it was said. */
async function keepsWhatIsSaid({ client, life, at }: Stage): Promise<void> {
  const { status, spec } = await client.get<KubernetesObject & { status: object; spec: object }>(life.pool, at());
  const said = life.statusOf([1, 2]);
  assert.deepEqual(Object.fromEntries(Object.entries(status).filter(([field]) => field in said)), said);
  for (const [field, value] of Object.entries(life.spec))
    assert.deepEqual(matching(Object.entries(spec).find(([name]) => name === field)?.[1], value), value);
}

/** Without what the server fills in. */
const matching = (value: unknown, wanted: unknown): unknown =>
  typeof value !== "object" || value === null || typeof wanted !== "object" || wanted === null
    ? value
    : Object.fromEntries(
        Object.entries(value)
          .filter(([name]) => name in wanted)
          .map(([name, inner]) => [name, matching(inner, new Map(Object.entries(wanted)).get(name))]),
      );

async function comesToBe({ client, life, settle, at, find, nodeName }: Stage): Promise<void> {
  assert.equal((await settle()).because, "Settled");
  const pool = await client.get<MachinePool>(machinePools, at());
  const { phase, readyReplicas, upToDateReplicas } = pool.status ?? {};
  assert.deepEqual([phase, readyReplicas, upToDateReplicas], ["Running", 2, 2]);
  assert.equal((await settle()).because, "Settled");
  const again = await client.get<MachinePool>(machinePools, at());
  assert.equal(again.metadata.resourceVersion, pool.metadata.resourceVersion, "a settled pool is not written");
  const machine = await find<Machine>(machines, 1);
  assert.deepEqual([machine?.status?.phase, machine?.status?.nodeRef?.name], ["Running", nodeName(1)]);
  const infrastructure = await find<InfrastructureMachine>(life.machine, 1);
  assert.equal(infrastructure?.status?.ready, true);
}

interface InfrastructureMachine extends KubernetesObject {
  readonly spec: { readonly providerID?: string };
  readonly status?: { readonly ready?: boolean };
}

async function losesAMachine({ client, life, settle, groupIs, at, say, find, nodeName }: Stage): Promise<void> {
  const machine = await find<Machine>(machines, 2);
  await client.delete(machines, at(machine?.metadata.name));
  await settle();
  const termination = await find<InstanceTermination>(instanceTerminations, 2);
  assert.deepEqual([termination?.spec.cause, termination?.spec.removal], ["UserRequest", { decrement: false }]);
  const done = { phase: "Released", releaseTime: "2026-03-01T12:00:00Z", finishTime: "2026-03-01T12:00:00Z" };
  await say(instanceTerminations, termination?.metadata.name ?? "", done);
  await groupIs([1]);
  await settle();
  assert.equal(await find(machines, 2), undefined);
  assert.equal(await find(life.machine, 2), undefined);
  await assert.rejects(client.get<Node>(nodes, { name: nodeName(2) }), /not found/);
}

async function goes({ client, life, settle, at, find, nodeName }: Stage): Promise<void> {
  const withoutFinalizers = { type: "merge", body: { metadata: { finalizers: null } } } as const;
  await client.delete(machinePools, at());
  assert.equal((await settle()).because, "ReferencesRemain");
  await client.patch(life.pool, at(), withoutFinalizers);
  assert.equal((await settle()).because, "Deleted");
  await assert.rejects(client.get<MachinePool>(machinePools, at()), /not found/);
  await assert.rejects(client.get<Node>(nodes, { name: nodeName(1) }), /not found/);
  const termination = await find<InstanceTermination>(instanceTerminations, 2);
  await client.patch(instanceTerminations, at(termination?.metadata.name), withoutFinalizers);
}

for (const life of LIVES)
  test(`a pool on ${life.cloud} comes to be, settles, loses a Machine by request, and goes`, {
    skip: SKIP,
    timeout: 60_000,
  }, async () => {
    assert.ok(api);
    const stage = stageOf(api.client, life);
    await apply(stage);
    await keepsWhatIsSaid(stage);
    await comesToBe(stage);
    await losesAMachine(stage);
    await goes(stage);
  });
