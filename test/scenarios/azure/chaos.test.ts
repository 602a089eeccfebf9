/** Chaos on the wires of the local Azure: functions reach every server through it, and a drain keeps its promises. */
import { deepStrictEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { virtualClock } from "../../../infra/local/clock.ts";
import { readAzureDeployment } from "../../../infra/local/host/azure/deployment.ts";
import { startLocalAzure } from "../../../infra/local/local-azure.ts";
import { ROOT } from "../../../infra/local/manifests.ts";
import { deletedWithNotice } from "../../../infra/local/stories/azure/foreign.ts";
import { playAzureStory } from "../../../infra/local/stories/azure/play.ts";
import { throughShortChaos } from "../short-chaos.ts";

test("a drain of a scale set's machine keeps its promises through every kind of fault", (context) =>
  throughShortChaos(context, "1", (playing) => playAzureStory(deletedWithNotice, playing)));

test("what a function is told of every server leads through chaos, and every function may die", async (context) => {
  const ways = new Map<string, string>();
  const mortal: string[] = [];
  const cloud = await startLocalAzure({
    clock: virtualClock(new Date("2026-11-20T08:00:00Z")),
    onProblem: (message) => context.diagnostic(message),
    settings: { LIFEGUARD_WATCH_FILTER: "us" },
    chaos: {
      through: async (name, url) => {
        ways.set(name, url);
        return `https://${name}.example.com`;
      },
      crash: (_, functions) => void mortal.push(...functions.map(({ name }) => name)),
      stop: () => Promise.resolve(),
    },
  });
  context.after(() => cloud.stop());
  const { azure, management, workload } = cloud;
  deepStrictEqual(Object.fromEntries(ways), {
    management: management.url,
    workload: workload.url,
    arm: azure.endpoint,
    servicebus: azure.serviceBusEndpoint,
  });
  for (const side of ["management", "workload"] as const)
    ok(cloud[side].kubeconfig("somebody").includes(`https://${side}.example.com`));
  const { apps } = readAzureDeployment({ root: ROOT, environment: {} });
  deepStrictEqual(
    mortal,
    apps.map(({ name }) => name),
  );
});
