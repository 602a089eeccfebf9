/** What every step is given and what it answers: one pass, no waiting. */
import type { Key } from "../api/key.ts";
import type { KubernetesClient } from "../kubernetes/client.ts";
import type { PoolProvider } from "../providers/pool-provider.ts";
import type { TerminationProvider } from "../providers/provider.ts";

/** The clusters of one deployment; both clients end with the invocation. */
export interface Clusters {
  readonly management: KubernetesClient;
  /** From the Secret `<name>-kubeconfig` in the Cluster's namespace. Throws KubernetesError when there is none. */
  workload(cluster: { readonly namespace: string; readonly name: string }): Promise<KubernetesClient>;
}

export interface World {
  readonly clusters: Clusters;
  readonly provider: TerminationProvider;
  readonly now: () => Date;
  readonly settings: Settings;
  /** "group/Kind" -> "group/version" that its CRD declares for Cluster API; kept as long as the sandbox lives. */
  readonly contractVersions?: Map<string, string>;
}

export interface Settings {
  /** Seconds a finished InstanceTermination is kept. */
  readonly finishedTtlSeconds: number;
  /** Seconds kept in hand before a cloud's deadline. */
  readonly safetyMarginSeconds: number;
  /** Evictions sent at the same time within one pass. */
  readonly evictionParallelism: number;
  /** New records only plan. */
  readonly dryRun: boolean;
  /** How long a held instance without a Node may boot before it is released. */
  readonly nodeNotFoundSeconds: number;
  /** Pools with this value of the watch-filter label are reconciled here; absent or empty: none. */
  readonly watchFilter?: string;
  /** Instances of one pool that we take out at the same time; default 1. */
  readonly surge?: number;
}

/** Where infrastructure pools are reconciled: one provider per kind. */
export interface PoolWorld extends World {
  readonly poolProviders: readonly PoolProvider[];
}

/** What a pass did, in one word, for the log and the metric. */
export interface Outcome {
  /** "evicted", "released", "waited", "ignored" ... */
  readonly did: string;
  /** CamelCase, stable. */
  readonly because?: string;
  /** For people, where one of them must act. */
  readonly message?: string;
  readonly object?: Key;
  /** Look again after so many seconds; absent: nobody needs to. */
  readonly againSeconds?: number;
  /** Others that this pass gave a reason to look at: our own writes are no hint to us. */
  readonly others?: readonly Key[];
  /** Numbers for metrics, e.g. { evictions429: 3, drainSeconds: 41 }. */
  readonly counted?: Readonly<Record<string, number>>;
}

/** What a queue does for us: bring a key back after a delay, and others at once (each cloud's entry supplies it). */
export interface Requeue {
  again(key: Key, afterSeconds: number): Promise<void>;
  sendAll(keys: readonly Key[]): Promise<void>;
}
