/** The status of an infrastructure machine: what its provider says of the instance, and what its Node adds. */
import type { InfrastructureMachineWish } from "../../api/core/infrastructure-pool.ts";
import type { V1Beta1Condition } from "../../api/core/v1beta1-condition.ts";
import { mergeV1Beta1 } from "./pool-v1beta1.ts";
import type { PoolNode } from "./pool-view.ts";

type Fields = Readonly<Record<string, unknown>>;

export interface StatusQuestion {
  readonly wish: InfrastructureMachineWish;
  readonly node: PoolNode | undefined;
  /** As it is stored; absent: the object is new. */
  readonly before: Fields | undefined;
  /** RFC 3339, for conditions that changed. */
  readonly time: string;
}

export function infrastructureStatusOf({ wish, node, before, time }: StatusQuestion): Fields {
  if (!wish.withNode) return wish.status;
  const seen = node && {
    name: node.name,
    uid: node.uid,
    ready: node.ready,
    ...(node.version && { version: node.version }),
  };
  const { fields, conditions } = wish.withNode(seen, before);
  const old = Array.isArray(before?.conditions) ? (before.conditions as readonly V1Beta1Condition[]) : [];
  return { ...wish.status, ...fields, conditions: mergeV1Beta1(old, conditions, time) };
}
