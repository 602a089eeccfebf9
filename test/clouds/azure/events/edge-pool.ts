/** What the recorded scheduled events of pool edge-mp-0 come to: each row of their tables changes one thing of it. */
import type { LeavingInstance } from "../../../../lib/api/trigger.ts";

export const EVENT = "ScheduledEvent";
export const SET =
  "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/edge-pools/providers/Microsoft.Compute/virtualMachineScaleSets/edge-mp-0";
export const hold = (eventType: string, eventId: string, notBefore: string, machines = ["edge-mp-0_4"]) => ({
  azureScheduledEvent: { eventId, resourceId: SET, eventType, notBefore, machines },
});
export const TERMINATE = "0FA9C1B4-71D2-4E0B-8B10-5A7E33D2C9F4";
export const base = { groupName: "edge-pools/edge-mp-0", noticeTime: "2026-11-20T10:00:05Z" } as const;
export const terminated: LeavingInstance = {
  ...base,
  instanceId: "edge-mp-0_4",
  cause: "TerminationHook",
  deadlineTime: "2026-11-20T10:15:00Z",
  hold: hold("Terminate", TERMINATE, "2026-11-20T10:15:00Z"),
};
export const redeployed: LeavingInstance = {
  ...base,
  instanceId: "edge-mp-0_4",
  cause: "ScheduledMaintenance",
  deadlineTime: "2026-11-20T10:10:00Z",
  hold: hold("Redeploy", "3C1E5F70-9A2B-4D46-B1F8-0E6A7D9C2B35", "2026-11-20T10:10:00Z"),
};
const { hold: _, ...rest } = terminated;
export const unheld: LeavingInstance = rest;
export const PROPERTIES = "data.resourceInfo.properties";
