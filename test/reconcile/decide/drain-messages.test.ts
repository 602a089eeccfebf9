/** What people read of a drain. */
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { PodAnswer } from "../../../lib/reconcile/decide/action.ts";
import { drainMessage, shownOf, someOf, waitingFor } from "../../../lib/reconcile/decide/drain-messages.ts";
import { aPodView, ordered, quiet, seconds } from "../support/views.ts";

const refused = (pod: string, reason: string, message: string): PodAnswer => ({
  pod: `default/${pod}`,
  uid: `uid-${pod}`,
  answer: "refused",
  reason,
  message,
});
const told = (names: readonly string[], answers: readonly PodAnswer[] = []) =>
  drainMessage(waitingFor({ ...quiet, pods: names.map((name) => aPodView(name)) }, answers)).split("\n");

test("nothing left is an empty text", () => deepStrictEqual(drainMessage([]), ""));

test("at most three names a line", () => {
  deepStrictEqual(someOf(["a", "b", "c"]), "a, b, c");
  deepStrictEqual(someOf(["a", "b", "c", "d", "e"]), "a, b, c, ... (2 more)");
});

test("the same refusal is said once for all its pods", () => {
  const text =
    "Cannot evict pod as it would violate the pod's disruption budget. The disruption budget web needs 4 healthy pods and has 4 currently";
  deepStrictEqual(told(["a", "b"], [refused("a", "DisruptionBudget", text), refused("b", "DisruptionBudget", text)]), [
    `* Pod(s) default/a, default/b: c${text.slice(1)}`,
  ]);
});

test("any other refusal carries upstream's words and the server's", () => {
  deepStrictEqual(told(["a"], [refused("a", "EvictionFailed", "boom")]), [
    "* Pod(s) default/a: failed to evict Pod, boom",
  ]);
});

test("more than five refusals are counted as other issues", () => {
  const names = ["a", "b", "c", "d", "e", "f", "g"];
  const lines = told(
    names,
    names.map((name) => refused(name, "EvictionFailed", `issue ${name}`)),
  );
  deepStrictEqual([lines.length, lines.at(-1)], [6, "* 2 Pods with other issues"]);
  const six = told(
    names.slice(0, 6),
    names.slice(0, 6).map((name) => refused(name, "EvictionFailed", `issue ${name}`)),
  );
  deepStrictEqual(six.at(-1), "* 1 Pod with other issues");
});

test("every kind of obstacle has a line, in the order in which they are cleared", () => {
  const pods = [
    aPodView("z-late", ordered(4)),
    aPodView("done", { ...ordered(0, "WaitCompleted") }),
    aPodView("held", { heldBy: "karpenter.sh/do-not-disrupt" }),
    aPodView("next"),
    aPodView("going", { deletionSeconds: seconds(80) }),
  ];
  deepStrictEqual(drainMessage(waitingFor({ ...quiet, pods }, [])).split("\n"), [
    "* Pod(s) default/going: deletionTimestamp set, but still not removed from the Node",
    "* Pod(s) default/next: to be evicted",
    "* Pod(s) default/done: waiting for completion",
    "* Pod(s) default/held: held by an annotation until the deadline",
    "After above Pods have been removed from the Node, the following Pods will be evicted: default/z-late",
  ]);
});

test("a pod that was not asked keeps what the server said of it last", () => {
  const before = [{ pod: "default/a", reason: "DisruptionBudget", message: "the budget web" }];
  const view = { ...quiet, status: { ...quiet.status, waitingFor: before }, pods: [aPodView("a"), aPodView("b")] };
  deepStrictEqual(
    waitingFor(view, []).map(({ reason }) => reason),
    ["DisruptionBudget", "Next"],
  );
});

test("a pod that is gone, or was accepted, is not refused any more", () => {
  const answers: PodAnswer[] = [
    { pod: "default/a", uid: "uid-a", answer: "gone" },
    { pod: "default/b", uid: "uid-b", answer: "accepted" },
  ];
  const entries = waitingFor({ ...quiet, pods: [aPodView("a"), aPodView("b")] }, answers);
  deepStrictEqual(
    entries.map(({ pod, reason }) => `${pod} ${reason}`),
    ["default/b Terminating"],
  );
});

test("of many pods those that were refused are shown, sorted by pod", () => {
  const pods = Array.from({ length: 30 }, (_, index) => aPodView(`p-${String(index).padStart(2, "0")}`));
  const shown = shownOf(waitingFor({ ...quiet, pods }, [refused("p-29", "DisruptionBudget", "no")]));
  deepStrictEqual([shown.length, shown.at(-1)?.pod], [10, "default/p-29"]);
});
