/** Which instances are older than what the pool asks for, read off the template's versions: nothing has to be remembered. */
import type { AwsSight, GroupFacts, InstanceFacts, RefreshFacts, TemplateFacts } from "./sight.ts";
import { mustReplace } from "./template-fingerprint.ts";

/**
 * Launched from a version that differs in something that matters. So a refresh that was never started, because a pass died
 * or AWS refused it, is still due at the next look; upstream decides by the moment of the change and loses it.
 */
export function isOutdated({ templateId, templateVersion }: InstanceFacts, template: TemplateFacts): boolean {
  const latest = template.versions.at(-1);
  if (!latest || templateId !== template.id) return true;
  // Newer than the newest: EC2's list lags behind, and a replacement would be for nothing.
  if (templateVersion !== undefined && templateVersion >= latest.number) return false;
  const own = template.versions.find(({ number }) => number === templateVersion);
  return own === undefined || mustReplace(own.data, latest.data);
}

/** For the desired size. */
const counts = ({ lifecycleState }: InstanceFacts): boolean =>
  lifecycleState === "InService" || lifecycleState.startsWith("Pending");

/** What is on its way out anyway needs no replacing. */
export const stays = (one: InstanceFacts): boolean => counts(one) || one.lifecycleState === "Standby";

/** What a maximum has to hold: more than the desired size while a refresh launches first. */
export const sizeOf = ({ desired, instances }: GroupFacts): number =>
  Math.max(desired, instances.filter(counts).length);

export const outdatedInstances = ({ group, template }: AwsSight): readonly InstanceFacts[] =>
  template ? (group?.instances ?? []).filter((one) => stays(one) && isOutdated(one, template)) : [];

const ACTIVE: readonly string[] = ["Pending", "InProgress", "Cancelling", "RollbackInProgress", "Baking"];

/** Upstream forgets rollbacks and baking. */
export const isActive = (refresh: RefreshFacts | undefined): boolean => ACTIVE.includes(refresh?.status ?? "");
