/** One pass of node-step in a process of its own, so that its memory is its own: prints what it took, as JSON. */
import { connectClusters } from "../../lib/kubernetes/clusters.ts";
import { createMemoryCloud } from "../../lib/providers/memory/index.ts";
import { nodeStep } from "../../lib/reconcile/node-step.ts";
import type { World } from "../../lib/reconcile/step.ts";

/** What the parent process sends; the workload cluster's kubeconfig lies in its Secret. */
export interface PassOrder {
  readonly kubeconfig: string;
  readonly namespace: string;
  readonly pool: string;
  readonly watchFilter: string;
}

export interface PassReport {
  readonly did: string;
  /** Of this process alone: the server beside it has its own. */
  readonly cpuMilliseconds: number;
  readonly peakMegabytes: number;
}

async function pass({ kubeconfig, namespace, pool, watchFilter }: PassOrder): Promise<PassReport> {
  const now = () => new Date();
  const settings = {
    finishedTtlSeconds: 3600,
    safetyMarginSeconds: 10,
    evictionParallelism: 5,
    nodeNotFoundSeconds: 900,
  };
  const world: World = {
    clusters: connectClusters({ management: async () => kubeconfig }).during(undefined),
    provider: createMemoryCloud({ now }).provider,
    now,
    contractVersions: new Map(),
    settings: { ...settings, dryRun: false, watchFilter },
  };
  const key = { kind: "MachinePool", namespace, name: pool };
  for (let outcome = await nodeStep(world, key); outcome.did !== "waited"; outcome = await nodeStep(world, key));
  const before = process.cpuUsage();
  const { did, because } = await nodeStep(world, key);
  const { user, system } = process.cpuUsage(before);
  return {
    did: `${did} ${because}`,
    cpuMilliseconds: (user + system) / 1000,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
  };
}

process.once("message", (order: PassOrder) => {
  pass(order).then(
    (report) => process.send?.(report, () => process.disconnect()),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});
