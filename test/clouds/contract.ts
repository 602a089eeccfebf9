/** The suite every cloud passes: what lib/reconcile may rely on, asked through the provider alone. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { CLUSTER_NAME_LABEL } from "../../lib/api/core/labels.ts";
import type { Hold } from "../../lib/api/lifecycle/hold.ts";
import type { LeavingInstance } from "../../lib/api/trigger.ts";
import { ProviderError } from "../../lib/providers/errors.ts";
import type { TerminationProvider } from "../../lib/providers/provider.ts";

export interface RigInstance {
  readonly instanceId: string;
  readonly providerID: string;
  readonly groupName: string;
}

/** One cloud made ready for the suite: a group of cluster "blue" whose holds are ours and end after 300 s, and one of nobody's. */
export interface CloudRig {
  readonly provider: TerminationProvider;
  readonly now: () => Date;
  readonly clusterName: "blue";
  /** A group without any cluster's tags. */
  readonly foreignGroupName: string;
  /** A running instance of the group, new for each case. */
  newInstance(): Promise<RigInstance>;
  /** Begins a termination; answers what the event of the first hook says, or of both. */
  beginTermination(instance: RigInstance): Promise<LeavingInstance & { readonly hold: Hold }>;
  /** The instance dies without asking anybody. */
  terminate(instance: RigInstance): Promise<void>;
  retain?(instance: RigInstance): Promise<void>;
  /** A providerID like that of the instance, of one that does not exist; absent: another id in its place. */
  missing?(instance: RigInstance): string;
  /** Nothing keeps a hold of this cloud alive. */
  readonly withoutHeartbeat?: boolean;
  /** Lets the cloud's clock run. */
  advance(seconds: number): Promise<void>;
  /** Until the answer is called, the cloud throttles everything. */
  throttle(): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

const HEARTBEAT_TIMEOUT_SECONDS = 300;
const UNKNOWN_GROUP = "no-such-group";

const ofKind = (kind: ProviderError["kind"]) => (error: unknown) =>
  error instanceof ProviderError && error.kind === kind;

/** @param unknownInstanceId an id of this cloud's form that does not exist */
export function cloudContract(name: string, makeRig: () => Promise<CloudRig>, unknownInstanceId: string): void {
  describe(`the contract of ${name}`, () => {
    let rig: CloudRig;
    before(async () => {
      rig = await makeRig();
    });
    after(() => rig.close());
    const held = async () => {
      const instance = await rig.newInstance();
      const leaving = await rig.beginTermination(instance);
      return { ...instance, leaving, hold: leaving.hold };
    };
    const observe = async (instance: RigInstance, hold?: Hold) =>
      (await rig.provider.observeInstance(instance.providerID, hold)).state;
    const holding = () => {
      const { provider } = rig;
      const verbs = ["release", "findHeld", ...(rig.withoutHeartbeat ? [] : ["heartbeat"])];
      for (const verb of verbs) assert.ok(verb in provider, `${verb} is missing`);
      return provider as Required<TerminationProvider>;
    };
    const isNotKeptAlive = async (providerID: string, hold: Hold) => {
      const answer = rig.withoutHeartbeat ? "not-held" : await holding().heartbeat(providerID, hold);
      assert.equal(answer, "not-held");
    };

    test("a running instance is located: its providerID and its group", async () => {
      const { instanceId, providerID, groupName } = await rig.newInstance();
      const location = await rig.provider.locate(instanceId);
      assert.equal(location.providerID, providerID);
      assert.equal(location.groupName, groupName);
      assert.equal(rig.provider.pools.instanceIdOf(providerID), instanceId);
    });
    test("an instance nobody knows is not found", () =>
      assert.rejects(rig.provider.locate(unknownInstanceId), ofKind("not-found")));
    test("an instance that is gone is not found", async () => {
      const instance = await rig.newInstance();
      await rig.terminate(instance);
      await assert.rejects(rig.provider.locate(instance.instanceId), ofKind("not-found"));
    });

    test("a group tells its cluster, a foreign one none, an unknown one is not found", async () => {
      const { groupName } = await rig.newInstance();
      assert.deepEqual((await rig.provider.groupOwner(groupName)).clusterNames, [rig.clusterName]);
      assert.deepEqual((await rig.provider.groupOwner(rig.foreignGroupName)).clusterNames, []);
      await assert.rejects(rig.provider.groupOwner(UNKNOWN_GROUP), ofKind("not-found"));
    });

    test("states: running, held, leaving after the release, gone at the end", async () => {
      const instance = await rig.newInstance();
      assert.equal(await observe(instance), "running");
      const { hold } = await rig.beginTermination(instance);
      assert.equal(await observe(instance, hold), "held");
      await holding().release(instance.providerID, hold);
      assert.equal(await observe(instance, hold), "leaving");
      await rig.advance(600);
      assert.equal(await observe(instance, hold), "gone");
    });
    test("a vanished instance is gone, not an error", async () => {
      const instance = await rig.newInstance();
      const providerID = rig.missing?.(instance) ?? instance.providerID.replace(instance.instanceId, unknownInstanceId);
      assert.equal(await observe({ ...instance, providerID }), "gone");
    });
    test("what was released counts for an instance that is gone, and for no other", async () => {
      const { providerID, hold } = await held();
      const state = async () => (await rig.provider.observeInstance(providerID, hold, { released: true })).state;
      assert.equal(await state(), "held");
      await holding().release(providerID, hold);
      assert.equal(await state(), "leaving");
      await rig.advance(600);
      assert.equal(await state(), "gone");
    });
    test("the cloud's own word for the state is handed on for messages", async () => {
      const { cloudState } = await rig.provider.observeInstance((await rig.newInstance()).providerID, undefined);
      assert.notEqual(cloudState, "");
    });
    test("a retained instance is told apart from a leaving one", async (t) => {
      if (!rig.retain) return t.skip("this cloud retains nothing");
      const instance = await rig.newInstance();
      await rig.retain(instance);
      const { state, advice } = await rig.provider.observeInstance(instance.providerID, undefined);
      assert.equal(state, "retained");
      assert.match(advice ?? "", /\w+/, "a person must be told which call ends it");
    });

    test("heartbeats keep an instance held past its timeout", async (t) => {
      if (rig.withoutHeartbeat) {
        assert.ok(!("heartbeat" in rig.provider));
        return t.skip("nothing keeps a hold of this cloud alive");
      }
      const { providerID, hold, ...instance } = await held();
      for (let beat = 0; beat < 3; beat++) {
        await rig.advance(HEARTBEAT_TIMEOUT_SECONDS - 60);
        assert.equal(await holding().heartbeat(providerID, hold), "accepted");
      }
      assert.equal(await observe({ ...instance, providerID }, hold), "held");
    });
    test("without a heartbeat the cloud lets go, and then there is nothing to keep alive or to release", async () => {
      const { providerID, hold, ...instance } = await held();
      await rig.advance(HEARTBEAT_TIMEOUT_SECONDS + 5);
      assert.notEqual(await observe({ ...instance, providerID }, hold), "held");
      await isNotKeptAlive(providerID, hold);
      assert.equal(await holding().release(providerID, hold), "not-held");
    });
    test("a release is accepted once, and not held any more the second time", async () => {
      const { providerID, hold } = await held();
      assert.equal(await holding().release(providerID, hold), "accepted");
      assert.equal(await holding().release(providerID, hold), "not-held");
      await isNotKeptAlive(providerID, hold);
    });
    test("an instance that nothing holds has nothing to release", async () => {
      const { hold } = await held();
      const other = await rig.newInstance();
      assert.equal(await holding().release(other.providerID, hold), "not-held");
      assert.equal(await observe(other), "running");
    });

    test("an instance that is taken out is held by its hooks like any other, and asking twice is no error", async () => {
      const { providerID, ...instance } = await rig.newInstance();
      const { provider } = rig;
      assert.ok("terminate" in provider, "terminate is missing");
      const terminate = (id: string) => provider.terminate?.(id, { decrement: true });
      await terminate(providerID);
      await terminate(providerID);
      assert.equal(await observe({ ...instance, providerID }), "held");
      await rig.advance(HEARTBEAT_TIMEOUT_SECONDS + 600);
      assert.equal(await observe({ ...instance, providerID }), "gone");
      await terminate(providerID);
    });

    test("held instances are found without an event, and what is found can be released", async () => {
      const running = await rig.newInstance();
      const { instanceId, providerID, groupName, ...instance } = await held();
      const found = await holding().findHeld([UNKNOWN_GROUP, groupName], rig.now());
      assert.ok(!found.some((one) => one.instanceId === running.instanceId));
      const mine = found.find((one) => one.instanceId === instanceId);
      assert.ok(mine?.hold, "the held instance is found with its hold");
      assert.equal(mine.groupName, groupName);
      assert.equal(
        Date.parse(mine.noticeTime),
        Date.parse(
          rig
            .now()
            .toISOString()
            .replace(/\.\d+Z$/, "Z"),
        ),
      );
      const { heartbeatTimeoutSeconds } = rig.provider.terms(mine.hold);
      assert.equal(heartbeatTimeoutSeconds, rig.withoutHeartbeat ? undefined : HEARTBEAT_TIMEOUT_SECONDS);
      assert.equal(await holding().release(providerID, mine.hold), "accepted");
      assert.equal(await observe({ ...instance, instanceId, providerID, groupName }), "leaving");
      const after = await holding().findHeld([groupName], rig.now());
      assert.ok(!after.some((one) => one.instanceId === instanceId));
    });
    test("no groups, none held; unknown groups are left out", async () => {
      assert.deepEqual(await holding().findHeld([], rig.now()), []);
      assert.deepEqual(await holding().findHeld([UNKNOWN_GROUP], rig.now()), []);
    });

    test("throttling has its kind, whatever was asked, and changes nothing", async () => {
      const { instanceId, providerID, groupName, hold, ...instance } = await held();
      const provider = holding();
      const stop = await rig.throttle();
      await assert.rejects(rig.provider.locate(instanceId), ofKind("throttled"));
      await assert.rejects(rig.provider.groupOwner(groupName), ofKind("throttled"));
      await assert.rejects(rig.provider.observeInstance(providerID, hold), ofKind("throttled"));
      if (!rig.withoutHeartbeat) await assert.rejects(provider.heartbeat(providerID, hold), ofKind("throttled"));
      await assert.rejects(provider.release(providerID, hold), ofKind("throttled"));
      await assert.rejects(provider.terminate(providerID, { decrement: false }), ofKind("throttled"));
      await assert.rejects(provider.findHeld([groupName], rig.now()), ofKind("throttled"));
      await stop();
      assert.equal(await observe({ ...instance, instanceId, providerID, groupName }, hold), "held");
    });

    test("terms name every hold, its clock and its end; they need no call", async () => {
      const { hold, groupName } = await held();
      const { names, heartbeatTimeoutSeconds, maximumSeconds } = rig.provider.terms(hold);
      assert.ok(names.length > 0 && names.every((one) => one.includes(groupName)));
      if (rig.withoutHeartbeat) return assert.equal(heartbeatTimeoutSeconds, undefined);
      assert.equal(heartbeatTimeoutSeconds, HEARTBEAT_TIMEOUT_SECONDS);
      assert.ok(maximumSeconds && maximumSeconds > HEARTBEAT_TIMEOUT_SECONDS);
    });
    test("a pool's name and its group's name lead to each other", async () => {
      const { groupName } = await rig.newInstance();
      const { pools } = rig.provider;
      const name = pools.poolNameOf(groupName);
      assert.ok(name !== undefined);
      const labels = { [CLUSTER_NAME_LABEL]: rig.clusterName };
      assert.equal(pools.groupNameOf({ metadata: { name, namespace: "team", labels }, spec: {} }), groupName);
    });
    test("completing a hold loses none of it", async () => {
      const { hold, groupName } = await held();
      const completed = rig.provider.pools.completeHold(hold, { metadata: { name: groupName }, spec: {} });
      assert.deepEqual(rig.provider.terms(completed).names, rig.provider.terms(hold).names);
    });
    test("a providerID of another form names no instance", () => {
      for (const strange of ["", "i-0abc", "kind:///docker/a/b", "aws:///", "memory:///", "x://y/z"]) {
        assert.equal(rig.provider.pools.instanceIdOf(strange), undefined, strange);
      }
    });
  });
}
