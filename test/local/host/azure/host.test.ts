/** Function apps on the local host: what each trigger hands over, and what becomes of a failure. */
import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { deadLettersOf } from "../../../../infra/local/azure/service-bus.ts";
import { loadFunction } from "../../../../infra/local/host/azure/worker.ts";
import { CHANGED, SCHEDULED, startHostRig } from "./rig.ts";

test("a request reaches the app through the library's own conversion, and its answer the caller", async (context) => {
  const { host, told } = await startHostRig(context);
  const response = await fetch(`${host.url}/api/told?q=1`, {
    method: "POST",
    headers: { "x-who": "me" },
    body: "hello",
  });
  deepStrictEqual(
    [response.status, response.headers.get("x-answer"), await response.json()],
    [202, "yes", { heard: "hello" }],
  );
  deepStrictEqual(told("http-told"), [{ calls: 1, colour: "green", body: "hello", header: "me", query: "1" }]);
});

test("other methods and other routes are refused before any function runs", async (context) => {
  const { host } = await startHostRig(context);
  const statuses = [
    (await fetch(`${host.url}/api/told`)).status,
    (await fetch(`${host.url}/api/nope`, { method: "POST" })).status,
  ];
  deepStrictEqual([statuses, host.invocations.length], [[405, 404], 0]);
});

test("a handler that throws answers 500, and the instance lives on", async (context) => {
  const { host, told } = await startHostRig(context);
  const post = (body: string) => fetch(`${host.url}/api/told`, { method: "POST", body });
  strictEqual((await post("fail")).status, 500);
  strictEqual((await post("well")).status, 202);
  deepStrictEqual(
    told("http-told").map(({ calls }) => calls),
    [1, 2],
  );
});

test("a message is handed over parsed, with its metadata, and done", async (context) => {
  const { cloud, pass, told } = await startHostRig(context);
  cloud.bus.queues.send("looks", { body: JSON.stringify({ kind: "pool", name: "a" }) });
  await pass(3);
  deepStrictEqual(told("queue-told"), [
    { calls: 1, colour: "green", message: { kind: "pool", name: "a" }, deliveryCount: 1, hasId: true },
  ]);
  deepStrictEqual(cloud.bus.queues.counts("looks"), { visible: 0, inFlight: 0, delayed: 0 });
});

test("a failing message comes again at once and is a dead letter after its last delivery", async (context) => {
  const { cloud, pass, told } = await startHostRig(context);
  cloud.bus.queues.send("looks", { body: '"fail"' });
  await pass(3);
  deepStrictEqual(
    told("queue-told").map(({ deliveryCount }) => deliveryCount),
    [1, 2, 3],
  );
  deepStrictEqual(
    [cloud.bus.queues.counts("looks").visible, cloud.bus.queues.counts(deadLettersOf("looks")).visible],
    [0, 1],
  );
});

test("a scheduled message waits for its time", async (context) => {
  const { cloud, pass, told } = await startHostRig(context);
  cloud.bus.queues.send("looks", { body: '"later"', delaySeconds: 100 });
  await pass(99);
  strictEqual(told("queue-told").length, 0);
  await pass(5);
  strictEqual(told("queue-told").length, 1);
});

const changed = (operationName: string, more = {}) => ({
  subject: "/subscriptions/s",
  eventType: CHANGED,
  data: { operationName, ...more },
});

test("an event that passes the filter arrives as a CloudEvent; others do not", async (context) => {
  const { cloud, pass, told } = await startHostRig(context);
  cloud.emit(changed("Microsoft.compute/virtualMachines/write"));
  cloud.emit(changed("Microsoft.Network/loadBalancers/write"));
  cloud.emit({ ...changed("Microsoft.Compute/virtualMachines/write"), eventType: "Microsoft.Other" });
  await pass(3);
  const events = told("event-told").map(({ event }) => [event.specversion, event.type, event.data.operationName]);
  deepStrictEqual(events, [["1.0", CHANGED, "Microsoft.compute/virtualMachines/write"]]);
});

test("a failing event is tried again with longer and longer breaks until its time is over", async (context) => {
  const { cloud, pass, host } = await startHostRig(context);
  cloud.emit(changed("Microsoft.Compute/virtualMachines/write", { please: "fail" }));
  await pass(400);
  const tries = host.invocations.filter((one) => one.function === "event-told").length;
  deepStrictEqual(
    [tries, host.deadLetters.map(({ reason, attempts }) => [reason, attempts])],
    [4, [["TimeToLiveExceeded", 4]]],
  );
});

test("a subscription that is switched off hears nothing", async (context) => {
  const scheduled = { subject: "", eventType: SCHEDULED, data: {} };
  for (const [scheduledEvents, wanted] of [
    [false, 0],
    [true, 1],
  ] as const) {
    const { cloud, pass, told } = await startHostRig(context, { scheduledEvents });
    cloud.emit(scheduled);
    await pass(2);
    strictEqual(told("event-told").length, wanted);
  }
});

test("events can be lost, doubled and late", async (context) => {
  const { cloud, pass, told } = await startHostRig(context);
  const match = () => true;
  cloud.dropEvents({ match, times: 1 });
  cloud.duplicateEvents({ match, times: 1, seconds: 5 });
  cloud.delayEvents({ match, times: 1, seconds: 60 });
  for (const name of ["lost", "doubled", "late"]) cloud.emit(changed(`Microsoft.Compute/${name}`));
  await pass(30);
  const seen = () => told("event-told").map(({ event }) => event.data.operationName.split("/")[1]);
  deepStrictEqual(seen(), ["doubled", "doubled"]);
  await pass(40);
  deepStrictEqual(seen(), ["doubled", "doubled", "late"]);
});

test("a timer fires every minute", async (context) => {
  const { pass, told } = await startHostRig(context);
  await pass(185);
  deepStrictEqual(
    told("timer-told").map(({ late }) => late),
    [false, false, false],
  );
});

test("a warm instance takes several messages at once, without another start", async (context) => {
  const { cloud, host, pass, told } = await startHostRig(context);
  for (let number = 0; number < 5; number++) cloud.bus.queues.send("looks", { body: String(number) });
  await pass(3);
  const cold = host.invocations.filter((one) => one.function === "queue-told" && one.cold).length;
  deepStrictEqual([told("queue-told").length, cold], [5, cold]);
  cloud.bus.queues.send("looks", { body: "5" });
  await pass(3);
  strictEqual(host.invocations.filter((one) => one.cold && one.function === "queue-told").length, cold);
});

test("a file that registers another name than the deployment's is refused", async () => {
  await rejects(loadFunction(import.meta.dirname, "functions/told.ts", "nope"), /registers http-told, .*"nope"/);
});
