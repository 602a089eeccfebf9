/** Several notices for one instance: their holds become one. */
import type { AutoScalingHook, AzureScheduledEvent, Hold } from "./hold.ts";

/**
 * Hooks: a later one of the same name replaces the earlier one, but a token that is known is not forgotten for a notice
 * without; a hold of another group replaces the whole. Scheduled events: an instance has one that counts.
 * @returns lists sorted, so that equal holds are equal texts
 */
export function mergeHolds(before: Hold | undefined, notice: Hold): Hold {
  if (notice.autoScaling) return { autoScaling: mergeHooks(before?.autoScaling, notice.autoScaling) };
  if (!notice.azureScheduledEvent) return before ?? notice;
  return { azureScheduledEvent: inOneOrder(thatCounts(before?.azureScheduledEvent, notice.azureScheduledEvent)) };
}

/** Whether a notice names something that holds and is not known yet. */
export function holdsAnew(before: Hold | undefined, notice: Hold): boolean {
  const event = notice.azureScheduledEvent;
  if (event) return thatCounts(before?.azureScheduledEvent, event).eventId !== before?.azureScheduledEvent?.eventId;
  const known = before?.autoScaling?.hooks ?? [];
  return notice.autoScaling?.hooks.some(({ name }) => !known.some((hook) => hook.name === name)) ?? false;
}

/** Whether a notice tells of the very hold that is known; a hook has no name of its own for each time that it holds. */
export const isThis = (known: Hold | undefined, told: Hold): boolean =>
  told.azureScheduledEvent !== undefined && known?.azureScheduledEvent?.eventId === told.azureScheduledEvent.eventId;

/** Whether a notice tells of a wait that goes on, or of another hook beside it, and not of a hook that holds anew: its token tells. */
export function goesOn(before: Hold | undefined, notice: Hold): boolean {
  const [known, told] = [before?.autoScaling, notice.autoScaling];
  if (known?.groupName === undefined || known.groupName !== told?.groupName) return false;
  const tokens = new Map(known.hooks.map(({ name, token }) => [name, token]));
  return told.hooks.every(({ name, token }) => (tokens.get(name) ?? token) === token || token === undefined);
}

/** How long a hold lasts at the most while nobody restarts its timer. @param undeclaredSeconds of a hook that says nothing of it */
export const longestTimerSeconds = (hold: Hold | undefined, undeclaredSeconds: number): number =>
  Math.max(...(hold?.autoScaling?.hooks ?? []).map((hook) => hook.heartbeatTimeoutSeconds ?? undeclaredSeconds));

type Hooks = NonNullable<Hold["autoScaling"]>;

function mergeHooks(before: Hooks | undefined, notice: Hooks): Hooks {
  const old = before?.groupName === notice.groupName ? before.hooks : [];
  const hooks = new Map<string, AutoScalingHook>(old.map((hook) => [hook.name, hook]));
  for (const hook of notice.hooks) hooks.set(hook.name, { ...hooks.get(hook.name), ...hook });
  const sorted = [...hooks.values()].sort((a, b) => (a.name < b.name ? -1 : 1)).map(hookInOneOrder);
  return { groupName: notice.groupName, hooks: sorted };
}

const hookInOneOrder = ({ name, token, heartbeatTimeoutSeconds }: AutoScalingHook): AutoScalingHook => ({
  name,
  ...(token !== undefined && { token }),
  ...(heartbeatTimeoutSeconds !== undefined && { heartbeatTimeoutSeconds }),
});

/**
 * The end of a machine counts more than its maintenance. Of two ends the one that was planned for later: it is the newer.
 * Of two maintenances the one that comes first, which nobody may miss: the other is found when this one is over.
 */
function thatCounts(before: AzureScheduledEvent | undefined, notice: AzureScheduledEvent): AzureScheduledEvent {
  if (!before || before.eventId === notice.eventId) return notice;
  const isEnd = notice.eventType === "Terminate";
  if (isEnd !== (before.eventType === "Terminate")) return isEnd ? notice : before;
  const isLater = Date.parse(notice.notBefore) >= Date.parse(before.notBefore);
  return isEnd === isLater ? notice : before;
}

const inOneOrder = ({ eventId, resourceId, eventType, notBefore, machines }: AzureScheduledEvent) => ({
  eventId,
  resourceId,
  eventType,
  notBefore,
  machines: [...machines].sort(),
});
