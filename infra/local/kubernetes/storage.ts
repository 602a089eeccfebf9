/** Buckets of objects under ONE revision counter, with enough history for watches and for consistent pages. */
import { ApiFailure } from "./failure.ts";
import type { Stored } from "./object.ts";

export interface Change {
  readonly revision: number;
  readonly bucket: string;
  /** "namespace/name", or "/name" for cluster-scoped kinds. */
  readonly key: string;
  /** What is stored now; absent after a removal. */
  readonly now?: Stored;
  readonly before?: Stored;
  /** After a removal: the last state, under the revision of the removal. */
  readonly gone?: Stored;
}

export interface Storage {
  revision(): number;
  get(bucket: string, key: string): Stored | undefined;
  /** All of a bucket in the order of namespace and name; `at` an earlier revision, as far as history goes back. */
  list(bucket: string, at?: number): readonly Stored[];
  /** Stores under the next revision and writes that into the object's metadata: the object must be new. */
  put(bucket: string, key: string, object: Stored): Stored;
  /** Removes under the next revision; `last` is what a watch shows. */
  remove(bucket: string, key: string, last: Stored): Stored;
  /** Changes after a revision. Throws 410 Expired when history does not go back so far. */
  since(revision: number): readonly Change[];
  subscribe(listener: (change: Change) => void): () => void;
}

const byKey = (a: [string, Stored], b: [string, Stored]) => (a[0] < b[0] ? -1 : 1);
// A namespace sorts before its longer neighbours: "a/x" < "a-b/x" needs a separator below every letter.
const sortKey = (key: string) => key.replace("/", "\u0000");

export const expired = (asked: number, oldest: number) =>
  new ApiFailure(410, "Expired", `too old resource version: ${asked} (${oldest})`);

export function createStorage(retained = 5000): Storage {
  const buckets = new Map<string, Map<string, Stored>>();
  const sorted = new Map<string, readonly Stored[]>();
  const listeners = new Set<(change: Change) => void>();
  let history: Change[] = [];
  let revision = 0;

  const bucketOf = (name: string) => {
    const found = buckets.get(name) ?? new Map<string, Stored>();
    buckets.set(name, found);
    return found;
  };
  const order = (entries: Iterable<[string, Stored]>) =>
    [...entries]
      .map(([key, object]): [string, Stored] => [sortKey(key), object])
      .sort(byKey)
      .map(([, object]) => object);

  const since = (from: number) => {
    const oldest = history[0]?.revision ?? revision + 1;
    if (from < oldest - 1) throw expired(from, oldest);
    return history.slice(from - oldest + 1);
  };
  // A listener may write: its change waits until everybody has seen the one before.
  const undelivered: Change[] = [];
  let delivering = false;
  const deliver = () => {
    delivering = true;
    try {
      for (let change = undelivered.shift(); change; change = undelivered.shift())
        for (const listener of listeners) listener(change);
    } finally {
      delivering = false;
    }
  };
  const commit = (bucket: string, key: string, change: Pick<Change, "now" | "before" | "gone">) => {
    sorted.delete(bucket);
    const made = { revision, bucket, key, ...change };
    history.push(made);
    if (history.length > retained * 2) history = history.slice(-retained);
    undelivered.push(made);
    if (!delivering) deliver();
  };
  const listAt = (bucket: string, at: number) => {
    const past = new Map(bucketOf(bucket));
    for (const change of since(at).toReversed()) {
      if (change.bucket !== bucket) continue;
      if (change.before) past.set(change.key, change.before);
      else past.delete(change.key);
    }
    return order(past);
  };

  return {
    revision: () => revision,
    get: (bucket, key) => buckets.get(bucket)?.get(key),
    list: (bucket, at) => {
      if (at !== undefined && at < revision) return listAt(bucket, at);
      const list = sorted.get(bucket) ?? order(bucketOf(bucket));
      sorted.set(bucket, list);
      return list;
    },
    put: (bucket, key, object) => {
      const before = bucketOf(bucket).get(key);
      object.metadata.resourceVersion = String(++revision);
      bucketOf(bucket).set(key, object);
      commit(bucket, key, before ? { now: object, before } : { now: object });
      return object;
    },
    remove: (bucket, key, last) => {
      const shown = { ...last, metadata: { ...last.metadata, resourceVersion: String(++revision) } };
      const before = bucketOf(bucket).get(key) ?? last;
      bucketOf(bucket).delete(key);
      commit(bucket, key, { before, gone: shown });
      return shown;
    },
    since,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
