/** Stories of the simulated kubelets: Nodes come up, pods run, end in time or are killed. */
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { BECOMES_READY, COMPLETES_SECONDS, isReady, SHUTDOWN_SECONDS } from "../../../infra/local/cluster/kinds.ts";
import { barePod } from "../../../infra/local/cluster/manifests.ts";
import { pods } from "../../../lib/api/kubernetes/pod.ts";
import { type Rig, tellAll } from "./rig.ts";

const at = { namespace: "default", name: "job" };
const gone = (rig: Rig) => rejects(rig.pod("job"), { kind: "not-found" });
const endings = ({ cluster }: Rig) => cluster.endings.map(({ pod, how, node }) => `${pod} ${how} on ${node}`);
/** One Node with one running pod named "job". */
const running = async (rig: Rig, pod: Parameters<typeof barePod>[1] = {}) => {
  rig.boot("a");
  await rig.create(barePod("job", pod));
  await rig.pass(20);
};

tellAll([
  {
    name: "a Node registers after its boot, and turns Ready later",
    tell: async (rig) => {
      rig.boot("a", { bootSeconds: 30, readySeconds: 20, labels: { pool: "blue" } });
      await rig.pass(28);
      deepEqual(await rig.list(pods), []);
      await rejects(rig.node("a"), { kind: "not-found" });
      await rig.pass(4);
      const young = await rig.node("a");
      equal(young.spec?.providerID, "aws:///eu-west-1a/a");
      equal(young.metadata.labels?.["topology.kubernetes.io/zone"], "eu-west-1a");
      equal(young.metadata.labels?.pool, "blue");
      equal(isReady(young), false);
      await rig.pass(20);
      ok(isReady(await rig.node("a")));
    },
  },
  {
    name: "a pod runs and turns Ready soon after it is bound",
    tell: async (rig) => {
      await running(rig);
      const pod = await rig.pod("job");
      deepEqual([pod.spec?.nodeName, pod.status?.phase, isReady(pod)], ["a", "Running", true]);
    },
  },
  {
    name: "a pod that never turns Ready runs all the same",
    tell: async (rig) => {
      await running(rig, { annotations: { [BECOMES_READY]: "false" } });
      const pod = await rig.pod("job");
      deepEqual([pod.status?.phase, isReady(pod)], ["Running", false]);
    },
  },
  {
    name: "a pod that completes is Succeeded, and its removal is no ending of a running pod",
    tell: async (rig) => {
      await running(rig, { annotations: { [COMPLETES_SECONDS]: "60" } });
      await rig.pass(65);
      equal((await rig.pod("job")).status?.phase, "Succeeded");
      await rig.client.delete(pods, at);
      await rig.pass(3);
      await gone(rig);
      deepEqual(endings(rig), []);
    },
  },
  {
    name: "a deleted pod runs on for the time its shutdown takes, then is gone, gracefully",
    tell: async (rig) => {
      await running(rig, { graceSeconds: 60, annotations: { [SHUTDOWN_SECONDS]: "25" } });
      await rig.client.delete(pods, at);
      await rig.pass(23);
      ok((await rig.pod("job")).metadata.deletionTimestamp);
      deepEqual(endings(rig), []);
      await rig.pass(4);
      await gone(rig);
      deepEqual(endings(rig), ["default/job graceful on a"]);
    },
  },
  {
    name: "a pod whose grace is shorter than its shutdown is killed when the grace is over",
    tell: async (rig) => {
      await running(rig, { graceSeconds: 10, annotations: { [SHUTDOWN_SECONDS]: "25" } });
      await rig.client.delete(pods, at);
      await rig.pass(13);
      await gone(rig);
      deepEqual(endings(rig), ["default/job killed on a"]);
    },
  },
  {
    name: "a grace that is shortened later counts from the first deletion",
    tell: async (rig) => {
      await running(rig, { graceSeconds: 3600, annotations: { [SHUTDOWN_SECONDS]: "1800" } });
      await rig.client.delete(pods, at);
      await rig.pass(20);
      await rig.client.delete(pods, at, { gracePeriodSeconds: 30 });
      await rig.pass(8);
      ok(await rig.pod("job"));
      await rig.pass(4);
      await gone(rig);
      deepEqual(endings(rig), ["default/job killed on a"]);
    },
  },
  {
    name: "a pod whose object is removed under it was killed",
    tell: async (rig) => {
      await running(rig);
      await rig.client.delete(pods, at, { gracePeriodSeconds: 0 });
      await rig.pass(2);
      deepEqual(endings(rig), ["default/job killed on a"]);
    },
  },
  {
    name: "a finalizer keeps the object of a pod that has ended",
    tell: async (rig) => {
      await running(rig, { finalizers: ["example.com/wait"] });
      await rig.client.delete(pods, at);
      await rig.pass(40);
      equal((await rig.pod("job")).metadata.deletionGracePeriodSeconds, 0);
      deepEqual(endings(rig), ["default/job graceful on a"]);
      await rig.client.patch(pods, at, { type: "merge", body: { metadata: { finalizers: null } } });
      await gone(rig);
    },
  },
  {
    name: "a terminating pod on a machine that vanished stays terminating, and was killed",
    tell: async (rig) => {
      await running(rig, { annotations: { [SHUTDOWN_SECONDS]: "20" } });
      await rig.client.delete(pods, at);
      await rig.pass(5);
      rig.cluster.stopNode("a");
      await rig.pass(120);
      ok((await rig.pod("job")).metadata.deletionTimestamp);
      deepEqual(endings(rig), ["default/job killed on a"]);
    },
  },
  {
    name: "the mirror of a static pod comes back when it is deleted",
    tell: async (rig) => {
      rig.boot("a", { staticPods: ["kube-proxy"] });
      await rig.pass(20);
      const before = await rig.pod("kube-proxy-a", "kube-system");
      ok(isReady(before));
      await rig.client.delete(pods, { namespace: "kube-system", name: "kube-proxy-a" });
      await rig.pass(5);
      const after = await rig.pod("kube-proxy-a", "kube-system");
      ok(after.metadata.uid !== before.metadata.uid && isReady(after));
      deepEqual(endings(rig), []);
    },
  },
  {
    name: "a Node deleted under a live kubelet does not come back; its pods are collected",
    tell: async (rig) => {
      await running(rig);
      await rig.client.delete({ apiVersion: "v1", plural: "nodes", kind: "Node" }, { name: "a" });
      await rig.pass(35);
      ok(await rig.pod("job"));
      await rig.pass(15);
      await gone(rig);
      await rejects(rig.node("a"), { kind: "not-found" });
    },
  },
]);
