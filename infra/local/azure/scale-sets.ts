/** The scale sets' state machine: writes and deletes as long-running operations, one write at a time, capacity kept by instances. */
import { afterAll, type Departures } from "./departures.ts";
import { ArmError, busy, invalid, notFound } from "./errors.ts";
import type { Fleet, Instance } from "./fleet.ts";
import type { Begin, Operation, Operations } from "./operations.ts";
import type { Place } from "./place.ts";
import { nextZone, scaleInVictims } from "./scale-in.ts";
import { profileOf, type ScaleSet, type ScaleSetInput, TYPE } from "./scale-set.ts";
import { changedScaleSet, newScaleSet } from "./scale-set-input.ts";
import type { Stock } from "./stock.ts";

export interface ScaleSetParts {
  readonly place: Place;
  readonly fleet: Fleet;
  readonly departures: Departures;
  readonly operations: Operations;
  readonly stock: Stock;
}

type Failure = { readonly code: string; readonly message: string } | undefined;
type Done = (failure?: Failure) => void;

export type ScaleSets = ReturnType<typeof createScaleSets>;

const keyOf = ({ group, name }: Pick<ScaleSet, "group" | "name">) => `${group}/${name}`.toLowerCase();
const PROTECTED = {
  code: "OperationNotAllowed",
  message: "The scale set cannot be scaled in: too few of its instances are not protected from scale-in.",
};

