/** What the cloud in memory says on a pool: the group, its instances, and what failed. */
import type { ProviderError } from "../errors.ts";
import type { PoolCondition, PoolSight, PoolStatement } from "../pool-provider.ts";

export function statementOf({ group }: PoolSight, failed: ProviderError | undefined): PoolStatement {
  if (!group) return { spec: {}, status: { ready: false }, conditions: [failed ? refused(failed) : missing] };
  const providerIDList = group.instances.filter(({ state }) => state !== "gone").map(({ providerID }) => providerID);
  return {
    spec: { providerID: group.id, providerIDList },
    status: { ready: !group.deleting, replicas: providerIDList.length },
    conditions: [failed ? refused(failed) : standing(group.deleting)],
  };
}

const missing: PoolCondition = { type: "GroupReady", status: "False", severity: "Info", reason: "GroupMissing" };

const standing = (deleting: boolean): PoolCondition =>
  deleting
    ? { type: "GroupReady", status: "False", severity: "Warning", reason: "GroupLeaving" }
    : { type: "GroupReady", status: "True" };

const refused = ({ kind, message }: ProviderError): PoolCondition => ({
  type: "GroupReady",
  status: "False",
  severity: kind === "invalid" || kind === "denied" ? "Error" : "Warning",
  reason: "GroupChangeFailed",
  message,
});
