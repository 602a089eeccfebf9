/** A pool's whole life on upstream's own CRDs, on an API server as it is, embedded or real (KUBE_API_URL): nothing refused, nothing pruned. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type AwsMachine, awsMachines } from "../../lib/api/aws/aws-machine.ts";
import { awsMachinePools } from "../../lib/api/aws/aws-machine-pool.ts";
import { clusters } from "../../lib/api/core/cluster.ts";
import { type Machine, machines } from "../../lib/api/core/machine.ts";
import { type MachinePool, machinePools } from "../../lib/api/core/machine-pool.ts";
import { customResourceDefinitions } from "../../lib/api/kubernetes/custom-resource-definition.ts";
import type { KubernetesObject, Resource } from "../../lib/api/kubernetes/meta.ts";
import { type Node, nodes } from "../../lib/api/kubernetes/node.ts";
import { namespaces } from "../../lib/api/kubernetes/pod.ts";
import { type InstanceTermination, instanceTerminations } from "../../lib/api/lifecycle/instance-termination.ts";
import type { KubernetesClient } from "../../lib/kubernetes/client.ts";
import { awsPoolKind } from "../../lib/providers/aws/pool-kind.ts";
import { createMemoryCloud } from "../../lib/providers/memory/index.ts";
import { nodeStep } from "../../lib/reconcile/node-step.ts";
import type { Outcome, World } from "../../lib/reconcile/step.ts";
import { type AnyApiServer, anyApiServer, installDefinition } from "../kubernetes/support/any-api-server.ts";
import { kubeadmConfigs } from "../reconcile/node/support/crds.ts";
import { configOf, FILTER, nodeOf, poolOf, theCluster } from "../reconcile/node/support/objects.ts";
import { POOL } from "../support/builders.ts";
import { SKIP, upstreamCrdsOf } from "./upstream-crds.ts";

const KINDS = ["clusters", "machinepools", "machines", "kubeadmconfigs", "awsmachinepools", "awsmachines"];
const CONTRACTS = { "cluster.x-k8s.io/v1beta1": "v1beta1", "cluster.x-k8s.io/v1beta2": "v1beta2" };
const TERMINATIONS = "infra/kubernetes/crds/lifecycle.cluster.x-k8s.io_instanceterminations.yaml";
const namespace = `life-${process.pid}`;
const TRIES = 5_000;
let api: AnyApiServer | undefined;
const installed: string[] = [];

/** Upstream's definitions ask for a conversion webhook; what is asked for here is stored as it is. */
async function install(client: KubernetesClient): Promise<void> {
  await installDefinition(client, TERMINATIONS, instanceTerminations);
  for (const crd of upstreamCrdsOf(...KINDS)) {
    const { name } = crd.metadata;
    const definition = {
      ...crd,
      metadata: { name, labels: CONTRACTS },
      spec: { ...crd.spec, conversion: { strategy: "None" } },
    };
    await client.create(customResourceDefinitions, definition as KubernetesObject);
    installed.push(name);
  }
  for (const kind of [clusters, machinePools, machines, kubeadmConfigs, awsMachinePools, awsMachines])
    await served(client, kind);
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
  await api.client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
});
after(async () => {
  for (const name of installed) await api?.client.delete(customResourceDefinitions, { name });
  await api?.close();
});

const idOf = (number: number) => `aws:///eu-west-1a/i-0${process.pid}${number}`;
const machineName = (number: number) => `${POOL}-i-0${process.pid}${number}`;
const nodeName = (number: number) => `life-${process.pid}-${number}`;
const here = <T extends KubernetesObject>(object: T): T => ({ ...object, metadata: { ...object.metadata, namespace } });
const at = (name = POOL) => ({ namespace, name });

