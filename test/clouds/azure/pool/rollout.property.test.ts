/** Rollouts to their end, for every pool and strategy that there can be: within their bounds at each step, done in finitely many. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { RollingUpdateStrategy } from "../../../../lib/api/azure/azure-machine-pool.ts";
import { rolloutStep, strategyOf } from "../../../../lib/providers/azure/pool/rollout.ts";
import type { AzureSight, MachineFacts } from "../../../../lib/providers/azure/pool/sight.ts";
import { providerIdOf } from "../../../../lib/providers/azure/provider-id.ts";
import { aMachine, aSight, setOf } from "./sights.ts";

interface World {
  capacity: number;
  made: number;
  machines: { readonly facts: MachineFacts; ready: boolean; going: boolean }[];
}

const template = await aSight();
const { wish } = template;
assert.ok(wish);
const NEW = wish.imageReference;
const OLD = { id: "/subscriptions/s/images/old" };

const isOld = ({ facts }: World["machines"][number]) => facts.image === OLD;
const machine = (world: World, image: typeof NEW, ready: boolean): void => {
  const facts = aMachine(world.made, { image, timeCreated: new Date(world.made++ * 1000) });
  world.machines.push({ facts, ready, going: false });
};

function sightOf(world: World): AzureSight {
  const members = world.machines.map(({ facts, ready }) => ({
    providerID: providerIdOf(facts.id),
    ready,
    marked: false,
  }));
  assert.ok(wish);
  return {
    ...template,
    scaleSet: setOf(wish, { capacity: world.capacity }),
    machines: world.machines.map(({ facts }) => facts),
    members: new Map(members.map((one) => [one.providerID, one])),
  };
}

interface Asked {
  readonly replicas: number;
  readonly strategy: RollingUpdateStrategy;
  readonly externallyManaged: boolean;
  /** Of each turn: how many of those that boot or leave are done with it. */
  readonly luck: readonly number[];
}

/** One pass, then some of what was begun ends. @returns whether anything was decided */
function turn(world: World, { replicas, strategy, externallyManaged }: Asked, luck: number): boolean {
  const open = world.machines.filter(({ going }) => going);
  const leaving = new Map(open.map(({ facts }) => [providerIdOf(facts.id), { record: "open" as const }]));
  const { step } = rolloutStep(sightOf(world), strategy, { replicas, externallyManaged, leaving });
  const grew = step.desired > world.capacity;
  world.capacity = step.desired;
  const room = (step.atOnce ?? 1) - open.length;
  const chosen = grew ? [] : step.victims.slice(0, Math.max(0, room));
  for (const one of world.machines) if (chosen.includes(providerIdOf(one.facts.id))) one.going = true;
  const ended = world.machines.filter(({ going }) => going).slice(0, luck);
  world.machines = world.machines.filter((one) => !ended.includes(one));
  if (step.decrement) world.capacity -= ended.length;
  for (const one of world.machines.filter(({ ready }) => !ready).slice(0, luck)) one.ready = true;
  while (world.machines.length < world.capacity) machine(world, NEW, false);
  return grew || chosen.length + ended.length > 0 || world.machines.some(({ ready, going }) => !ready || going);
}

const share = fc.oneof(
  fc.nat(4),
  fc.nat(60).map((percent) => `${percent}%`),
);
const asked = fc
  .record({
    replicas: fc.integer({ min: 1, max: 9 }),
    strategy: fc.record({
      rollingUpdate: fc.record({
        maxSurge: share,
        maxUnavailable: share,
        deletePolicy: fc.constantFrom("Oldest", "Newest", "Random"),
      }),
    }),
    externallyManaged: fc.boolean(),
    luck: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 5, maxLength: 30 }),
  })
  .filter(({ strategy, replicas }) => {
    const { maxSurge, maxUnavailable } = strategyOf(strategy as RollingUpdateStrategy, replicas);
    return maxSurge + maxUnavailable > 0;
  }) as fc.Arbitrary<Asked>;

test("every rollout ends with as many new ones as were wished for, and was within its bounds at each step", () => {
  fc.assert(
    fc.property(asked, (given) => {
      const { replicas, strategy, externallyManaged, luck } = given;
      const { maxSurge, maxUnavailable } = strategyOf(strategy, replicas);
      const world: World = { capacity: replicas, made: 0, machines: [] };
      for (let made = 0; made < replicas; made++) machine(world, OLD, true);
      const [most, least] = externallyManaged
        ? [replicas + Math.max(1, maxUnavailable), replicas - Math.max(1, maxUnavailable)]
        : [replicas + maxSurge, replicas - maxUnavailable];
      for (let turns = 0; ; turns++) {
        assert.ok(turns < 400, "it comes to its end");
        // Nobody is unlucky for ever.
        const happened = turn(world, given, turns < luck.length ? (luck[turns] ?? 1) : 1);
        const serving = world.machines.filter(({ ready, going }) => ready && !going).length;
        assert.ok(world.machines.length <= most, `${world.machines.length} of ${most} at the most`);
        assert.ok(serving >= Math.max(0, least), `${serving} of ${least} at least`);
        if (!happened && !world.machines.some(isOld)) break;
      }
      assert.equal(world.machines.length, replicas);
      assert.equal(world.capacity, replicas);
    }),
    { numRuns: 400 },
  );
});
