/** The audit webhook: what others than our functions write to a cluster becomes a hint to look. */
import { clusters } from "../../../lib/api/core/cluster.ts";
import { machines } from "../../../lib/api/core/machine.ts";
import { machinePools } from "../../../lib/api/core/machine-pool.ts";
import type { Key } from "../../../lib/api/key.ts";
import { nodes } from "../../../lib/api/kubernetes/node.ts";
import { secrets } from "../../../lib/api/kubernetes/secret.ts";
import { instanceTerminations } from "../../../lib/api/lifecycle/instance-termination.ts";
import { POOL_HINT } from "../../../lib/api/pool-hint.ts";
import type { SimulatedCloud } from "../clouds/simulated-cloud.ts";
import { CLUSTER, NAMESPACE, type Scene } from "../scene.ts";
import type { Change } from "../servers.ts";

/** How long a batch is collected. */
const BATCH_SECONDS = 1;

type Kinds = readonly { readonly plural: string; readonly kind: string }[];

const kindsOf = ({ kinds }: SimulatedCloud): Kinds => [
  machinePools,
  { plural: machinePools.plural, kind: POOL_HINT },
  kinds.pools,
  machines,
  kinds.machines,
  secrets,
  clusters,
  instanceTerminations,
];

function keysOf(kinds: Kinds, { server, plural, before, after }: Change): readonly Key[] {
  const { name = "", namespace = "" } = (after ?? before)?.metadata ?? {};
  if (server === "workload")
    return plural === nodes.plural ? [{ kind: clusters.kind, namespace: NAMESPACE, name: CLUSTER }] : [];
  return kinds.filter((one) => one.plural === plural).map(({ kind }) => ({ kind, namespace, name }));
}

/** @param push puts a key on the queue, where it may get lost */
export function hearAudit(scene: Scene, push: (key: Key, seconds: number) => void): void {
  let batch: Map<string, Key> | undefined;
  const kinds = kindsOf(scene.cloud);
  scene.listeners.add((change) => {
    if (typeof change.by !== "string") return;
    for (const key of keysOf(kinds, change)) {
      if (!batch) {
        batch = new Map();
        scene.time.after(BATCH_SECONDS, () => {
          for (const one of batch?.values() ?? []) push(one, 0);
          batch = undefined;
        });
      }
      batch.set(`${key.kind}/${key.namespace}/${key.name}`, key);
    }
  });
}
