/** What a notice does to the record of its instance. */
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { Hold } from "../../../lib/api/lifecycle/hold.ts";
import type { InstanceTerminationSpec } from "../../../lib/api/lifecycle/instance-termination.ts";
import type { LeavingInstance } from "../../../lib/api/trigger.ts";
import {
  isStale,
  type NoticeAction,
  type NoticeView,
  noticeAction,
  noticeTimeOf,
  tightened,
} from "../../../lib/reconcile/decide/notice-action.ts";
import { aTermination } from "../../support/builders.ts";
import { at, HOLD_SPEC, seconds } from "../support/views.ts";

const hook: LeavingInstance = { instanceId: "i-1", cause: "TerminationHook", noticeTime: at(0), hold: HOLD_SPEC };
const spot: LeavingInstance = {
  instanceId: "i-1",
  cause: "SpotInterruption",
  noticeTime: at(30),
  deadlineTime: at(150),
};
const fresh: NoticeView = { nowSeconds: seconds(31), notice: hook, hasNode: true, foundWaiting: false, dryRun: false };
const recorded = aTermination({ hold: HOLD_SPEC });
const finished = aTermination({ hold: HOLD_SPEC }, { status: { phase: "Released", finishTime: at(20) } });
const over = { status: { phase: "Released", finishTime: at(20) } } as const;
const ofEvent = (eventId: string): Hold => ({
  azureScheduledEvent: { eventId, resourceId: "/r", eventType: "Terminate", notBefore: at(900), machines: ["i-1"] },
});
const shown: LeavingInstance = { ...hook, noticeTime: at(30), hold: ofEvent("E-1") };
const begun = aTermination({ hold: HOLD_SPEC }, { status: { drainStartTime: at(2) } });

const cases: { name: string; seen: NoticeView; want: NoticeAction }[] = [
  { name: "the first notice makes a record and cordons", seen: fresh, want: { do: "create", cordon: true } },
  {
    name: "without a Node there is nothing to cordon",
    seen: { ...fresh, hasNode: false },
    want: { do: "create", cordon: false },
  },
  {
    name: "a dry run records and does not cordon",
    seen: { ...fresh, dryRun: true },
    want: { do: "create", cordon: false },
  },
  {
    name: "an opt-out is recorded and not cordoned",
    seen: { ...fresh, excluded: "Node node-1" },
    want: { do: "create", cordon: false },
  },
  {
    name: "an echo before the first pass cordons, in case the first notice could not",
    seen: { ...fresh, existing: recorded },
    want: { do: "keep", because: "AlreadyRecorded", cordon: true },
  },
  {
    name: "an echo after the drain began cordons nothing",
    seen: { ...fresh, existing: begun },
    want: { do: "keep", because: "AlreadyRecorded", cordon: false },
  },
  {
    name: "a Spot notice tightens what a hook began",
    seen: { ...fresh, notice: spot, existing: begun },
    want: { do: "tighten", spec: { deadlineTime: at(150) }, cordon: true },
  },
  {
    name: "an echo after the end is done already",
    seen: { ...fresh, existing: finished },
    want: { do: "keep", because: "AlreadyDone", cordon: false },
  },
  {
    name: "a notice newer than the end begins anew",
    seen: { ...fresh, notice: spot, existing: finished },
    want: { do: "replace", cordon: true },
  },
  {
    name: "a cloud that still shows the event of a drain that is over brings no second one, however late it is asked",
    seen: { ...fresh, notice: shown, existing: aTermination({ hold: ofEvent("E-1") }, over) },
    want: { do: "keep", because: "AlreadyDone", cordon: false },
  },
  {
    name: "another event for the same instance begins anew",
    seen: { ...fresh, notice: shown, existing: aTermination({ hold: ofEvent("E-0") }, over) },
    want: { do: "replace", cordon: true },
  },
  {
    name: "a record that is being cancelled is left to its cancel",
    seen: { ...fresh, existing: aTermination({}, { deletionTimestamp: at(9) }) },
    want: { do: "ignore", because: "BeingCancelled" },
  },
  {
    name: "a stale notice of an instance in service is ignored",
    seen: { ...fresh, instance: "running" },
    want: { do: "ignore", because: "StaleNotice" },
  },
  {
    name: "a stale notice of an instance that is gone with its Node is ignored",
    seen: { ...fresh, instance: "gone", hasNode: false },
    want: { do: "ignore", because: "InstanceGone" },
  },
  {
    name: "a stale notice of an instance whose Node remains is recorded for the clean-up",
    seen: { ...fresh, instance: "gone" },
    want: { do: "create", cordon: false },
  },
  {
    name: "a stale notice of an instance that still waits is as good as new",
    seen: { ...fresh, instance: "held" },
    want: { do: "create", cordon: true },
  },
  {
    name: "an older notice than the person's cancel is ignored",
    seen: { ...fresh, cancelledSeconds: seconds(5) },
    want: { do: "ignore", because: "CancelledByHand" },
  },
  {
    name: "a newer notice than the person's cancel counts",
    seen: { ...fresh, notice: spot, cancelledSeconds: seconds(5) },
    want: { do: "create", cordon: true },
  },
  {
    name: "what was only found waiting is never newer than the person's cancel",
    seen: { ...fresh, notice: spot, cancelledSeconds: seconds(5), foundWaiting: true },
    want: { do: "ignore", because: "CancelledByHand" },
  },
];
for (const { name, seen, want } of cases) test(name, () => deepStrictEqual(noticeAction(seen), want));

