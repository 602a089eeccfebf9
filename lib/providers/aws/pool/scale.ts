/** Asks a group for a size; never to lose an instance that runs, which only a drained removal may. */
import { ProviderError } from "../../errors.ts";
import { asAws } from "../errors.ts";
import type { PoolClients } from "./clients.ts";
import { stays } from "./outdated.ts";
import type { AwsSight } from "./sight.ts";

/** @throws ProviderError, "invalid" beyond the group's bounds */
export async function scaleGroup(
  { name, group }: AwsSight,
  replicas: number,
  { clients, signal }: { readonly clients: PoolClients; readonly signal?: AbortSignal },
): Promise<void> {
  if (!group) throw refusal(`there is no Auto Scaling group ${name} to scale`, "wait until it is made");
  const staying = group.instances.filter(stays).length;
  const target = replicas < group.desired ? Math.max(replicas, Math.min(staying, group.desired)) : replicas;
  if (target === group.desired) return;
  if (target < group.minimum || target > group.maximum) {
    const said = `${target} instances lie outside ${group.minimum} to ${group.maximum} of group ${name}`;
    throw refusal(said, "change minSize or maxSize of the AWSMachinePool, or the MachinePool's replicas");
  }
  await asAws("autoscaling:SetDesiredCapacity", async () => {
    const { SetDesiredCapacityCommand } = await import("@aws-sdk/client-auto-scaling");
    const wish = { AutoScalingGroupName: name, DesiredCapacity: target, HonorCooldown: false };
    return (await clients.autoScaling()).send(
      new SetDesiredCapacityCommand(wish),
      signal ? { abortSignal: signal } : {},
    );
  });
}

const refusal = (said: string, advice: string) =>
  new ProviderError("invalid", "autoscaling:SetDesiredCapacity", advice, said);
