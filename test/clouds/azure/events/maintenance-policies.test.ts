/** Host maintenance: what is done about it is a matter of policy. */
import { readScheduledEvents as read } from "../../../../lib/providers/azure/events/index.ts";
import { base, EVENT, PROPERTIES, redeployed } from "./edge-pool.ts";
import { checkEvents, leaving, nothing } from "./event-case.ts";

checkEvents([
  { name: "a Redeploy event drains by default", read, event: "redeploy-scheduled", want: leaving(EVENT, redeployed) },
  {
    name: "with policy Ignore a Redeploy event waits",
    read,
    event: "redeploy-scheduled",
    with: { redeploy: "Ignore" },
    want: nothing(EVENT, "PolicyIgnore"),
  },
  {
    name: "with policy Cordon a Redeploy event keeps new pods away and asks for nothing",
    read,
    event: "redeploy-scheduled",
    with: { redeploy: "Cordon" },
    want: leaving(EVENT, {
      ...base,
      instanceId: "edge-mp-0_4",
      cause: "ScheduledMaintenance",
      deadlineTime: "2026-11-20T10:10:00Z",
      mode: "CordonOnly",
    }),
  },
  {
    name: "a Freeze event is ignored by default",
    read,
    event: "freeze-scheduled",
    want: nothing(EVENT, "PolicyIgnore"),
  },
  {
    name: "with policy Cordon a Freeze event keeps new pods away",
    read,
    event: "freeze-scheduled",
    with: { freeze: "Cordon" },
    want: leaving(EVENT, {
      ...base,
      instanceId: "edge-mp-0_4",
      cause: "ScheduledMaintenance",
      deadlineTime: "2026-11-20T10:15:05Z",
      mode: "CordonOnly",
    }),
  },
  {
    name: "a Reboot event is ignored by default",
    read,
    event: "redeploy-scheduled",
    but: { [`${PROPERTIES}.EventType`]: "Reboot" },
    want: nothing(EVENT, "PolicyIgnore"),
  },
]);