export function createScaleSets({ place, fleet, departures, operations, stock }: ScaleSetParts) {
  const { clock, timing } = place;
  const sets = new Map<string, ScaleSet>();
  /** The write under way, by set. */
  const writes = new Map<string, string>();
  const running = new Map<string, Set<string>>();

  const find = (at: Pick<ScaleSet, "group" | "name">) => sets.get(keyOf(at));
  const get = (at: Pick<ScaleSet, "group" | "name">): ScaleSet => {
    const found = find(at);
    if (found) return found;
    throw notFound(TYPE, at.name, at.group);
  };
  const put = (set: ScaleSet): ScaleSet => {
    sets.set(keyOf(set), set);
    return set;
  };
  const change = (at: ScaleSet, part: Partial<ScaleSet>) => {
    const old = find(at);
    if (old) put({ ...old, ...part, etag: old.etag + 1 });
  };
  const present = (set: ScaleSet) => fleet.of(set).filter(({ state }) => state !== "Deleting");

  /** Begins an operation on the set; the answer ends it. */
  const begin = (set: ScaleSet, what: Begin): { readonly operation: Operation; readonly end: Done } => {
    const operation = operations.begin(what);
    const mine = running.get(keyOf(set)) ?? new Set();
    running.set(keyOf(set), mine.add(operation.id));
    const end: Done = (failure) => {
      mine.delete(operation.id);
      if (failure) operations.fail(operation.id, failure);
      else operations.succeed(operation.id);
    };
    return { operation, end };
  };
  const grow = (set: ScaleSet, count: number, done: Done) => {
    const ready = afterAll(count, done);
    for (let made = 0; made < count; made++) {
      const zone = nextZone(set, present(set));
      const number = get(set).nextInstance + made;
      fleet.launch(set, { number, ...(zone !== undefined && { zone }) }, ready);
    }
    change(set, { nextInstance: get(set).nextInstance + count });
  };
  const shrink = (set: ScaleSet, by: { count: number; operation: string }, done: Done) => {
    const victims = scaleInVictims(set, present(set), by.count);
    if (victims) return departures.leave({ set, operation: by.operation, force: false }, victims, done);
    change(set, { sku: { ...set.sku, capacity: present(set).length } });
    clock.after(timing.updateSeconds, () => done(PROTECTED));
  };
  const resize = (set: ScaleSet, operation: string, done: Done) => {
    const missing = set.sku.capacity - present(set).length;
    const refusal = missing > 0 ? stock.refusal(set) : undefined;
    if (refusal || missing === 0) return void clock.after(timing.updateSeconds, () => done(refusal));
    if (missing > 0) grow(set, missing, done);
    else shrink(set, { count: -missing, operation }, done);
  };
  /** Lowers the wish by what leaves of it. */
  const follow = (set: ScaleSet, leaving: readonly Instance[]) => {
    const { sku } = get(set);
    const counted = leaving.filter(({ state }) => state !== "Deleting").length;
    change(set, { sku: { ...sku, capacity: Math.max(0, sku.capacity - counted) } });
  };
  const active = (set: ScaleSet, ids: readonly string[]): readonly Instance[] => {
    const all = fleet.of(set);
    if (ids.includes("*")) return all;
    return ids.map((id) => {
      const found = all.find(({ instanceId }) => instanceId.toLowerCase() === id.toLowerCase());
      if (found) return found;
      throw invalid(`The provided instanceId ${id} is not an active Virtual Machine Scale Set VM instanceId.`);
    });
  };

  return {
    find,
    get,
    list: () => [...sets.values()],
    /** As `properties.provisioningState` has it. */
    stateOf: (set: ScaleSet): ScaleSet["outcome"] => {
      const { outcome } = get(set);
      const working = (running.get(keyOf(set))?.size ?? 0) > 0;
      return working && (outcome === "Succeeded" || outcome === "Failed") ? "Updating" : outcome;
    },
    /**
     * Creates or changes. @throws ArmError: invalid, over quota, or another write is under way (409)
     */
    write: (at: Pick<ScaleSet, "group" | "name">, input: ScaleSetInput, what: Begin) => {
      const old = find(at);
      if (old && (writes.has(keyOf(old)) || old.outcome === "Deleting")) throw busy(old.name);
      const next = old ? changedScaleSet(old, input) : newScaleSet(place, at, input);
      stock.checkQuota(next, next.sku.capacity - (old ? present(old).length : 0));
      const set = put({ ...next, outcome: old ? "Updating" : "Creating" });
      const { operation, end } = begin(set, what);
      writes.set(keyOf(set), operation.id);
      const done: Done = (failure) => {
        // A deletion of the set came in between and has canceled this write.
        if (writes.get(keyOf(set)) !== operation.id) return;
        writes.delete(keyOf(set));
        change(set, { outcome: failure ? "Failed" : "Succeeded" });
        end(failure);
      };
      const doom = operations.takeDoom(what);
      if (doom) clock.after(timing.updateSeconds, () => done(doom));
      else resize(set, operation.id, done);
      return { set: get(set), operation, created: old === undefined };
    },
    remove: (set: ScaleSet, force: boolean, what: Begin): Operation => {
      const write = writes.get(keyOf(set));
      if (write) operations.cancel(write);
      writes.delete(keyOf(set));
      change(set, { outcome: "Deleting" });
      const { operation, end } = begin(set, what);
      const doom = operations.takeDoom(what);
      const failed = () => {
        change(set, { outcome: "Failed" });
        end(doom);
      };
      const gone = () => {
        sets.delete(keyOf(set));
        end();
      };
      if (doom) clock.after(timing.updateSeconds, failed);
      else if (fleet.of(set).length === 0) clock.after(timing.updateSeconds, gone);
      else departures.leave({ set: get(set), operation: operation.id, force }, fleet.of(set), gone);
      return operation;
    },
    /** Of chosen instances; "*" is all. @throws ArmError for an unknown id, or while another write is under way (409) */
    removeInstances: (set: ScaleSet, { ids, force }: { ids: readonly string[]; force: boolean }, what: Begin) => {
      if (writes.has(keyOf(set))) throw busy(set.name);
      const leaving = active(set, ids);
      const { operation, end } = begin(set, what);
      const doom = operations.takeDoom(what);
      if (doom) clock.after(timing.updateSeconds, () => end(doom));
      else {
        follow(set, leaving);
        departures.leave({ set: get(set), operation: operation.id, force }, leaving, end);
      }
      return operation;
    },
    /** Brings instances to the latest model; their machines go on. */
    upgrade: (set: ScaleSet, ids: readonly string[], what: Begin): Operation => {
      const chosen = active(set, ids);
      const { operation, end } = begin(set, what);
      for (const one of chosen) fleet.update(one, { state: "Updating" });
      const doom = operations.takeDoom(what);
      clock.after(timing.updateSeconds, () => {
        const { model, sku } = get(set);
        const latest = { model, size: sku.name, profile: profileOf(get(set)) };
        for (const one of chosen) {
          if (fleet.current(one)?.state === "Updating")
            fleet.update(one, { state: "Succeeded", ...(doom ? {} : latest) });
        }
        end(doom);
      });
      return operation;
    },
    /** A write of one instance; the change shows when it ends. */
    writeInstance: (set: ScaleSet, one: Instance, part: Partial<Instance>, what: Begin): Operation => {
      const { operation, end } = begin(set, what);
      const doom = operations.takeDoom(what);
      if (!doom) fleet.update(one, part);
      clock.after(timing.updateSeconds, () => end(doom));
      return operation;
    },
    setTags: (set: ScaleSet, tags: ScaleSet["tags"]): void => change(set, { tags }),
    /** An instance went without anybody's call. */
    lost: (one: Instance): void => {
      const set = find({ group: one.group, name: one.scaleSet });
      if (set) follow(set, [one]);
    },
    /** @throws ArmError */
    checkMatch: (
      set: ScaleSet | undefined,
      { ifMatch, ifNoneMatch }: { ifMatch?: string; ifNoneMatch?: string },
    ): void => {
      const etag = set && `"${set.etag}"`;
      if (!(ifMatch && ifMatch !== "*" && ifMatch !== etag) && !(ifNoneMatch === "*" && set)) return;
      throw new ArmError("PreconditionFailed", "The etag in the request does not match the resource's.", 412);
    },
  };
}
