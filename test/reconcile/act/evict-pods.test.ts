/** Each answer of the API server to one eviction or deletion, over the wire. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { disruptionBudgets } from "../../../infra/local/cluster/kinds.ts";
import { type Pod, pods } from "../../../lib/api/kubernetes/pod.ts";
import { evictPods } from "../../../lib/reconcile/act/evict-pods.ts";
import type { PodRef } from "../../../lib/reconcile/decide/action.ts";
import { aPod, type PodWishes } from "../../support/builders.ts";
import { aBudget, type Rig, startRig } from "../support/rig.ts";

async function refOf(rig: Rig, wish: PodWishes): Promise<PodRef> {
  await rig.create("workload", pods, aPod(wish));
  const { metadata } = await rig.workload.get<Pod>(pods, { namespace: "default", name: wish.name ?? "web-1" });
  return { pod: `default/${metadata.name}`, uid: metadata.uid ?? "", graceSeconds: 30 };
}
const evict = (rig: Rig, ...refs: readonly PodRef[]) => evictPods(rig.workload, { evict: refs, remove: [] }, 2);
const told = (answers: Awaited<ReturnType<typeof evictPods>>) =>
  answers.map(({ answer, reason }) => (reason ? `${answer} ${reason}` : answer));
const nobody: PodRef = { pod: "default/nobody", uid: "u", graceSeconds: 30 };

test("a pod that is gone is done", async (t) => {
  const rig = await startRig(t);
  deepStrictEqual(told(await evict(rig, nobody)), ["gone"]);
  deepStrictEqual(told(await evictPods(rig.workload, { evict: [], remove: [nobody] }, 2)), ["gone"]);
});

test("a pod of the same name with another uid is done, and never evicted", async (t) => {
  const rig = await startRig(t);
  const other = { ...(await refOf(rig, { name: "db-0" })), uid: "00000000-0000-0000-0000-000000000000" };
  deepStrictEqual(told(await evict(rig, other)), ["gone"]);
  deepStrictEqual(told(await evictPods(rig.workload, { evict: [], remove: [other] }, 2)), ["gone"]);
  const { metadata } = await rig.workload.get<Pod>(pods, { namespace: "default", name: "db-0" });
  strictEqual(metadata.deletionTimestamp, undefined);
});

test("a deletion carries the grace that is left", async (t) => {
  const rig = await startRig(t);
  const ref = { ...(await refOf(rig, { graceSeconds: 60 })), graceSeconds: 7 };
  deepStrictEqual(told(await evictPods(rig.workload, { evict: [], remove: [ref] }, 2)), ["accepted"]);
  const { metadata } = await rig.workload.get<Pod>(pods, { namespace: "default", name: "web-1" });
  strictEqual(metadata.deletionGracePeriodSeconds, 7);
});

test("an eviction leaves the pod its own grace, unless it is shortened", async (t) => {
  const rig = await startRig(t);
  const own = await refOf(rig, { name: "own", graceSeconds: 60 });
  const short = { ...(await refOf(rig, { name: "short", graceSeconds: 60 })), graceSeconds: 1, shortened: true };
  await evict(rig, own, short);
  const grace = async (name: string) =>
    (await rig.workload.get<Pod>(pods, { namespace: "default", name })).metadata.deletionGracePeriodSeconds;
  deepStrictEqual([await grace("own"), await grace("short")], [60, 1]);
});

test("a budget refuses a pod that is not Ready like any other", async (t) => {
  const rig = await startRig(t);
  const ref = await refOf(rig, { labels: { app: "web" }, ready: false });
  const budget = aBudget("web", 0);
  await rig.create("workload", disruptionBudgets, { ...budget, status: { ...budget.status, currentHealthy: 0 } });
  deepStrictEqual(told(await evict(rig, ref)), ["refused DisruptionBudget"]);
});

test("a Retry-After is handed on", async (t) => {
  const rig = await startRig(t);
  const ref = await refOf(rig, {});
  rig.servers.workload.inject({
    match: { method: "POST", path: /eviction/ },
    times: 1,
    code: 429,
    retryAfterSeconds: 12,
  });
  const [answer] = await evict(rig, ref);
  deepStrictEqual([answer?.reason, answer?.retryAfterSeconds], ["ApiServerOverloaded", 12]);
});

test("a timeout is a failure that is tried again", async (t) => {
  const rig = await startRig(t);
  const ref = await refOf(rig, {});
  rig.servers.workload.inject({ match: { method: "POST", path: /eviction/ }, times: 1, code: 504 });
  deepStrictEqual(told(await evict(rig, ref)), ["refused EvictionFailed"]);
  deepStrictEqual(told(await evict(rig, ref)), ["accepted"]);
});

test("a refused deletion is refused with its reason", async (t) => {
  const rig = await startRig(t);
  const ref = await refOf(rig, {});
  rig.servers.workload.inject({ match: { method: "DELETE", path: /pods/ }, times: 1, code: 403 });
  deepStrictEqual(told(await evictPods(rig.workload, { evict: [], remove: [ref] }, 2)), ["refused Forbidden"]);
});

test("a server that does not answer is not asked for the whole batch", async (t) => {
  const rig = await startRig(t);
  rig.servers.workload.inject({ match: { method: "POST", path: /eviction/ }, times: 30, drop: true });
  const refs = Array.from({ length: 30 }, (_, index) => ({ ...nobody, pod: `default/p-${index}` }));
  const answers = await evict(rig, ...refs);
  ok(answers.length >= 4 && answers.length <= 6, `${answers.length} of 30 were asked`);
});

test("an overloaded server is not asked for the rest of the batch", async (t) => {
  const rig = await startRig(t);
  rig.servers.workload.inject({ match: { method: "POST", path: /eviction/ }, times: 30, code: 429 });
  const refs = Array.from({ length: 30 }, (_, index) => ({ ...nobody, pod: `default/p-${index}` }));
  const answers = await evict(rig, ...refs);
  ok(answers.length <= 3, `${answers.length} of 30 were asked`);
});
