/** What the audit webhook's function listens to: drains, pools, and everything that leads to pools. */
import { awsMachines } from "../../../lib/api/aws/aws-machine.ts";
import { awsMachinePools } from "../../../lib/api/aws/aws-machine-pool.ts";
import { instanceTerminations } from "../../../lib/api/lifecycle/instance-termination.ts";
import { POOL_HINT_KINDS } from "../../../lib/api/pool-hint.ts";
import type { WatchedKind } from "../../../lib/kubernetes/audit-event.ts";

const LEADS_TO_POOLS: readonly WatchedKind[] = [awsMachinePools, awsMachines, ...POOL_HINT_KINDS];

/** Where nothing but drains is wanted, a hint about pools would only wake a function for nothing. */
export const auditKinds = (reconcilesPools: boolean): readonly WatchedKind[] =>
  reconcilesPools ? [instanceTerminations, ...LEADS_TO_POOLS] : [instanceTerminations];
