/** Pools of the cloud in memory pass the suite every cloud's pools pass. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { InfrastructurePool } from "../../../lib/api/core/infrastructure-pool.ts";
import { ProviderError } from "../../../lib/providers/errors.ts";
import { createMemoryCloud } from "../../../lib/providers/memory/index.ts";
import { aMachinePool, aPool, CLUSTER } from "../../support/builders.ts";
import { manualClock } from "../../support/manual-clock.ts";
import { type PoolCloudRig, type PoolWish, poolContract } from "../pool-contract.ts";

function memoryRig({ led = false } = {}) {
  const clock = manualClock(new Date("2026-11-20T08:00:00Z"));
  const cloud = createMemoryCloud({
    now: () => clock.now(),
    led,
    poolHooks: [{ name: "lifeguard-drain", heartbeatTimeoutSeconds: 3600 }],
  });
  const request: PoolCloudRig["request"] = ({ minimum, maximum, replicas, template }: PoolWish, name = "blue") => {
    const pool = aPool({ name, ids: [] });
    const machinePool = aMachinePool({ name, ids: [] });
    return {
      pool: { ...pool, spec: { minSize: minimum, maxSize: maximum, template } } as InfrastructurePool,
      machinePool: { ...machinePool, spec: { ...machinePool.spec, replicas } },
      cluster: { metadata: { name: CLUSTER, namespace: "team-a" } },
      bootstrap: { secretName: "data", format: "cloud-config", value: Buffer.from("#cloud-config") },
      read: async () => undefined,
      now: clock.now(),
    };
  };
  const rig: PoolCloudRig = {
    provider: cloud.poolProvider,
    termination: cloud.provider,
    request,
    advance: async (seconds) => {
      // In small steps, as time passes: what comes due sets off what follows.
      for (let passed = 0; passed < seconds; passed += 10) {
        clock.advance(Math.min(10, seconds - passed));
        cloud.inspectPool("blue");
      }
    },
    releaseHeld: async () => {
      for (const { instanceId, hold } of (await cloud.provider.findHeld?.(["blue"], clock.now())) ?? []) {
        const { providerID } = await cloud.provider.locate(instanceId);
        if (hold) await cloud.provider.release?.(providerID, hold);
      }
    },
    makeForeignGroup: async (name) => cloud.addGroup({ name, clusterNames: [], hooks: [] }),
    throttle: async () => {
      cloud.outage(new ProviderError("throttled", "memory", "", "planted"));
      return async () => cloud.outage();
    },
    close: async () => {},
  };
  return { rig, cloud, clock };
}

poolContract("the cloud in memory", async () => memoryRig().rig);
poolContract("the cloud in memory where the provider leads", async () => memoryRig({ led: true }).rig);

test("somebody else's smaller number costs the newest instances, and the cloud tells of them", async () => {
  const { rig, cloud } = memoryRig();
  const wish = { replicas: 3, minimum: 0, maximum: 5, template: "one" };
  for (const number of [0, 3]) {
    const session = await rig.provider.open(rig.request(wish));
    assert.ok("observe" in session);
    const sight = await session.observe();
    const change = session.nextChange(sight);
    if (change) await session.apply(change);
    await session.scale(await session.observe(), number);
  }
  await rig.advance(60);
  cloud.takeNotices();
  cloud.resize("blue", 1);
  assert.deepEqual(
    cloud.takeNotices().map(({ instanceId }) => instanceId),
    ["blue-3", "blue-2"],
  );
});

test("a removal below the minimum is refused with advice", async () => {
  const { rig } = memoryRig();
  const wish = { replicas: 1, minimum: 1, maximum: 5, template: "one" };
  const session = await rig.provider.open(rig.request(wish));
  assert.ok("observe" in session);
  const change = session.nextChange(await session.observe());
  assert.ok(change);
  await session.apply(change);
  await rig.advance(60);
  const [first] = (await session.observe()).group?.instances ?? [];
  assert.ok(first);
  await assert.rejects(
    async () => rig.termination.terminate?.(first.providerID, { decrement: true }),
    /lower the minimum first/,
  );
});