function stageOf(client: KubernetesClient) {
  const now = new Date();
  const world: World = {
    clusters: { management: client, workload: async () => client },
    provider: { ...createMemoryCloud({ now: () => now }).provider, pools: awsPoolKind },
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
  const create = async (resource: Resource, object: KubernetesObject & { readonly status?: object }, place: object) => {
    await client.create(resource, object);
    const where = { ...place, name: object.metadata.name };
    if (object.status)
      await client.patch(resource, where, { type: "merge", body: { status: object.status } }, "status");
  };
  const settle = async (): Promise<Outcome> => {
    for (let passes = 0; ; passes++) {
      const outcome = await nodeStep(world, { kind: "MachinePool", ...at() });
      if (outcome.againSeconds !== 0 && outcome.againSeconds !== 1) return outcome;
      assert.ok(passes < 40, `no end: ${JSON.stringify(outcome)}`);
    }
  };
  const groupIs = async (numbers: readonly number[]) => {
    const body = { spec: { providerIDList: numbers.map(idOf) } };
    await client.patch(awsMachinePools, at(), { type: "merge", body });
    await client.patch(
      awsMachinePools,
      at(),
      { type: "merge", body: { status: { replicas: numbers.length } } },
      "status",
    );
  };
  return { world, create, settle, groupIs };
}

type Stage = ReturnType<typeof stageOf>;

async function apply({ create }: Stage): Promise<void> {
  const template = { version: "v1.33.1", deletion: { nodeDrainTimeoutSeconds: 60 } };
  await create(clusters, here(theCluster()), { namespace });
  await create(kubeadmConfigs, here(configOf()), { namespace });
  await create(machinePools, here(poolOf({ replicas: 2, template })), { namespace });
  const awsLaunchTemplate = { instanceType: "m5.large" };
  const infrastructure = {
    apiVersion: awsMachinePools.apiVersion,
    kind: awsMachinePools.kind,
    metadata: { name: POOL, namespace, finalizers: ["example.com/drains"] },
    spec: { awsLaunchTemplate, minSize: 0, maxSize: 3, providerIDList: [1, 2].map(idOf) },
    status: { ready: true, replicas: 2, infrastructureMachineKind: "AWSMachine" },
  };
  await create(awsMachinePools, infrastructure, { namespace });
  for (const number of [1, 2])
    await create(nodes, nodeOf(number, { name: nodeName(number), providerID: idOf(number), version: "v1.33.1" }), {});
}

async function comesToBe({ settle }: Stage, client: KubernetesClient): Promise<void> {
  assert.equal((await settle()).because, "Settled");
  const pool = await client.get<MachinePool>(machinePools, at());
  const { phase, readyReplicas, upToDateReplicas } = pool.status ?? {};
  assert.deepEqual([phase, readyReplicas, upToDateReplicas], ["Running", 2, 2]);
  assert.equal((await settle()).because, "Settled");
  const again = await client.get<MachinePool>(machinePools, at());
  assert.equal(again.metadata.resourceVersion, pool.metadata.resourceVersion, "a settled pool is not written");
  const machine = await client.get<Machine>(machines, at(machineName(1)));
  assert.deepEqual([machine.status?.phase, machine.status?.nodeRef?.name], ["Running", nodeName(1)]);
  assert.equal((await client.get<AwsMachine>(awsMachines, at(machineName(1)))).status?.ready, true);
}

async function losesAMachine({ settle, groupIs }: Stage, client: KubernetesClient): Promise<void> {
  await client.delete(machines, at(machineName(2)));
  await settle();
  const termination = await client.get<InstanceTermination>(instanceTerminations, at(machineName(2)));
  assert.deepEqual([termination.spec.cause, termination.spec.removal], ["UserRequest", { decrement: false }]);
  const done = { status: { phase: "Released", finishTime: "2026-03-01T12:00:00Z" } };
  await client.patch(instanceTerminations, at(machineName(2)), { type: "merge", body: done }, "status");
  await groupIs([1]);
  await settle();
  await assert.rejects(client.get<Machine>(machines, at(machineName(2))), /not found/);
  await assert.rejects(client.get<Node>(nodes, { name: nodeName(2) }), /not found/);
}

async function goes({ settle }: Stage, client: KubernetesClient): Promise<void> {
  const withoutFinalizers = { type: "merge", body: { metadata: { finalizers: null } } } as const;
  await client.delete(machinePools, at());
  assert.equal((await settle()).because, "ReferencesRemain");
  await client.patch(awsMachinePools, at(), withoutFinalizers);
  assert.equal((await settle()).because, "Deleted");
  await assert.rejects(client.get<MachinePool>(machinePools, at()), /not found/);
  await assert.rejects(client.get<Node>(nodes, { name: nodeName(1) }), /not found/);
  await client.patch(instanceTerminations, at(machineName(2)), withoutFinalizers);
}

test("a pool comes to be, settles, loses a Machine by request, and goes", { skip: SKIP, timeout: 60_000 }, async () => {
  assert.ok(api);
  const stage = stageOf(api.client);
  await apply(stage);
  await comesToBe(stage, api.client);
  await losesAMachine(stage, api.client);
  await goes(stage, api.client);
});
