/** An agent on a machine says on its Node that it will leave: by the workload cluster's audit log to a cordon in two invocations. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Instance } from "../../../../infra/local/azure/fleet.ts";
import { nodes } from "../../../../lib/api/kubernetes/node.ts";
import { outcomesOf } from "../../clusters.ts";
import { AUDIT_TOKEN, asMessage, type Harness, startHarness } from "./harness.ts";
import { CLUSTER, NAMESPACE, type Stage, setStage } from "./stage.ts";

let harness: Harness;
let stage: Stage;
let drain: Awaited<ReturnType<Harness["load"]>>;
before(async () => {
  harness = await startHarness();
  stage = await setStage(harness, 2);
  drain = await harness.load("drain-continued");
});
after(() => harness.close());

const machine = (index: number): Instance => {
  const found = stage.machines[index];
  assert.ok(found);
  return found;
};
const keyFor = ({ computerName }: Instance) => ({
  kind: "NodeNotice",
  namespace: NAMESPACE,
  name: `${CLUSTER}/${computerName}`,
});
const condition = (seconds: number) => ({
  type: "PreemptionScheduled",
  status: "True",
  reason: "SpotEvictionIncoming",
  message: `Preempt Scheduled: ${new Date(harness.clock.now().getTime() + seconds * 1000).toUTCString()}. EventId: E-1`,
  lastTransitionTime: harness.clock
    .now()
    .toISOString()
    .replace(/\.\d+Z/, "Z"),
});

test("the audit log of the workload cluster brings the Node's key on the queue of drains", async () => {
  const invoke = await harness.load("audit-received");
  const { computerName } = machine(0);
  const items = [
    {
      stage: "ResponseComplete",
      verb: "patch",
      user: { username: "system:node:x" },
      objectRef: { resource: "nodes", subresource: "status", name: computerName },
      requestObject: { status: { conditions: [condition(30)] } },
    },
  ];
  const body = JSON.stringify({ kind: "EventList", apiVersion: "audit.k8s.io/v1", items });
  const headers = { authorization: `Bearer ${AUDIT_TOKEN}`, "content-type": "application/json" };
  const url = `https://f.azurewebsites.net/api/audit/clusters/${NAMESPACE}/${CLUSTER}`;
  await invoke({
    data: { http: { method: "POST", url, headers, query: {}, params: {}, body: { string: body } } },
    metadata: {},
  });
  assert.deepEqual(harness.takeKeys(0), [keyFor(machine(0))]);
});

test("a Node that says so is cordoned, recorded with its deadline, and given its first pass", async () => {
  const leaving = machine(0);
  const at = { name: leaving.computerName };
  const body = { status: { conditions: [{ type: "Ready", status: "True" }, condition(30)] } };
  await harness.workload.client.patch(nodes, at, { type: "merge", body }, "status");
  const { error, lines } = await drain(asMessage(JSON.stringify(keyFor(leaving))));
  assert.equal(error, undefined);
  assert.equal(outcomesOf(lines).length, 1);
  assert.equal((await stage.nodeOf(leaving)).spec?.unschedulable, true);
  const [recorded] = await harness.terminations();
  assert.equal(recorded?.spec.cause, "Preemption");
  assert.equal(Date.parse(recorded?.spec.deadlineTime ?? "") - Date.parse(recorded?.spec.noticeTime ?? ""), 30_000);
  assert.ok(recorded?.status?.drainStartTime);
});

test("a Node that says nothing, one that is gone, and a key that is none are counted and done with", async () => {
  for (const [key, outcome] of [
    [keyFor(machine(1)), "ignored: NothingAnnounced"],
    [{ ...keyFor(machine(1)), name: `${CLUSTER}/nobody` }, "ignored: NothingAnnounced"],
    [{ ...keyFor(machine(1)), name: "nonsense" }, "ignored: UnknownKind"],
  ] as const) {
    const { error, lines } = await drain(asMessage(JSON.stringify(key)));
    assert.equal(error, undefined);
    assert.deepEqual(outcomesOf(lines), [outcome]);
  }
});
