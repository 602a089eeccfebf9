/** How many pods had to leave each Node, and when that number changed. */
import { type Node, nodes } from "../../../lib/api/kubernetes/node.ts";
import type { Scene } from "../scene.ts";
import { opinionOf, podsOn } from "./leaving.ts";

export interface Crowds {
  readonly count: (nodeName: string) => void;
  readonly countAll: () => void;
  /** Fewest and most, at any moment of this time. */
  readonly during: (nodeName: string, from: number, to: number) => { readonly least: number; readonly most: number };
}

export function createCrowds(scene: Scene): Crowds {
  const counts = new Map<string, { readonly at: number; readonly leaving: number }[]>();
  const count = (nodeName: string) => {
    const list = counts.get(nodeName) ?? [];
    const leaving = podsOn(scene, nodeName).filter((pod) => opinionOf(scene, pod).leaves).length;
    if (list.at(-1)?.leaving !== leaving) list.push({ at: scene.time.now(), leaving });
    counts.set(nodeName, list);
  };
  return {
    count,
    countAll: () => {
      for (const { metadata } of scene.workload.all<Node>(nodes)) count(metadata.name);
    },
    during: (nodeName, from, to) => {
      count(nodeName);
      const list = counts.get(nodeName) ?? [];
      const before = list.findLastIndex(({ at }) => at <= from);
      const values = list
        .slice(Math.max(0, before))
        .filter(({ at }) => at <= to)
        .map(({ leaving }) => leaving);
      if (before < 0) values.push(0);
      return { least: Math.min(...values), most: Math.max(...values) };
    },
  };
}
