/** Hints that lead to pools: kinds of keys that name no object to reconcile, but one whose pools are to be looked at. */
import { clusters } from "./core/cluster.ts";
import { machines } from "./core/machine.ts";
import { machinePools } from "./core/machine-pool.ts";
import type { Resource } from "./kubernetes/meta.ts";
import { secrets } from "./kubernetes/secret.ts";

/** A MachinePool that somebody changed: its infrastructure pool is to be looked at as well. */
export const POOL_HINT = "PoolHint";
/** In a key's name: the event named no object; all of the kind in the namespace. No object can be called so. */
export const EVERY_NAME = "*";

/** Bootstrap configs of upstream's providers; any version. */
export const BOOTSTRAP_KINDS: readonly Resource[] = ["KubeadmConfig", "EKSConfig", "NodeadmConfig"].map((kind) => ({
  apiVersion: "bootstrap.cluster.x-k8s.io/v1beta2",
  plural: `${kind.toLowerCase()}s`,
  kind,
}));

/** `status`: what is awaited there is said in its status. */
export const POOL_HINT_KINDS: readonly (Resource & { readonly status?: boolean })[] = [
  { ...machinePools, kind: POOL_HINT },
  { ...clusters, status: true },
  machines,
  secrets,
  ...BOOTSTRAP_KINDS.map((kind) => ({ ...kind, status: true })),
];
