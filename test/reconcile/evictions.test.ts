/** Who leaves and who stays, by rules, DaemonSets, volumes and the eviction API's answers. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { disruptionBudgets } from "../../infra/local/cluster/kinds.ts";
import { machineDrainRules } from "../../lib/api/core/machine-drain-rule.ts";
import { daemonSets, namespaces, pods } from "../../lib/api/kubernetes/pod.ts";
import { persistentVolumes, volumeAttachments } from "../../lib/api/kubernetes/volume.ts";
import { aMachinePool, aPod, aRule } from "../support/builders.ts";
import { condition, draining, everything, toTheEnd } from "./support/drains.ts";
import { aBudget } from "./support/rig.ts";

test("volumes of drained pods are waited for, those of DaemonSet pods are not", async (t) => {
  const claim = (claimName: string) => [{ name: "data", persistentVolumeClaim: { claimName } }];
  const rig = await draining(t, [
    { name: "db-0", volumes: claim("data-db-0") },
    { name: "agent-x", controller: "DaemonSet/agent", tolerations: everything, volumes: claim("agent") },
  ]);
  for (const name of ["data-db-0", "agent"]) {
    const claimRef = { kind: "PersistentVolumeClaim", namespace: "default", name };
    const volume = { apiVersion: "v1", kind: "PersistentVolume", metadata: { name: `pv-${name}` } };
    await rig.create("workload", persistentVolumes, { ...volume, spec: { claimRef } });
    const spec = { attacher: "csi", nodeName: "node-1", source: { persistentVolumeName: `pv-${name}` } };
    const attachment = { apiVersion: "storage.k8s.io/v1", kind: "VolumeAttachment", metadata: { name: `va-${name}` } };
    await rig.create("workload", volumeAttachments, { ...attachment, spec, status: { attached: true } });
  }
  await rig.drain();
  deepStrictEqual((await rig.termination())?.status?.drainedClaims, ["default/data-db-0"]);
  await rig.pass(31);
  const waiting = await rig.drain();
  deepStrictEqual([waiting.did, waiting.because], ["waited", "VolumesAttached"]);
  strictEqual((await rig.termination())?.status?.phase, "DetachingVolumes");
  match((await condition(rig, "VolumesDetached"))?.[2] ?? "", /default\/data-db-0$/);
  await rig.workload.delete(volumeAttachments, { name: "va-data-db-0" });
  deepStrictEqual(await toTheEnd(rig, waiting.againSeconds), ["released Drained", "finished InstanceGone"]);
});

test("an orphaned DaemonSet pod is evicted when nothing else is left", async (t) => {
  const rig = await draining(t, [
    { name: "agent-x", controller: "DaemonSet/agent" },
    { name: "log-x", controller: "DaemonSet/log" },
  ]);
  const log = { apiVersion: "apps/v1", kind: "DaemonSet", metadata: { name: "log", namespace: "default" } };
  const template = { metadata: { labels: { app: "log" } }, spec: {} };
  await rig.create("workload", daemonSets, {
    ...log,
    spec: { selector: { matchLabels: { app: "log" } }, template },
  });
  const outcome = await rig.drain();
  deepStrictEqual(outcome.counted, { evictionsAccepted: 1 });
  await rig.pass(31);
  deepStrictEqual(await rig.podNames(), ["log-x"]);
});

test("an orphaned DaemonSet pod is evicted when a rule keeps all that is left beside it", async (t) => {
  const rig = await draining(t, [
    { name: "agent-x", controller: "DaemonSet/agent" },
    { name: "stay", labels: { app: "stay" } },
  ]);
  const stay = [{ selector: { matchLabels: { app: "stay" } } }];
  await rig.create("management", machineDrainRules, aRule("stay", { behavior: "Skip" }, { pods: stay }));
  deepStrictEqual((await rig.drain()).counted, { evictionsAccepted: 1 });
  await rig.pass(31);
  deepStrictEqual(await rig.podNames(), ["stay"]);
});

test("MachineDrainRules decide by name, with the pool's labels where there is no Machine", async (t) => {
  const machinePool = aMachinePool({ templateLabels: { tier: "batch" } });
  const rig = await draining(t, [], { machinePool });
  const infra = { apiVersion: "v1", kind: "Namespace", metadata: { name: "infra", labels: { keep: "yes" } } };
  await rig.create("workload", namespaces, infra);
  for (const app of ["first", "job"]) await rig.create("workload", pods, aPod({ name: app, labels: { app } }));
  await rig.create("workload", pods, aPod({ name: "stay", namespace: "infra" }));
  const machines = [{ selector: { matchLabels: { tier: "batch" } } }];
  const rules = [
    aRule("a", { behavior: "Drain", order: -3 }, { machines, pods: [{ selector: { matchLabels: { app: "first" } } }] }),
    aRule("b", { behavior: "Skip" }, { machines: [{ selector: { matchLabels: { tier: "web" } } }] }),
    aRule("c", { behavior: "WaitCompleted" }, { pods: [{ selector: { matchLabels: { app: "job" } } }] }),
    aRule("d", { behavior: "Skip" }, { pods: [{ namespaceSelector: { matchLabels: { keep: "yes" } } }] }),
  ];
  for (const rule of rules) await rig.create("management", machineDrainRules, rule);
  deepStrictEqual((await rig.drain()).counted, { evictionsAccepted: 1 });
  await rig.pass(31);
  strictEqual((await rig.drain()).because, "PodsLeaving");
  deepStrictEqual(await rig.podNames(), ["job", "stay"]);
  match((await condition(rig, "Drained"))?.[2] ?? "", /default\/job: waiting for completion/);
});

test("a MachineDrainRule that nobody can read stops the drain before any eviction", async (t) => {
  const rig = await draining(t, [{ name: "web-1" }]);
  const selector = { matchExpressions: [{ key: "a", operator: "Like", values: ["b"] }] };
  await rig.create("management", machineDrainRules, aRule("bad", { behavior: "Skip" }, { machines: [{ selector }] }));
  const outcome = await rig.drain();
  deepStrictEqual([outcome.did, outcome.because], ["waited", "MachineDrainRuleInvalid"]);
  match((await condition(rig, "Drained"))?.[2] ?? "", /MachineDrainRule team-a\/bad: .*Like/);
  ok(!rig.writes().some((what) => what.includes("eviction")));
});

test("a pod of two budgets has a reason of its own and does not stop the others", async (t) => {
  const rig = await draining(t, [{ name: "web-1", labels: { app: "web" } }, { name: "other" }]);
  await rig.create("workload", disruptionBudgets, aBudget("web", 1));
  await rig.create("workload", disruptionBudgets, aBudget("web", 1, "web-too"));
  const { counted } = await rig.drain();
  deepStrictEqual(counted, { evictionsAccepted: 1, evictionsMultiplePodDisruptionBudgets: 1 });
  strictEqual((await condition(rig, "Drained"))?.[1], "MultiplePodDisruptionBudgets");
});

test("a terminating namespace is waited for with upstream's words", async (t) => {
  const rig = await draining(t, [{ name: "web-1" }]);
  const refused = {
    kind: "Status",
    apiVersion: "v1",
    status: "Failure",
    code: 403,
    reason: "Forbidden",
    message: "unable to create",
    details: { causes: [{ reason: "NamespaceTerminating", message: "namespace default is being terminated" }] },
  };
  rig.servers.workload.inject({ match: { method: "POST", path: /eviction/ }, times: 1, code: 403, body: refused });
  await rig.drain();
  const [, reason, message] = (await condition(rig, "Drained")) ?? [];
  strictEqual(reason, "NamespaceTerminating");
  match(message ?? "", /Cannot evict pod from terminating namespace/);
});

test("a webhook's 500 is retried until the pod goes", async (t) => {
  const rig = await draining(t, [{ name: "web-1" }]);
  rig.servers.workload.inject({ match: { method: "POST", path: /eviction/ }, times: 2, code: 500 });
  const told = await toTheEnd(rig);
  deepStrictEqual(told, [
    "evicted Draining",
    "evicted Draining",
    "evicted Draining",
    "released Drained",
    "finished InstanceGone",
  ]);
});