const spec: InstanceTerminationSpec = { ...aTermination().spec, hold: HOLD_SPEC, deadlineTime: at(200) };
const other = { autoScaling: { groupName: "workers", hooks: [{ name: "backup", token: "b" }] } };
const renewed = { autoScaling: { groupName: "workers", hooks: [{ name: "drain", token: "t-2" }] } };
const found = { autoScaling: { groupName: "workers", hooks: [{ name: "drain" }] } };
const tightenings: {
  name: string;
  from?: InstanceTerminationSpec;
  notice: LeavingInstance;
  want: Partial<InstanceTerminationSpec>;
}[] = [
  { name: "a later deadline loosens nothing", notice: { ...spot, deadlineTime: at(900) }, want: {} },
  { name: "an earlier deadline tightens", notice: spot, want: { deadlineTime: at(150) } },
  { name: "a notice without a deadline leaves it", notice: hook, want: {} },
  {
    name: "a second hook joins the first, by name",
    notice: { ...hook, noticeTime: at(9), hold: other },
    want: {
      hold: {
        autoScaling: {
          groupName: "workers",
          hooks: [
            { name: "backup", token: "b" },
            { name: "drain", token: "t-1" },
          ],
        },
      },
    },
  },
  {
    name: "the event of a hook that was found waiting tells since when",
    from: { ...spec, noticeTime: at(23), hold: found },
    notice: hook,
    want: { hold: HOLD_SPEC, noticeTime: at(0) },
  },
  {
    name: "an event older than the timer of the hook that was found waiting tells of an earlier wait",
    from: { ...spec, noticeTime: at(31), hold: found },
    notice: hook,
    want: { hold: HOLD_SPEC },
  },
  {
    name: "a second hook that is found waiting does not hide since when the first one waits",
    notice: {
      ...hook,
      noticeTime: at(23),
      hold: { autoScaling: { groupName: "workers", hooks: [{ name: "backup" }] } },
    },
    want: {
      hold: { autoScaling: { groupName: "workers", hooks: [{ name: "backup" }, ...HOLD_SPEC.autoScaling.hooks] } },
    },
  },
  {
    name: "a hook's new token replaces the old one and restarts its clock",
    notice: { ...hook, noticeTime: at(9), hold: renewed },
    want: { hold: renewed, noticeTime: at(9) },
  },
  {
    name: "the clock of a new hold never starts after the deadline",
    notice: { ...hook, noticeTime: at(400), hold: renewed },
    want: { hold: renewed, noticeTime: at(200) },
  },
  {
    name: "a hook found without its token changes nothing",
    notice: { ...hook, noticeTime: at(9), hold: found },
    want: {},
  },
  {
    name: "a forced cause replaces a voluntary one",
    from: { ...aTermination().spec, cause: "RebalanceRecommendation" },
    notice: { ...spot, noticeTime: at(0) },
    want: { deadlineTime: at(150), cause: "SpotInterruption" },
  },
  {
    name: "a voluntary cause does not replace a forced one",
    notice: { instanceId: "i-1", cause: "RebalanceRecommendation", noticeTime: at(5) },
    want: {},
  },
  {
    name: "a drain replaces a mere cordon, and keeps the other wishes",
    from: { ...aTermination().spec, drain: { mode: "CordonOnly", timeoutSeconds: 9 } },
    notice: { instanceId: "i-1", cause: "TerminationHook", noticeTime: at(0) },
    want: { drain: { mode: "Drain", timeoutSeconds: 9 } },
  },
  {
    name: "a mere cordon does not replace a drain",
    notice: { instanceId: "i-1", cause: "RebalanceRecommendation", noticeTime: at(5), mode: "CordonOnly" },
    want: {},
  },
];
for (const { name, from = spec, notice, want } of tightenings)
  test(name, () => deepStrictEqual(tightened(from, notice), want));

const stale: { name: string; notice: LeavingInstance; now: number; want: boolean }[] = [
  {
    name: "a Spot notice is of use for ten minutes",
    notice: { ...spot, deadlineTime: at(99_999) },
    now: 630,
    want: false,
  },
  {
    name: "a Spot notice of more than ten minutes is stale",
    notice: { ...spot, deadlineTime: at(99_999) },
    now: 631,
    want: true,
  },
  { name: "a notice past its own deadline is stale", notice: spot, now: 151, want: true },
  { name: "a hook's notice does not age", notice: hook, now: 99_999, want: false },
];
for (const { name, notice, now, want } of stale) test(name, () => deepStrictEqual(isStale(notice, seconds(now)), want));

test("a deadline before its own notice counts as the notice's time", () => {
  deepStrictEqual(noticeTimeOf({ ...spot, deadlineTime: at(3) }), at(3));
  deepStrictEqual(noticeTimeOf(spot), at(30));
});
