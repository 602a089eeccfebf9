/** Kubernetes Events on a MachinePool: named by what they tell and about which version, so that a repeated pass finds the first. */
import { type MachinePool, machinePools } from "../../api/core/machine-pool.ts";
import { type Event, events } from "../../api/kubernetes/event.ts";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { KubernetesError } from "../../kubernetes/errors.ts";
import type { PoolEvent } from "../decide/pool-events.ts";

const LONGEST_NAME = 253;

/** An Event that cannot be delivered keeps nothing else from being done. */
export async function tellEvents(
  management: KubernetesClient,
  machinePool: MachinePool,
  { said, time }: { readonly said: readonly PoolEvent[]; readonly time: string },
): Promise<void> {
  for (const one of said) {
    try {
      await management.create(events, eventOf(machinePool, one, time));
    } catch (error) {
      const isSettled =
        error instanceof KubernetesError && ["already-exists", "forbidden", "not-found"].includes(error.kind);
      if (!isSettled) throw error;
    }
  }
}

function eventOf({ metadata }: MachinePool, { type, reason, message }: PoolEvent, time: string): Event {
  const { namespace = "", name, uid, resourceVersion } = metadata;
  const suffix = `.${reason.toLowerCase()}.${resourceVersion}`;
  return {
    apiVersion: events.apiVersion,
    kind: events.kind,
    metadata: { name: `${name.slice(0, LONGEST_NAME - suffix.length)}${suffix}`, namespace },
    involvedObject: {
      apiVersion: machinePools.apiVersion,
      kind: machinePools.kind,
      namespace,
      name,
      ...(uid && { uid }),
    },
    type,
    reason,
    message: message.slice(0, 1000),
    source: { component: "lifeguard" },
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  };
}
