/** The cloud in memory passes the suite every cloud passes; what only it has is tested beside it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Hold } from "../../../lib/api/lifecycle/hold.ts";
import { ProviderError } from "../../../lib/providers/errors.ts";
import { createMemoryCloud } from "../../../lib/providers/memory/index.ts";
import { manualClock } from "../../support/manual-clock.ts";
import { type CloudRig, cloudContract } from "../contract.ts";

async function memoryRig(): Promise<CloudRig> {
  const clock = manualClock(new Date("2026-11-20T08:00:00Z"));
  const cloud = createMemoryCloud({ now: () => clock.now() });
  const hooks = [{ name: "lifeguard-drain" }, { name: "lifeguard-audit", heartbeatTimeoutSeconds: 300 }];
  cloud.addGroup({ name: "workers-a", clusterNames: ["blue"], hooks });
  cloud.addGroup({ name: "lonely", clusterNames: [], hooks: [] });
  let count = 0;
  return {
    provider: cloud.provider,
    now: () => clock.now(),
    clusterName: "blue",
    foreignGroupName: "lonely",
    newInstance: async () => {
      const id = `m-${++count}`;
      return {
        instanceId: id,
        groupName: "workers-a",
        providerID: cloud.addInstance({ id, groupName: "workers-a" }),
      };
    },
    beginTermination: async ({ instanceId }) => {
      const leaving = cloud.beginTermination(instanceId);
      assert.ok(leaving.hold);
      return { ...leaving, hold: leaving.hold };
    },
    terminate: async ({ instanceId }) => cloud.terminate(instanceId),
    retain: async ({ instanceId }) => cloud.retain(instanceId),
    advance: async (seconds) => clock.advance(seconds),
    throttle: async () => {
      cloud.outage(new ProviderError("throttled", "memory", "", "planted"));
      return async () => cloud.outage();
    },
    close: async () => {},
  };
}

cloudContract("the cloud in memory", memoryRig, "m-404");

test("a hold ends at its maximum, heartbeats or not", async () => {
  const clock = manualClock(new Date("2026-11-20T08:00:00Z"));
  const cloud = createMemoryCloud({ now: () => clock.now() });
  cloud.addGroup({ name: "g", clusterNames: ["blue"], hooks: [{ name: "short", heartbeatTimeoutSeconds: 30 }] });
  const providerID = cloud.addInstance({ id: "m-1", groupName: "g" });
  const { hold } = cloud.beginTermination("m-1");
  assert.ok(hold);
  for (let beat = 0; beat < 149; beat++) {
    clock.advance(20);
    assert.equal(await cloud.provider.heartbeat?.(providerID, hold), "accepted");
  }
  clock.advance(20);
  assert.equal(await cloud.provider.heartbeat?.(providerID, hold), "not-held");
  assert.equal(cloud.inspect("m-1")?.hooks[0]?.ending, "reached-maximum");
});

test("an instance that ended while it was held has nothing to keep alive or to release", async () => {
  const cloud = createMemoryCloud({ now: () => new Date("2026-11-20T08:00:00Z") });
  cloud.addGroup({ name: "g", clusterNames: ["blue"], hooks: [{ name: "one" }] });
  const providerID = cloud.addInstance({ id: "m-1", groupName: "g" });
  const { hold } = cloud.beginTermination("m-1");
  assert.ok(hold);
  cloud.terminate("m-1");
  assert.equal(await cloud.provider.heartbeat?.(providerID, hold), "not-held");
  assert.equal(await cloud.provider.release?.(providerID, hold), "not-held");
});

test("two hooks hold an instance until both are released", async () => {
  const cloud = createMemoryCloud({ now: () => new Date("2026-11-20T08:00:00Z") });
  cloud.addGroup({ name: "g", clusterNames: ["blue"], hooks: [{ name: "one" }, { name: "two" }] });
  const providerID = cloud.addInstance({ id: "m-1", groupName: "g" });
  const only = (name: string): Hold => ({ autoScaling: { groupName: "g", hooks: [{ name }] } });
  cloud.beginTermination("m-1");
  assert.equal(await cloud.provider.release?.(providerID, only("one")), "accepted");
  assert.equal((await cloud.provider.observeInstance(providerID, undefined)).state, "held");
  assert.equal(await cloud.provider.release?.(providerID, only("two")), "accepted");
  assert.equal((await cloud.provider.observeInstance(providerID, undefined)).state, "leaving");
});

test("a termination without hooks is on its way at once, and ends", async () => {
  const clock = manualClock(new Date("2026-11-20T08:00:00Z"));
  const cloud = createMemoryCloud({ now: () => clock.now(), shutdownSeconds: 20 });
  cloud.addGroup({ name: "g", clusterNames: ["blue"], hooks: [] });
  const providerID = cloud.addInstance({ id: "m-1", groupName: "g", nodeName: "node-1" });
  assert.equal(await cloud.provider.nodeNameOf?.(providerID), "node-1");
  assert.equal(cloud.beginTermination("m-1").hold, undefined);
  assert.equal((await cloud.provider.observeInstance(providerID, undefined)).state, "leaving");
  clock.advance(20);
  assert.equal((await cloud.provider.observeInstance(providerID, undefined)).state, "gone");
});
