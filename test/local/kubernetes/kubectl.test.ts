/** The real kubectl against the embedded API: the commands that people and our README use. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { realClock } from "../../../infra/local/clock.ts";
import { type LocalKubernetes, startKubernetes } from "../../../infra/local/kubernetes/start.ts";
import { createAuthority } from "../../../infra/local/tls.ts";
import { type KubectlRun, kubectl } from "../../support/kubectl.ts";
import { gadget, gadgets, workload } from "./manifests.ts";

let server: LocalKubernetes;
let folder: string;
let kubeconfig: string;

const run = (...args: readonly string[]) => kubectl(kubeconfig, ...args);
const works = async (...args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await run(...args);
  assert.equal(code, 0, `kubectl ${args.join(" ")}: ${stderr}`);
  return stdout;
};
const file = async (name: string, ...objects: readonly object[]) => {
  const path = join(folder, name);
  await writeFile(path, objects.map((object) => JSON.stringify(object)).join("\n---\n"));
  return path;
};
const callsOf = (from: number) => server.calls.slice(from).map(({ what, target, code }) => `${what} ${target} ${code}`);

before(async () => {
  server = await startKubernetes({ clock: realClock(), name: "kubectl", authority: await createAuthority() });
  kubeconfig = server.kubeconfig("admin");
  folder = await mkdtemp(join(tmpdir(), "lifeguard-manifests-"));
  await works("apply", "-f", await file("crd.json", gadgets));
  await works("wait", "--for=condition=Established", "crd/gadgets.shop.example.com", "--timeout=10s");
  await works("apply", "-f", await file("workload.json", ...workload));
  const running = '{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}';
  await works("patch", "pod", "guarded", "--subresource=status", "-p", running);
  const looked = '{"status":{"observedGeneration":1,"desiredHealthy":1,"currentHealthy":1}}';
  await works("patch", "pdb", "guard", "--subresource=status", "--type=merge", "-p", looked);
});

after(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

void test("apply creates, then updates, then has nothing to do", async () => {
  assert.match(await works("apply", "-f", await file("a.json", gadget("a", 1))), /gadget.shop.example.com\/a created/);
  assert.match(
    await works("apply", "-f", await file("a.json", gadget("a", 2))),
    /gadget.shop.example.com\/a configured/,
  );
  assert.match(
    await works("apply", "-f", await file("a.json", gadget("a", 2))),
    /gadget.shop.example.com\/a unchanged/,
  );
});

void test("apply on a built-in kind finds its own work and changes it", async () => {
  const config = (value: string) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "m", namespace: "default" },
    data: { value },
  });
  await works("apply", "-f", await file("m.json", config("1")));
  assert.match(await works("apply", "-f", await file("m.json", config("1"))), /configmap\/m unchanged/);
  assert.match(await works("apply", "-f", await file("m.json", config("2"))), /configmap\/m configured/);
  assert.equal(await works("get", "cm", "m", "-o", "jsonpath={.data.value}"), "2");
});

void test("apply refuses a field that the schema does not know", async () => {
  const { code, stderr } = await run(
    "apply",
    "-f",
    await file("bad.json", { ...gadget("bad", 1), spec: { bogus: 1 } }),
  );
  assert.notEqual(code, 0);
  assert.match(stderr, /unknown field "spec.bogus"/);
});

void test("create takes an object once", async () => {
  const path = await file("b.json", gadget("b", 1));
  assert.match(await works("create", "-f", path), /gadget.shop.example.com\/b created/);
  assert.match((await run("create", "-f", path)).stderr, /AlreadyExists/);
});

void test("get prints the printer columns, by short name too, and the wide ones when asked", async () => {
  await works("create", "-f", await file("c.json", gadget("c", 3)));
  const [head = "", row = ""] = (await works("get", "gd", "c")).split("\n");
  assert.match(head, /^NAME +REPLICAS +AGE$/);
  assert.match(row, /^c +3 +\d+s$/);
  assert.match(await works("get", "gadgets", "c", "-o", "wide"), /NAME +REPLICAS +COLOR +AGE\nc +3 +red +\d+s/);
  assert.match(await works("get", "nodes"), /NAME +STATUS +ROLES +AGE +VERSION\n/);
  assert.match(await works("get", "pods", "-A"), /NAMESPACE +NAME +READY +STATUS +RESTARTS +AGE\n/);
});

void test("get -w shows a change as it comes", async () => {
  await works("create", "-f", await file("w.json", gadget("w", 1)));
  const since = server.calls.length;
  const watching = run("get", "gadgets", "-w", "--request-timeout=2s", "--field-selector=metadata.name=w");
  while (!callsOf(since).some((call) => call.startsWith("WATCH gadgets"))) await new Promise(setImmediate);
  await works("scale", "gadget/w", "--replicas=6");
  assert.match((await watching).stdout, /NAME +REPLICAS +AGE\nw +1 +\d+s\nw +6 +\d+s/);
});

void test("describe tells an object and its events", async () => {
  await works("create", "-f", await file("d.json", gadget("d", 1)));
  assert.match(
    await works("describe", "gadget", "d"),
    /Name: +d\n[\s\S]*Kind: +Gadget[\s\S]*Replicas: +1[\s\S]*Events: +<none>/,
  );
  assert.match(await works("describe", "node", "n1"), /Name: +n1\n[\s\S]*Non-terminated Pods: +\(\d+ in total\)/);
});

void test("scale goes through the scale subresource", async () => {
  await works("create", "-f", await file("s.json", gadget("s", 1)));
  assert.match(await works("scale", "gadget/s", "--replicas=4"), /scaled/);
  assert.equal(await works("get", "gadget", "s", "-o", "jsonpath={.spec.replicas}"), "4");
});

void test("patch --subresource=status writes the status only", async () => {
  await works("create", "-f", await file("p.json", gadget("p", 1)));
  await works(
    "patch",
    "gadget",
    "p",
    "--subresource=status",
    "--type=merge",
    "-p",
    '{"spec":{"replicas":9},"status":{"ready":2}}',
  );
  assert.equal(await works("get", "gadget", "p", "-o", "jsonpath={.spec.replicas} {.status.ready}"), "1 2");
});

void test("label, annotate and their removal", async () => {
  await works("create", "-f", await file("l.json", gadget("l", 1)));
  await works("label", "gadget", "l", "tier=gold");
  await works("annotate", "gadget", "l", "note=hello");
  assert.match(await works("get", "gadgets", "-l", "tier=gold", "-o", "name"), /^gadget.shop.example.com\/l\n$/);
  await works("label", "gadget", "l", "tier-");
  assert.equal(await works("get", "gadgets", "-l", "tier=gold", "-o", "name"), "");
});

void test("taint, cordon and uncordon", async () => {
  await works("taint", "node", "n2", "team=red:NoSchedule");
  await works("cordon", "n2");
  assert.match(await works("get", "node", "n2"), /Ready,SchedulingDisabled/);
  await works("uncordon", "n2");
  assert.equal(await works("get", "node", "n2", "-o", "jsonpath={.spec.taints[*].key}{.spec.unschedulable}"), "team");
  await works("taint", "node", "n2", "team-");
  assert.equal(await works("get", "node", "n2", "-o", "jsonpath={.spec.taints}"), "");
});

void test("drain evicts, leaves the DaemonSet's pods and respects a budget", async () => {
  const since = server.calls.length;
  assert.match(await works("drain", "n1", "--ignore-daemonsets", "--timeout=20s"), /node\/n1 drained/);
  const calls = callsOf(since);
  assert.ok(calls.includes("POST pods/eviction default/web 201"), calls.join("\n"));
  assert.ok(!calls.some((call) => call.startsWith("DELETE pods")), "drain deletes only where it cannot evict");
  assert.match(await works("get", "pods", "-o", "name"), /pod\/agent\npod\/guarded\n/);
  const { code, stderr } = await run("drain", "n3", "--timeout=1s");
  assert.notEqual(code, 0);
  assert.match(stderr, /Cannot evict pod as it would violate the pod's disruption budget/);
});

void test("delete and wait --for=delete", async () => {
  await works("create", "-f", await file("x.json", gadget("x", 1)));
  assert.match(await works("delete", "gadget", "x"), /"x" deleted/);
  await works("wait", "--for=delete", "gadget/x", "--timeout=5s");
});

void test("wait --for=jsonpath sees a change", async () => {
  await works("create", "-f", await file("j.json", gadget("j", 1)));
  const since = server.calls.length;
  const waiting: Promise<KubectlRun> = run("wait", "--for=jsonpath={.status.ready}=1", "gadget/j", "--timeout=10s");
  while (!callsOf(since).some((call) => call.startsWith("WATCH gadgets"))) await new Promise(setImmediate);
  await works("patch", "gadget", "j", "--subresource=status", "--type=merge", "-p", '{"status":{"ready":1}}');
  assert.match((await waiting).stdout, /condition met/);
});

void test("api-resources and explain know the definition", async () => {
  assert.match(await works("api-resources"), /gadgets +gd +shop.example.com\/v1 +true +Gadget/);
  assert.match(await works("explain", "gadget.spec.replicas"), /FIELD: replicas <integer>[\s\S]*How many/);
});

void test("version asks the server", async () => {
  assert.match(await works("version"), /Server Version: v1\.35\.0/);
});

void test("a client certificate is as good as a token", async () => {
  const { stdout } = await kubectl(
    await server.certificateKubeconfig("jo", ["crew"]),
    "get",
    "ns",
    "default",
    "-o",
    "name",
  );
  assert.equal(stdout, "namespace/default\n");
  assert.equal(server.calls.at(-1)?.who, "jo");
});
