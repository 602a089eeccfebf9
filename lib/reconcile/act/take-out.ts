/** Asks the cloud to take out an instance whose Node is empty. */
import type { InstanceTerminationSpec } from "../../api/lifecycle/instance-termination.ts";
import { ProviderError } from "../../providers/errors.ts";
import type { TerminationProvider } from "../../providers/provider.ts";
import type { ActResult } from "../decide/action.ts";

/** @throws ProviderError */
export async function takeOut(
  provider: TerminationProvider,
  { providerID, removal }: InstanceTerminationSpec,
): Promise<ActResult> {
  if (!provider.terminate) {
    const advice = "terminate the instance in the cloud, or delete this record";
    throw new ProviderError("invalid", "terminate", advice, "this cloud takes no single instance out of a group");
  }
  await provider.terminate(providerID, { decrement: removal?.decrement === true });
  return { release: "accepted" };
}
