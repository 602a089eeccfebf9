/** When the end of a hold is near enough for an alarm. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type {
  InstanceTermination,
  InstanceTerminationSpec,
  InstanceTerminationStatus,
} from "../../../lib/api/lifecycle/instance-termination.ts";
import { isCloseToExpiry } from "../../../lib/reconcile/decide/hold-expiry.ts";
import { secondsOf } from "../../../lib/reconcile/decide/time.ts";

const NOTICE = "2026-11-20T08:00:00Z";
const cases: {
  name: string;
  afterSeconds: number;
  spec?: Partial<InstanceTerminationSpec>;
  status?: InstanceTerminationStatus;
  want: boolean;
}[] = [
  { name: "a timer that has just begun is no alarm", afterSeconds: 10, want: false },
  { name: "half a timer is the usual time of a heartbeat, no alarm", afterSeconds: 150, want: false },
  { name: "four fifths of a timer without a heartbeat are", afterSeconds: 240, want: true },
  {
    name: "a heartbeat begins the timer anew",
    afterSeconds: 240,
    status: { lastHeartbeatTime: "2026-11-20T08:02:30Z" },
    want: false,
  },
  {
    name: "nine tenths of the maximum are, heartbeats or not",
    afterSeconds: 27_000,
    status: { lastHeartbeatTime: "2026-11-20T15:29:00Z" },
    want: true,
  },
  {
    name: "what is released ends as it should",
    afterSeconds: 299,
    status: { releaseTime: "2026-11-20T08:01:00Z" },
    want: false,
  },
  { name: "what is finished is over", afterSeconds: 299, status: { finishTime: "2026-11-20T08:01:00Z" }, want: false },
  { name: "a dry run lets holds end", afterSeconds: 299, spec: { dryRun: true }, want: false },
  {
    name: "past its own deadline an instance goes as announced",
    afterSeconds: 299,
    spec: { deadlineTime: "2026-11-20T08:02:00Z" },
    want: false,
  },
];
for (const { name, afterSeconds, spec, status, want } of cases) {
  test(name, () => {
    const termination: InstanceTermination = {
      metadata: { name: "workers-a-i-0a", namespace: "team-a" },
      spec: {
        clusterName: "blue",
        machinePoolName: "workers-a",
        providerID: "cloud:///a/i-0a",
        cause: "TerminationHook",
        noticeTime: NOTICE,
        hold: { autoScaling: { groupName: "workers-a", hooks: [{ name: "drain" }] } },
        ...spec,
      },
      ...(status ? { status } : {}),
    };
    const terms = { heartbeatTimeoutSeconds: 300, maximumSeconds: 30_000 };
    assert.equal(isCloseToExpiry(termination, terms, secondsOf(NOTICE) + afterSeconds), want);
  });
}
