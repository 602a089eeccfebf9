/** Failures of the world: which pass, which a person must mend, and which a pass must not swallow. */
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { KubernetesError, type KubernetesErrorKind } from "../../lib/kubernetes/errors.ts";
import { type ErrorKind, ProviderError } from "../../lib/providers/errors.ts";
import { DrainRuleError } from "../../lib/reconcile/decide/drain-rules.ts";
import { troubleOf, workloadTroubleOf } from "../../lib/reconcile/trouble.ts";

const kubernetes = (kind: KubernetesErrorKind, retryAfterSeconds?: number) =>
  new KubernetesError(kind, "said", retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
const cloud = (kind: ErrorKind) => new ProviderError(kind, "cloud.call", "", "said");

const cases: { name: string; error: unknown; want: readonly [string, number] | undefined }[] = [
  {
    name: "a server that does not answer is asked again soon",
    error: kubernetes("unreachable"),
    want: ["ApiServerUnreachable", 15],
  },
  { name: "a server that fails is asked again soon", error: kubernetes("server"), want: ["ApiServerFailed", 15] },
  {
    name: "an overloaded server says when",
    error: kubernetes("too-many-requests", 40),
    want: ["ApiServerOverloaded", 40],
  },
  {
    name: "a Retry-After of 0 is no hot loop",
    error: kubernetes("too-many-requests", 0),
    want: ["ApiServerOverloaded", 1],
  },
  { name: "a missing right is a person's to give", error: kubernetes("forbidden"), want: ["Forbidden", 60] },
  { name: "a conflict is not trouble: come again", error: kubernetes("conflict"), want: undefined },
  { name: "a refused body is a fault of our own", error: kubernetes("invalid"), want: undefined },
  { name: "a throttling cloud is asked again soon", error: cloud("throttled"), want: ["CloudThrottled", 15] },
  { name: "a cloud that is down is asked again soon", error: cloud("unavailable"), want: ["CloudUnavailable", 15] },
  { name: "a cloud's missing permission is a person's to give", error: cloud("denied"), want: ["CloudDenied", 60] },
  { name: "a bad rule is a person's to mend", error: new DrainRuleError("bad"), want: ["MachineDrainRuleInvalid", 60] },
  { name: "a fault of our own is not swallowed", error: new TypeError("x"), want: undefined },
];
for (const { name, error, want } of cases) {
  test(name, () => {
    const trouble = troubleOf(error);
    deepStrictEqual(trouble && [trouble.reason, trouble.againSeconds], want);
  });
}

test("a workload cluster without a kubeconfig has a reason of its own", () => {
  strictEqual(workloadTroubleOf(kubernetes("not-found"))?.reason, "WorkloadClusterMissing");
  strictEqual(workloadTroubleOf(kubernetes("forbidden"))?.reason, "Forbidden");
});
