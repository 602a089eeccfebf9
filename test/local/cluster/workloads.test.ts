/** Stories of the simulated scheduler, workload controllers and collectors. */
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import {
  deployments,
  isLeaving,
  replicaSets,
  SHUTDOWN_SECONDS,
  type Workload,
} from "../../../infra/local/cluster/kinds.ts";
import { barePod, boundVolume, daemonSet, deployment, statefulSet } from "../../../infra/local/cluster/manifests.ts";
import { nodes } from "../../../lib/api/kubernetes/node.ts";
import { daemonSets, namespaces, pods } from "../../../lib/api/kubernetes/pod.ts";
import { persistentVolumes, type VolumeAttachment, volumeAttachments } from "../../../lib/api/kubernetes/volume.ts";
import { type Rig, tellAll } from "./rig.ts";

const perNode = async (rig: Rig, name: string) => {
  const counts: Record<string, number> = {};
  for (const placed of await rig.placed(name)) {
    const node = placed.slice(placed.indexOf("@") + 1);
    counts[node] = (counts[node] ?? 0) + 1;
  }
  return counts;
};
const status = async (rig: Rig, name = "web") =>
  (await rig.client.get<Workload>(deployments, { namespace: "default", name })).status ?? {};
const scale = (rig: Rig, replicas: number) =>
  rig.client.patch(deployments, { namespace: "default", name: "web" }, { type: "merge", body: { spec: { replicas } } });
const bootAll = (rig: Rig, ...names: readonly string[]) => {
  for (const name of names) rig.boot(name);
};

