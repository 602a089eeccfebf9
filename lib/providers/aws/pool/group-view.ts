/** Shows a group of AWS as the contract has it: sizes, and every instance that exists with its state. */
import type { GroupView, PoolInstance } from "../../pool-provider.ts";
import { groupState } from "../instance-state.ts";
import { providerIdOf } from "../provider-id.ts";
import { needsRoll } from "./next-template-change.ts";
import { isActive, isOutdated } from "./outdated.ts";
import type { AwsSight, InstanceFacts } from "./sight.ts";

/** @returns undefined when there is no group of ours */
export function groupView(sight: AwsSight): GroupView | undefined {
  const { group, refresh } = sight;
  if (!group) return undefined;
  // Once for all: it compares two whole templates.
  const latest = needsRoll(sight) ? undefined : sight.template;
  const instances = group.instances.map((one) => poolInstance(one, latest));
  return {
    id: group.arn,
    desired: group.desired,
    // The wish's, where there is one: the group's own follow it.
    minimum: sight.wish?.group.minimum ?? group.minimum,
    maximum: sight.wish?.group.maximum ?? group.maximum,
    instances: instances.sort((a, b) => (a.providerID < b.providerID ? -1 : 1)),
    deleting: group.status !== undefined,
    replacing: isActive(refresh),
  };
}

/** @param latest the template whose latest version is what is wished; undefined: there is none, or the next will differ */
function poolInstance(one: InstanceFacts, latest: AwsSight["template"]): PoolInstance {
  const isPending = one.lifecycleState.startsWith("Pending");
  return {
    providerID: providerIdOf(one.zone, one.instanceId),
    instanceId: one.instanceId,
    state: isPending ? "pending" : groupState(one.instanceId, one.lifecycleState, false).state,
    upToDate: latest !== undefined && !isOutdated(one, latest),
    healthy: one.healthy,
    ...(one.launchTime && { launchTime: one.launchTime }),
  };
}
