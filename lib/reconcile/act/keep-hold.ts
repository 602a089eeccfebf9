/** Tells the cloud that a hold is still needed, when that is due; a failure is said and stops nothing else. */
import type { InstanceTermination } from "../../api/lifecycle/instance-termination.ts";
import type { DrainView } from "../decide/drain-view.ts";
import { heartbeatIsDue } from "../decide/heartbeat.ts";
import type { World } from "../step.ts";
import { troubleOf } from "../trouble.ts";

/** @returns the view with the cloud's answer; unchanged when no heartbeat is due */
export async function keepHold(world: World, { spec }: InstanceTermination, view: DrainView): Promise<DrainView> {
  const { provider } = world;
  if (!spec.hold || !provider.heartbeat || !heartbeatIsDue(view)) return view;
  try {
    return { ...view, heartbeat: await provider.heartbeat(spec.providerID, spec.hold) };
  } catch (error) {
    const trouble = troubleOf(error);
    if (!trouble) throw error;
    return { ...view, heartbeatTrouble: trouble };
  }
}
