/** Writes what a pass has to say, when it says anything new. */
import type { Condition } from "../../api/kubernetes/meta.ts";
import {
  type InstanceTermination,
  type InstanceTerminationStatus,
  instanceTerminations,
} from "../../api/lifecycle/instance-termination.ts";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { setCondition } from "../../kubernetes/conditions.ts";
import { writeStatus } from "../../kubernetes/merge-status.ts";
import type { SaidStatus } from "../decide/drain-status.ts";

/**
 * @returns the object as it is stored now; unchanged, without a call, when nothing differs
 * @throws  KubernetesError "conflict": somebody wrote meanwhile, come again
 */
export function writeSaid(
  management: KubernetesClient,
  termination: InstanceTermination,
  said: SaidStatus & { readonly nextLookTime?: string },
  now: Date,
): Promise<InstanceTermination> {
  const { fields, nextLookTime } = said;
  const conditions = conditionsOf(termination.status?.conditions ?? [], said, now);
  const status: InstanceTerminationStatus = {
    ...fields,
    ...(nextLookTime !== undefined && { nextLookTime }),
    ...(conditions.length > 0 && { conditions }),
  };
  return writeStatus(management, instanceTerminations, termination, status);
}

function conditionsOf(before: readonly Condition[], { conditions, kept }: SaidStatus, now: Date): readonly Condition[] {
  const said = new Set(conditions.map(({ type }) => type));
  const standing = before.filter(({ type }) => kept.includes(type) || said.has(type));
  return conditions.reduce<readonly Condition[]>((all, next) => setCondition(all, next, now), standing);
}
