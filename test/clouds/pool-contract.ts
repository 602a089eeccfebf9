/** The suite every cloud's pools pass: what lib/reconcile may rely on, asked through the pool provider alone. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { ProviderError } from "../../lib/providers/errors.ts";
import type {
  GroupView,
  PoolProvider,
  PoolRequest,
  PoolSession,
  PoolSight,
} from "../../lib/providers/pool-provider.ts";
import type { TerminationProvider } from "../../lib/providers/provider.ts";

export interface PoolWish {
  readonly replicas: number;
  readonly minimum: number;
  readonly maximum: number;
  /** Any text: another one is another template. */
  readonly template: string;
  readonly deleting?: boolean;
}

/** One cloud made ready for the suite; new for each case. */
export interface PoolCloudRig {
  readonly provider: PoolProvider;
  readonly termination: TerminationProvider;
  /** `bounds`: pools have no minimum and maximum. `holds`: nothing waits for us when we take an instance out ourselves. */
  readonly lacks?: readonly ("bounds" | "holds")[];
  /** The pool "blue" of cluster "prod" as its objects say it; `name` another pool of that cluster. */
  request(wish: PoolWish, name?: string): PoolRequest;
  /** Lets the cloud's clock run. */
  advance(seconds: number): Promise<void>;
  /** Answers every hook that holds an instance now, as a finished drain does. */
  releaseHeld(): Promise<void>;
  /** A group under this pool's name that belongs to nobody. */
  makeForeignGroup(name: string): Promise<void>;
  /** Until the answer is called, the cloud throttles everything. */
  throttle(): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

const MOST_CHANGES = 30;
const WISH: PoolWish = { replicas: 2, minimum: 0, maximum: 5, template: "one" };

const ofKind = (kind: ProviderError["kind"]) => (error: unknown) =>
  error instanceof ProviderError && error.kind === kind;

export function poolContract(name: string, makeRig: () => Promise<PoolCloudRig>): void {
  describe(`the pool contract of ${name}`, () => {
    let rig: PoolCloudRig;
    beforeEach(async () => {
      rig = await makeRig();
    });
    afterEach(() => rig.close());

    const open = async (wish: PoolWish, pool?: string): Promise<PoolSession> => {
      const opened = await rig.provider.open(rig.request(wish, pool));
      assert.ok("observe" in opened, `the pool waits: ${JSON.stringify(opened)}`);
      return opened;
    };
    const sightOf = async (wish: PoolWish): Promise<PoolSight> => (await open(wish)).observe();
    const groupOf = async (wish: PoolWish): Promise<GroupView> => {
      const { group } = await sightOf(wish);
      assert.ok(group, "there is a group");
      return group;
    };
    /** Applies changes until there are none, time passing as a function's passes would let it. */
    const converge = async (wish: PoolWish): Promise<readonly string[]> => {
      const made: string[] = [];
      for (;;) {
        const session = await open(wish);
        const change = session.nextChange(await session.observe());
        if (!change) return made;
        assert.ok(made.length < MOST_CHANGES, `the pool comes to rest: ${made.join(", ")}`);
        await session.apply(change);
        made.push(change.do);
        await rig.advance(2);
      }
    };
    const scale = async (wish: PoolWish): Promise<void> => {
      const session = await open(wish);
      await session.scale(await session.observe(), wish.replicas);
      await rig.advance(300);
    };
    /** As many instances as are wished for, all in service. */
    const filled = async (wish: PoolWish = WISH): Promise<GroupView> => {
      await converge(wish);
      await rig.advance(300);
      await scale(wish);
      return groupOf(wish);
    };
    /** Where the provider leads: its next step, with drains that take no time. */
    const rollOn = async (wish: PoolWish): Promise<void> => {
      const session = await open(wish);
      const sight = await session.observe();
      const leaving = new Map();
      const step = session.rollout?.(sight, { replicas: wish.replicas, externallyManaged: false, leaving });
      if (!step || !sight.group || sight.group.busySeconds !== undefined) return;
      if (step.desired !== sight.group.desired) return session.scale(sight, step.desired);
      const [first] = step.victims;
      if (first) await takeOut(first, { decrement: step.decrement });
    };
    const takeOut = async (providerID: string, how: { readonly decrement: boolean }): Promise<void> => {
      assert.ok("terminate" in rig.termination, "terminate is missing");
      await rig.termination.terminate?.(providerID, how);
    };
    /** Lets every instance go for good, and the hooks that hold them then. */
    const empty = async (wish: PoolWish): Promise<void> => {
      for (let turn = 0; turn < 5; turn++) {
        const session = await open(wish);
        const change = session.prepareRemoval?.(await session.observe());
        if (!change) break;
        await session.apply(change);
      }
      for (const { providerID } of (await groupOf(wish)).instances) await takeOut(providerID, { decrement: true });
      await rig.advance(5);
      await rig.releaseHeld();
      await rig.advance(600);
    };
    /** @returns what was taken away */
    const dismantle = async (wish: PoolWish): Promise<readonly string[]> => {
      const made: string[] = [];
      for (;;) {
        assert.ok(made.length < MOST_CHANGES, `the pool comes to its end: ${made.join(", ")}`);
        const session = await open(wish);
        const sight = await session.observe();
        const change = session.nextRemoval(sight);
        if (!change && !sight.group) return made;
        if (change) await session.apply(change);
        made.push(change?.do ?? "wait");
        await rig.advance(30);
      }
    };
    const states = ({ instances }: GroupView) => instances.map(({ state }) => state);

    test("a pool without a group needs a change; after the last one it is in step, whoever asks", async () => {
      const session = await open(WISH);
      const sight = await session.observe();
      assert.equal(sight.group, undefined);
      assert.ok(session.nextChange(sight));
      assert.ok((await converge(WISH)).length > 0);
      assert.deepEqual(await converge(WISH), []);
    });
    test("decisions and words are pure: the same sight gives the same, and asks the cloud nothing", async () => {
      await filled();
      const session = await open(WISH);
      const sight = await session.observe();
      const stop = await rig.throttle();
      assert.deepEqual(session.nextChange(sight), session.nextChange(sight));
      assert.deepEqual(session.nextRemoval(sight), session.nextRemoval(sight));
      assert.deepEqual(session.say(sight, undefined), session.say(sight, undefined));
      await stop();
    });
    test("a change that is applied twice does no harm", async () => {
      const session = await open(WISH);
      const change = session.nextChange(await session.observe());
      assert.ok(change);
      await session.apply(change);
      await session.apply(change);
      await converge(WISH);
      assert.deepEqual(await converge(WISH), []);
    });

    test("instances come up to the number that is asked for, are healthy, up to date, sorted and named by their kind", async () => {
      const group = await filled();
      assert.equal(group.desired, 2);
      assert.deepEqual(states(group), ["running", "running"]);
      assert.ok(group.instances.every(({ healthy, upToDate }) => healthy && upToDate));
      const ids = group.instances.map(({ providerID }) => providerID);
      assert.deepEqual(ids, ids.toSorted());
      for (const { providerID, instanceId } of group.instances)
        assert.equal(rig.provider.kind.instanceIdOf(providerID), instanceId);
    });
    test("a pool in service says so: ready, its id, its instances, and no condition that is False", async () => {
      const group = await filled();
      const session = await open(WISH);
      const { spec, status, conditions } = session.say(await session.observe(), undefined);
      assert.equal(status.ready, true);
      assert.equal(status.replicas, 2);
      assert.equal(spec.providerID, group.id);
      assert.deepEqual(
        spec.providerIDList,
        group.instances.map(({ providerID }) => providerID),
      );
      assert.deepEqual(
        conditions.filter((one) => one.status !== "True"),
        [],
      );
      assert.equal("failureReason" in status || "failureMessage" in status, false);
    });
    test("what failed is said as a condition with a reason and a message, and not as ready", async () => {
      await filled();
      const session = await open(WISH);
      const failed = new ProviderError("denied", "scale", "allow it", "planted");
      const { conditions } = session.say(await session.observe(), failed);
      const said = conditions.find(({ status }) => status !== "True");
      assert.ok(said?.reason);
      assert.match(said.message ?? "", /planted/);
    });

    test("asking for the size that there is changes nothing", async () => {
      await filled();
      await scale(WISH);
      assert.equal((await groupOf(WISH)).instances.length, 2);
    });
    test("a wish for more is followed", async () => {
      await filled();
      const more = { ...WISH, replicas: 4 };
      await converge(more);
      await scale(more);
      assert.equal((await groupOf(more)).instances.filter(({ state }) => state === "running").length, 4);
    });
    test("other bounds are taken over without a loss", async (context) => {
      if (rig.lacks?.includes("bounds")) return context.skip("pools of this cloud have no bounds");
      await filled();
      const other = { ...WISH, minimum: 1, maximum: 9 };
      assert.ok((await converge(other)).length > 0);
      const group = await groupOf(other);
      assert.deepEqual([group.minimum, group.maximum], [1, 9]);
      assert.equal(group.instances.length, 2);
    });

    test("another template makes the instances outdated, and the cloud replaces them one after the other", async () => {
      const before = await filled();
      const other = { ...WISH, template: "two" };
      assert.ok((await groupOf(other)).instances.every(({ upToDate }) => !upToDate));
      assert.ok((await converge(other)).length > 0);
      assert.equal((await groupOf(other)).replacing, true);
      for (let turn = 0; turn < 40 && (await groupOf(other)).replacing; turn++) {
        await rollOn(other);
        await rig.releaseHeld();
        await rig.advance(60);
      }
      await rig.releaseHeld();
      await rig.advance(600);
      const after = (await groupOf(other)).instances.filter(({ state }) => state === "running");
      await converge(other);
      assert.equal(after.length, 2);
      assert.ok(after.every(({ upToDate }) => upToDate));
      const old = new Set(before.instances.map(({ instanceId }) => instanceId));
      assert.ok(after.every(({ instanceId }) => !old.has(instanceId)));
      assert.deepEqual(await converge(other), []);
    });

    test("an instance that is taken out for good is held by its hook, stays listed until it is gone, and is not replaced", async () => {
      const [first] = (await filled()).instances;
      assert.ok(first);
      await takeOut(first.providerID, { decrement: true });
      await rig.advance(rig.lacks?.includes("holds") ? 1 : 5);
      const during = await groupOf(WISH);
      assert.equal(during.desired, 1);
      const state = rig.lacks?.includes("holds") ? "leaving" : "held";
      assert.equal(during.instances.find(({ instanceId }) => instanceId === first.instanceId)?.state, state);
      const session = await open(WISH);
      const { spec } = session.say(await session.observe(), undefined);
      assert.ok(Array.isArray(spec.providerIDList) && spec.providerIDList.includes(first.providerID));
      await rig.releaseHeld();
      await rig.advance(600);
      const after = (await groupOf(WISH)).instances.map(({ instanceId }) => instanceId);
      assert.equal(after.length, 1);
      assert.ok(!after.includes(first.instanceId));
    });
    test("an instance that is taken out, but not for good, is replaced", async () => {
      const [first] = (await filled()).instances;
      assert.ok(first);
      await takeOut(first.providerID, { decrement: false });
      await rig.advance(5);
      await rig.releaseHeld();
      await rig.advance(900);
      const after = await groupOf(WISH);
      assert.equal(after.desired, 2);
      assert.equal(after.instances.filter(({ state }) => state === "running").length, 2);
      assert.ok(after.instances.every(({ instanceId }) => instanceId !== first.instanceId));
    });
    test("taking out what is leaving or gone already is success and takes out no other", async () => {
      const [first] = (await filled()).instances;
      assert.ok(first);
      await takeOut(first.providerID, { decrement: true });
      await takeOut(first.providerID, { decrement: true });
      assert.equal((await groupOf(WISH)).desired, 1);
      await rig.advance(5);
      await rig.releaseHeld();
      await rig.advance(600);
      await takeOut(first.providerID, { decrement: true });
      assert.equal((await groupOf(WISH)).desired, 1);
    });

    test("a pool is taken away: bounds let the instances go, then the group, then what is left, then nothing", async () => {
      const wish = { ...WISH, minimum: 1 };
      await filled(wish);
      const going = { ...wish, deleting: true };
      await empty(going);
      assert.deepEqual((await groupOf(going)).instances, []);
      assert.ok((await dismantle(going)).length > 0);
      const session = await open(going);
      const sight = await session.observe();
      assert.equal(sight.group, undefined);
      assert.equal(session.nextRemoval(sight), undefined);
    });
    test("a pool that has nothing in the cloud has nothing to be taken away", async () => {
      const session = await open({ ...WISH, deleting: true });
      assert.equal(session.nextRemoval(await session.observe()), undefined);
    });

    test("a group of somebody else under our name is refused, and left as it is", async () => {
      await rig.makeForeignGroup("foreign");
      const answer = await tryToTake(await open(WISH, "foreign"));
      assert.equal(answer, "refused");
    });

    test("throttling has its kind, whatever was asked", async () => {
      await filled();
      const session = await open(WISH);
      const sight = await session.observe();
      const stop = await rig.throttle();
      await assert.rejects(session.observe(), ofKind("throttled"));
      await assert.rejects(session.scale(sight, 4), ofKind("throttled"));
      await stop();
      assert.equal((await groupOf(WISH)).desired, 2);
    });
  });
}

/** Either the look is refused, or no change is proposed and a condition says why. */
async function tryToTake(session: PoolSession): Promise<string> {
  try {
    const sight = await session.observe();
    const change = session.nextChange(sight);
    const { conditions } = session.say(sight, undefined);
    const isSaid = conditions.some(({ status, message }) => status !== "True" && message);
    return change === undefined && sight.group === undefined && isSaid ? "refused" : `would ${change?.do}`;
  } catch (error) {
    return error instanceof ProviderError && error.kind === "invalid" ? "refused" : String(error);
  }
}
