/** What every predicate works with: the world, its memory, and a way to say that a promise was broken. */

import { type Node, nodes } from "../../../lib/api/kubernetes/node.ts";
import {
  INSTANCE_LABEL,
  type InstanceTermination,
  instanceTerminations,
} from "../../../lib/api/lifecycle/instance-termination.ts";
import type { SimulatedCloud } from "../clouds/simulated-cloud.ts";
import type { Pass } from "../pass.ts";
import { NAMESPACE, type Scene } from "../scene.ts";
import { earliestEnd, type Leaver, toleranceMilliseconds } from "./deadlines.ts";
import type { Hooks } from "./hooks.ts";
import type { Memory } from "./memory.ts";

export interface Violation {
  /** "P1" ... "P6" */
  readonly promise: string;
  /** The same for every run in which the same promise is broken in the same way; shrinking keeps it. */
  readonly what: string;
  readonly detail: string;
}

export interface Court {
  readonly scene: Scene;
  readonly memory: Memory;
  readonly hooks: Hooks;
  readonly broken: (promise: string, what: string, detail?: string) => void;
}

export const recordOf = ({ management }: Scene, pass: Pass): InstanceTermination | undefined =>
  pass.key && management.find<InstanceTermination>(instanceTerminations, pass.key.name, NAMESPACE);

export const instanceOf = (record: InstanceTermination): string => record.metadata.labels?.[INSTANCE_LABEL] ?? "";

export const nodeOf = ({ workload }: Scene, providerID: string): Node | undefined =>
  workload.all<Node>(nodes).find(({ spec }) => spec?.providerID === providerID);

export const recordFor = ({ management }: Scene, instanceId: string): InstanceTermination | undefined =>
  management
    .all<InstanceTermination>(instanceTerminations)
    .find(({ metadata }) => metadata.labels?.[INSTANCE_LABEL] === instanceId);

/** A cloud forgets what is gone for an hour; its Node may be there still. */
const known = new WeakMap<SimulatedCloud, Set<string>>();

/** Whether an instance was ever launched for our pool. */
export function isOurs({ cloud }: Scene, instanceId: string): boolean {
  const ours = known.get(cloud) ?? new Set<string>();
  known.set(cloud, ours);
  if (cloud.machines().some(({ id, isOurs }) => id === instanceId && isOurs)) ours.add(instanceId);
  return ours.has(instanceId);
}

/** Whether it is so late that a drain may stop waiting, less what something needs. */
export const isNearEnd = (court: Court, leaver: Leaver, neededSeconds = 0): boolean => {
  const { scene } = court;
  const end = earliestEnd(scene, court, leaver);
  return scene.time.now() >= end - neededSeconds * 1000 - toleranceMilliseconds(scene);
};

/** Whether what is said here has been so since before the pass began. */
export const isOlder = (pass: Pass, since: number | undefined): boolean =>
  since !== undefined && since < pass.startedAt;
