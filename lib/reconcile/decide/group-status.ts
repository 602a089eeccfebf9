/** What a pass says on an infrastructure pool: the provider's words, a wish beyond the bounds, and Ready as their sum. */
import type { InfrastructurePool } from "../../api/core/infrastructure-pool.ts";
import { withinBounds } from "./group-scale.ts";
import type { GroupMoment } from "./group-view.ts";
import { mergeV1Beta1, type SaidV1Beta1, summary } from "./pool-v1beta1.ts";

type Fields = Readonly<Record<string, unknown>>;

export interface PoolSaid {
  /** Only members that are spoken about; undefined removes one. */
  readonly spec: Fields;
  readonly annotations: Readonly<Record<string, string | undefined>>;
  /** The whole status. */
  readonly status: Fields;
}

/** The provider contract's PoolStatement, as far as a decision may know it. */
export interface Statement {
  readonly spec?: Fields;
  readonly status?: Fields;
  readonly conditions: readonly SaidV1Beta1[];
  readonly annotations?: Readonly<Record<string, string | undefined>>;
}

const RESIZED = "Resized";

/** undefined while the wish can be fulfilled. */
export function outOfBounds({ replicas, group, externallyManaged }: GroupMoment): SaidV1Beta1 | undefined {
  if (replicas === undefined || !group || externallyManaged || withinBounds(replicas, group) === replicas)
    return undefined;
  const { minimum, maximum } = group;
  const message = `the MachinePool asks for ${replicas} replicas, the pool allows ${minimum} to ${maximum}: change one of them`;
  return { type: RESIZED, status: "False", severity: "Warning", reason: "ReplicasOutOfBounds", message };
}

/** @param time RFC 3339, for conditions that changed */
export function poolSaid(
  pool: InfrastructurePool,
  { spec = {}, status = {}, conditions, annotations = {} }: Statement,
  { time, bounds }: { readonly time: string; readonly bounds?: SaidV1Beta1 | undefined },
): PoolSaid {
  const own = conditions.filter(({ type }) => type !== "Ready");
  const ready = conditions.find(({ type }) => type === "Ready") ?? summary(own);
  // A wish beyond the bounds does not make the pool less ready.
  const said = [ready, ...own, ...(bounds ? [bounds] : [])];
  const before = (pool.status?.conditions ?? []).filter(({ type }) => type !== RESIZED || bounds !== undefined);
  return { spec, annotations, status: { ...pool.status, ...status, conditions: mergeV1Beta1(before, said, time) } };
}
