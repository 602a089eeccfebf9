/** What a function says of itself: one line per outcome with the object's name, and metrics of a few known names. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { About } from "../../../../functions/aws/runtime/reporter.ts";
import { createReporter } from "../../../../functions/aws/runtime/reporter.ts";
import { runInside } from "../../../../infra/local/host/sandbox.ts";
import { KubernetesError } from "../../../../lib/kubernetes/errors.ts";
import { ProviderError } from "../../../../lib/providers/errors.ts";
import { type Line, linesOf, metricsOf } from "./harness.ts";

type Reporter = ReturnType<typeof createReporter>;

async function said(run: (reporter: Reporter) => void): Promise<readonly Line[]> {
  let output = "";
  const inside = {
    environment: { POWERTOOLS_SERVICE_NAME: "lifeguard-test" },
    write: (text: string) => {
      output += text;
    },
    mayCall: () => true,
    now: () => new Date("2026-11-20T08:00:00Z"),
  };
  await runInside(inside, async () => {
    const reporter = createReporter();
    reporter.begin({ functionName: "drain-continued", requestId: "request-1" });
    run(reporter);
  });
  return linesOf(output);
}
const about: About = { event: "Look", attempt: 2 };
const object = { kind: "InstanceTermination", namespace: "team-a", name: "workers-a-i-0a" };

test("an outcome is one line with the object's name, the function and the request", async () => {
  const lines = await said((reporter) =>
    reporter.done({ did: "evicted", because: "Drain", object, againSeconds: 5 }, about),
  );
  const [line, ...others] = lines.filter((one) => !("_aws" in one));
  assert.deepEqual(others, []);
  assert.equal(line?.message, "evicted: Drain");
  assert.equal(line?.instanceTermination, "team-a/workers-a-i-0a");
  assert.deepEqual(
    [line?.function, line?.requestId, line?.event, line?.attempt, line?.againSeconds],
    ["drain-continued", "request-1", "Look", 2, 5],
  );
});

test("the keys of one line do not stick to the next", async () => {
  const lines = await said((reporter) => {
    reporter.done({ did: "evicted", object }, about);
    reporter.done({ did: "swept" }, { event: "Sweep" });
  });
  const last = lines.filter((one) => "did" in one && !("_aws" in one)).at(-1);
  assert.equal(last?.did, "swept");
  assert.equal(last !== undefined && "instanceTermination" in last, false);
});

const metrics: { name: string; counted: Record<string, number>; metric: string; dimensions: string[]; unit: string }[] =
  [
    {
      name: "seconds are seconds",
      counted: { drainSeconds: 41 },
      metric: "DrainSeconds",
      dimensions: ["service"],
      unit: "Seconds",
    },
    {
      name: "holds are counted by service",
      counted: { holdsReleased: 1 },
      metric: "HoldsReleased",
      dimensions: ["service"],
      unit: "Count",
    },
    {
      name: "evictions are counted by what the API answered",
      counted: { evictionsDisruptionBudget: 3 },
      metric: "Evictions",
      dimensions: ["service", "code"],
      unit: "Count",
    },
  ];
for (const { name, counted, metric, dimensions, unit } of metrics) {
  test(name, async () => {
    const lines = await said((reporter) => reporter.done({ did: "evicted", object, counted }, about));
    const [found] = metricsOf(lines, metric);
    const [described] = Object(found?._aws).CloudWatchMetrics;
    assert.equal(found?.[metric], Object.values(counted)[0]);
    assert.deepEqual(described.Dimensions, [dimensions]);
    assert.deepEqual(described.Metrics, [{ Name: metric, Unit: unit }]);
    assert.equal(described.Namespace, "Lifeguard");
    assert.equal(found?.service, "lifeguard-test");
  });
}

test("outcomes are counted by event, outcome and reason, and nothing else", async () => {
  const lines = await said((reporter) => reporter.done({ did: "evicted", because: "Drain", object }, about));
  const [found] = metricsOf(lines, "Outcomes");
  assert.deepEqual(Object(found?._aws).CloudWatchMetrics[0].Dimensions, [["service", "event", "did", "because"]]);
});

const failures: { name: string; error: unknown; kind: string }[] = [
  { name: "a cluster's failure", error: new KubernetesError("unreachable", "no answer"), kind: "unreachable" },
  {
    name: "a cloud's failure",
    error: new ProviderError("throttled", "sqs:SendMessage", "", "slow down"),
    kind: "throttled",
  },
  { name: "a fault of our own", error: new TypeError("oops"), kind: "unknown" },
  { name: "something that is no Error", error: { password: "hunter2" }, kind: "unknown" },
];
for (const { name, error, kind } of failures) {
  test(`${name} is said once, with its kind`, async () => {
    const lines = await said((reporter) => reporter.failed(error, { ...about, key: object }, "retried"));
    const [line] = lines.filter(({ level }) => level === "ERROR");
    assert.deepEqual([line?.kind, line?.answer, line?.instanceTermination], [kind, "retried", "team-a/workers-a-i-0a"]);
    assert.equal(metricsOf(lines, "Failures").length, 1);
    assert.ok(!JSON.stringify(lines).includes("hunter2"));
  });
}

test("one error that passes through two hands is said once, and its cause is not", async () => {
  const error = new ProviderError("denied", "sqs:SendMessage", "", new Error("refused"));
  Object.assign(error, { cause: new Error("the raw request with its token") });
  const lines = await said((reporter) => {
    reporter.failed(error, about, "delivered again");
    reporter.failed(error, { event: "Invocation" }, "retried");
  });
  assert.equal(lines.filter(({ level }) => level === "ERROR").length, 1);
  assert.ok(!JSON.stringify(lines).includes("its token"));
});
