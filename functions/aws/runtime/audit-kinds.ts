/** What the audit webhook's function listens to: drains, pools, and everything that leads to pools. */
import { awsMachines } from "../../../lib/api/aws/aws-machine.ts";
import { awsMachinePools } from "../../../lib/api/aws/aws-machine-pool.ts";
import { instanceTerminations } from "../../../lib/api/lifecycle/instance-termination.ts";
import { POOL_HINT_KINDS } from "../../../lib/api/pool-hint.ts";
import type { WatchedKind } from "../../../lib/kubernetes/audit-event.ts";

export const AUDIT_KINDS: readonly WatchedKind[] = [
  instanceTerminations,
  awsMachinePools,
  awsMachines,
  ...POOL_HINT_KINDS,
];
