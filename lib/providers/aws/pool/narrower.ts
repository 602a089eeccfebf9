/** A maximum comes down by what the group has at that moment, not by what a slow pass saw before. */
import { ProviderError } from "../../errors.ts";
import type { AwsChange } from "./changes.ts";
import { sizeOf } from "./outdated.ts";
import type { GroupReader } from "./read-group.ts";

/**
 * One call where a maximum is lowered, none otherwise. AWS takes its desired size down with the maximum, and whom it takes
 * out then nobody has drained (EC2 Auto Scaling API, UpdateAutoScalingGroup).
 * @throws ProviderError "conflict" when the group has become larger than that meanwhile
 */
export async function checkNarrower(change: AwsChange, groups: Pick<GroupReader, "group">): Promise<void> {
  if (change.do !== "UpdateAutoScalingGroup" || !change.isNarrower) return;
  const { AutoScalingGroupName = "", MaxSize = 0 } = change.input;
  const group = await groups.group(AutoScalingGroupName);
  if (!group || sizeOf(group) <= MaxSize) return;
  const said = `the group has ${sizeOf(group)} instances by now, and its maximum was to be ${MaxSize}`;
  throw new ProviderError("conflict", "autoscaling:UpdateAutoScalingGroup", "it is tried again", said);
}
