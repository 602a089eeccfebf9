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
  reconciled: number;
  machines: {
    readonly facts: MachineFacts;
    ready: boolean;
    going: boolean;
    /** Azure takes it off the number when the deletion begins, and shows it for so many turns still. */
    deleting?: number;
  }[];
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
    machines: world.machines.map(({ facts, deleting }) => ({
      ...facts,
      ...(deleting !== undefined && { provisioningState: "Deleting" }),
    })),
    members: new Map(members.map((one) => [one.providerID, one])),
    lastReconciledReplicas: world.reconciled,
  };
}

const staying = ({ machines }: World) => machines.filter(({ deleting }) => deleting === undefined);

interface Asked {
  readonly replicas: number;
  /** So many more there were to be, until that turn. */
  readonly more: number;
  readonly lowerAt: number;
  /** Turns that a deletion takes. */
  readonly slow: number;
  readonly strategy: RollingUpdateStrategy;
  readonly externallyManaged: boolean;
  /** Of each turn: how many of those that boot or leave are done with it. */
  readonly luck: readonly number[];
}

/** Somebody else's number is nobody's to lower here. */
const firstOf = ({ replicas, more, externallyManaged }: Asked): number => replicas + (externallyManaged ? 0 : more);

/** Instances at the most, and in service at the least. */
function boundsOf(given: Asked): readonly [most: number, least: number] {
  const { replicas, strategy, externallyManaged } = given;
  const before = firstOf(given);
  const [first, last] = [strategyOf(strategy, before), strategyOf(strategy, replicas)];
  const missing = Math.max(first.maxUnavailable, last.maxUnavailable);
  if (externallyManaged) return [replicas + Math.max(1, missing), Math.max(0, replicas - Math.max(1, missing))];
  return [before + Math.max(first.maxSurge, last.maxSurge), Math.max(0, replicas - missing)];
}

/** One pass, then some of what was begun ends. @returns whether anything was decided */
function turn(world: World, given: Asked, turns: number): boolean {
  const { strategy, externallyManaged, lowerAt } = given;
  // Nobody is unlucky for ever.
  const luck = given.luck[turns] ?? 1;
  const replicas = turns < lowerAt ? firstOf(given) : given.replicas;
  const open = world.machines.filter(({ going }) => going);
  const leaving = new Map(open.map(({ facts }) => [providerIdOf(facts.id), { record: "open" as const }]));
  const { step, converged } = rolloutStep(sightOf(world), strategy, { replicas, externallyManaged, leaving });
  if (converged) world.reconciled = replicas;
  const grew = step.desired > world.capacity;
  world.capacity = step.desired;
  // What Azure deletes already is nobody's removal any more.
  const room = (step.atOnce ?? 1) - open.filter(({ deleting }) => deleting === undefined).length;
  const chosen = grew ? [] : step.victims.slice(0, Math.max(0, room));
  for (const one of world.machines) if (chosen.includes(providerIdOf(one.facts.id))) one.going = true;
  const ended = world.machines.filter((one) => one.deleting !== undefined && --one.deleting <= 0);
  world.machines = world.machines.filter((one) => !ended.includes(one));
  const drained = world.machines.filter(({ going, deleting }) => going && deleting === undefined).slice(0, luck);
  for (const one of drained) one.deleting = given.slow;
  if (step.decrement) world.capacity -= drained.length;
  for (const one of world.machines.filter(({ ready }) => !ready).slice(0, luck)) one.ready = true;
  while (staying(world).length < world.capacity) machine(world, NEW, false);
  return grew || chosen.length + ended.length > 0 || world.machines.some(({ ready, going }) => !ready || going);
}

const share = fc.oneof(
  fc.nat(4),
  fc.nat(60).map((percent) => `${percent}%`),
);
const asked = fc
  .record({
    replicas: fc.integer({ min: 1, max: 9 }),
    more: fc.nat(3),
    lowerAt: fc.nat(9),
    slow: fc.integer({ min: 1, max: 4 }),
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
      const { replicas, lowerAt } = given;
      const before = firstOf(given);
      const [most, least] = boundsOf(given);
      const world: World = { capacity: before, made: 0, reconciled: before, machines: [] };
      for (let made = 0; made < before; made++) machine(world, OLD, true);
      for (let turns = 0; ; turns++) {
        assert.ok(turns < 400, "it comes to its end");
        const happened = turn(world, given, turns);
        const serving = world.machines.filter(({ ready, going }) => ready && !going).length;
        assert.ok(staying(world).length <= most, `${staying(world).length} of ${most} at the most`);
        assert.ok(serving >= least, `${serving} of ${least} at least`);
        if (turns >= lowerAt && !happened && !world.machines.some(isOld)) break;
      }
      assert.equal(world.machines.length, replicas);
      assert.equal(world.capacity, replicas);
    }),
    { numRuns: 400 },
  );
});
