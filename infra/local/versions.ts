/** A store whose readers may see an older version: describe calls of a real cloud lag behind its writes. */
import type { Clock } from "./clock.ts";

/** Versions older than this are forgotten; no lag is longer. */
const REMEMBERED_MILLISECONDS = 300_000;

export interface Versions<Item> {
  readonly get: (key: string) => Item | undefined;
  readonly put: (key: string, item: Item) => Item;
  readonly remove: (key: string) => void;
  readonly all: () => Item[];
  /** What was true so many seconds ago. */
  readonly seen: (lagSeconds: number) => Item[];
}

interface Version<Item> {
  readonly at: number;
  readonly item: Item | undefined;
}

export function createVersions<Item>(clock: Clock): Versions<Item> {
  const histories = new Map<string, Version<Item>[]>();
  const add = (key: string, item: Item | undefined) => {
    const now = clock.now().getTime();
    const old = histories.get(key) ?? [];
    const kept = old.filter((_, index) => (old[index + 1]?.at ?? now) > now - REMEMBERED_MILLISECONDS);
    histories.set(key, [...kept, { at: now, item }]);
  };
  const at = (lagSeconds: number) => {
    const moment = clock.now().getTime() - lagSeconds * 1000;
    return [...histories.values()].flatMap(
      (history) => history.findLast((version) => version.at <= moment)?.item ?? [],
    );
  };
  return {
    get: (key) => histories.get(key)?.at(-1)?.item,
    put: (key, item) => {
      add(key, item);
      return item;
    },
    remove: (key) => add(key, undefined),
    all: () => [...histories.values()].flatMap((history) => history.at(-1)?.item ?? []),
    seen: at,
  };
}