tellAll([
  {
    name: "a Deployment's pods are spread over the Nodes, and its status counts them",
    tell: async (rig) => {
      bootAll(rig, "a", "b", "c");
      await rig.pass(15);
      await rig.create(deployment("web", 6));
      await rig.pass(10);
      deepEqual(await perNode(rig, "web"), { a: 2, b: 2, c: 2 });
      const { replicas, readyReplicas, updatedReplicas } = await status(rig);
      deepEqual({ replicas, readyReplicas, updatedReplicas }, { replicas: 6, readyReplicas: 6, updatedReplicas: 6 });
    },
  },
  {
    name: "an evicted pod is replaced elsewhere at once, while the old one still shuts down",
    tell: async (rig) => {
      bootAll(rig, "a", "b");
      await rig.create(deployment("web", 2, { annotations: { [SHUTDOWN_SECONDS]: "25" } }));
      await rig.pass(20);
      await rig.cordon("a");
      const [name = ""] = (await rig.placed("web")).filter((placed) => placed.endsWith("@a"));
      await rig.evict(name.slice(0, name.indexOf("@")));
      await rig.pass(10);
      const all = await rig.list(pods, "web");
      deepEqual([all.length, all.filter(isLeaving).length], [3, 1]);
      deepEqual(await perNode(rig, "web"), { a: 1, b: 2 });
      await rig.pass(20);
      deepEqual(await perNode(rig, "web"), { b: 2 });
    },
  },
  {
    name: "a Deployment scales down and up again, and a new template replaces the pods",
    tell: async (rig) => {
      bootAll(rig, "a");
      await rig.create(deployment("web", 4));
      await rig.pass(20);
      await scale(rig, 1);
      await rig.pass(10);
      equal((await rig.placed("web")).length, 1);
      const template = { metadata: { labels: { app: "web", release: "2" } } };
      const body = { spec: { replicas: 2, template } };
      await rig.client.patch(deployments, { namespace: "default", name: "web" }, { type: "merge", body });
      await rig.pass(15);
      const left = await rig.list(pods, "web");
      deepEqual(
        left.map(({ metadata }) => metadata.labels?.release),
        ["2", "2"],
      );
    },
  },
  {
    name: "a cordoned Node takes no new pod but a DaemonSet's, and carries the taint that says so until it is uncordoned",
    tell: async (rig) => {
      bootAll(rig, "a", "b");
      await rig.pass(15);
      await rig.cordon("a");
      await rig.create(deployment("web", 2), daemonSet("agent"));
      await rig.pass(10);
      deepEqual(await perNode(rig, "web"), { b: 2 });
      deepEqual(await perNode(rig, "agent"), { a: 1, b: 1 });
      const taints = async () => (await rig.node("a")).spec?.taints?.map(({ key, effect }) => `${key}:${effect}`) ?? [];
      deepEqual(await taints(), ["node.kubernetes.io/unschedulable:NoSchedule"]);
      await rig.cordon("a", false);
      await rig.pass(2);
      deepEqual(await taints(), []);
    },
  },
  {
    name: "a DaemonSet's pod comes back on a cordoned Node, but not past a taint it does not tolerate",
    tell: async (rig) => {
      const taint = { key: "example.com/leaving", value: "yes", effect: "NoSchedule" };
      const tolerations = [{ key: taint.key, operator: "Equal", value: "yes" }];
      bootAll(rig, "a");
      await rig.create(daemonSet("agent"), daemonSet("log", { spec: { tolerations } }));
      await rig.pass(20);
      await rig.client.patch(nodes, { name: "a" }, { type: "merge", body: { spec: { taints: [taint] } } });
      for (const { metadata } of await rig.list(pods)) await rig.evict(metadata.name);
      await rig.pass(10);
      deepEqual([await perNode(rig, "agent"), await perNode(rig, "log")], [{}, { a: 1 }]);
      const log = await rig.client.get<Workload>(daemonSets, { namespace: "default", name: "log" });
      equal(log.status?.numberReady, 1);
    },
  },
  {
    name: "pods wait while no Node has room, selects them, or is Ready",
    tell: async (rig) => {
      rig.boot("a", { podCapacity: 1, labels: { disk: "fast" } });
      rig.boot("b", { readySeconds: Number.POSITIVE_INFINITY, labels: { disk: "fast" } });
      await rig.create(barePod("one"), barePod("two", { spec: { nodeSelector: { disk: "fast" } } }));
      await rig.pass(30);
      equal((await rig.placed()).length, 1);
      rig.boot("c");
      await rig.pass(20);
      const isTwoFirst = (await rig.placed("two"))[0] === "two@a";
      deepEqual(await rig.placed(), isTwoFirst ? ["one@c", "two@a"] : ["one@a"]);
    },
  },
  {
    name: "a StatefulSet starts one pod after another, and takes a name again only when its old object is gone",
    needsWholeServer: true,
    tell: async (rig) => {
      bootAll(rig, "a", "b");
      await rig.pass(15);
      await rig.create(statefulSet("db", 2, { graceSeconds: 60, annotations: { [SHUTDOWN_SECONDS]: "25" } }));
      await rig.pass(1);
      deepEqual(
        (await rig.list(pods)).map(({ metadata }) => metadata.name),
        ["db-0"],
      );
      await rig.pass(10);
      equal((await rig.placed("db")).length, 2);
      const { uid } = (await rig.pod("db-0")).metadata;
      await rig.evict("db-0");
      await rig.pass(20);
      equal((await rig.pod("db-0")).metadata.uid, uid);
      await rig.pass(10);
      ok((await rig.pod("db-0")).metadata.uid !== uid);
      equal((await rig.placed("db")).length, 2);
    },
  },
  {
    name: "a volume is attached while a pod uses it, and detached some seconds after the pod is gone",
    needsWholeServer: true,
    tell: async (rig) => {
      const attached = async () =>
        (await rig.list<VolumeAttachment>(volumeAttachments)).map(
          ({ spec }) => `${spec.source.persistentVolumeName}@${spec.nodeName}`,
        );
      bootAll(rig, "a");
      await rig.client.create(persistentVolumes, boundVolume("data-db-0"));
      await rig.create(statefulSet("db", 1, { claims: ["data"] }));
      await rig.pass(20);
      deepEqual(await attached(), ["volume-data-db-0@a"]);
      deepEqual(
        (await rig.node("a")).status?.volumesAttached?.map(({ name }) => name),
        ["kubernetes.io/csi/csi.local^handle-data-db-0"],
      );
      await rig.cordon("a");
      await rig.evict("db-0");
      await rig.pass(4);
      deepEqual(await attached(), ["volume-data-db-0@a"]);
      await rig.pass(6);
      deepEqual(await attached(), []);
      deepEqual((await rig.node("a")).status?.volumesAttached ?? [], []);
    },
  },
  {
    name: "what a deleted Deployment owned goes after it",
    tell: async (rig) => {
      bootAll(rig, "a");
      await rig.create(deployment("web", 3), barePod("job"));
      await rig.pass(20);
      await rig.client.delete(deployments, { namespace: "default", name: "web" });
      await rig.pass(10);
      deepEqual(await rig.list(replicaSets), []);
      deepEqual(await rig.placed(), ["job@a"]);
    },
  },
  {
    name: "a write that the server fails to do is said once, and done a little later",
    needsWholeServer: true,
    tell: async (rig) => {
      bootAll(rig, "a");
      await rig.pass(15);
      rig.inject({ match: { method: "POST", path: /pods/ }, times: 4, code: 500 });
      await rig.create(deployment("web", 2));
      await rig.pass(20);
      equal((await rig.placed("web")).length, 2);
      equal(rig.problems.splice(0).length, 1);
    },
  },
  {
    name: "a taint that evicts takes the pods that do not tolerate it, at once",
    tell: async (rig) => {
      bootAll(rig, "a");
      const taint = { key: "example.com/out", effect: "NoExecute" };
      await rig.create(barePod("job"), barePod("stays", { spec: { tolerations: [{ operator: "Exists" }] } }));
      await rig.pass(20);
      await rig.client.patch(nodes, { name: "a" }, { type: "merge", body: { spec: { taints: [taint] } } });
      await rig.pass(5);
      deepEqual(await rig.placed(), ["stays@a"]);
    },
  },
  {
    name: "a pod that terminates on a Node declared out of service is force-deleted",
    tell: async (rig) => {
      bootAll(rig, "a");
      await rig.create(barePod("job"));
      await rig.pass(20);
      rig.cluster.stopNode("a");
      await rig.client.delete(pods, { namespace: "default", name: "job" });
      await rig.pass(60);
      equal((await rig.list(pods)).length, 1);
      const taint = { key: "node.kubernetes.io/out-of-service", value: "nodeshutdown", effect: "NoExecute" };
      await rig.client.patch(nodes, { name: "a" }, { type: "merge", body: { spec: { taints: [taint] } } });
      await rig.pass(2);
      deepEqual(await rig.list(pods), []);
    },
  },
  {
    name: "what was in a deleted namespace goes after it",
    needsWholeServer: true,
    tell: async (rig) => {
      bootAll(rig, "a");
      const metadata = { name: "shop" };
      await rig.client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata });
      await rig.create(deployment("web", 2, { namespace: "shop" }), barePod("job"));
      await rig.pass(20);
      equal((await rig.placed()).length, 3);
      await rig.client.delete(namespaces, metadata);
      await rig.pass(10);
      deepEqual(await rig.placed(), ["job@a"]);
      deepEqual(await rig.list(deployments), []);
      await rejects(rig.client.get(namespaces, metadata), { kind: "not-found" });
    },
  },
  {
    name: "pods of one Node pass away with it: force-deleted after a quarantine when the Node is gone",
    tell: async (rig) => {
      bootAll(rig, "a");
      await rig.create(barePod("job"));
      await rig.pass(20);
      rig.cluster.instanceGone("aws:///eu-west-1a/a");
      await rig.pass(38);
      ok((await rig.node("a")).metadata.uid);
      await rig.pass(4);
      await rejects(rig.node("a"), { kind: "not-found" });
      await rig.pass(36);
      ok(await rig.pod("job"));
      await rig.pass(6);
      deepEqual(await rig.list(pods), []);
    },
  },
]);
