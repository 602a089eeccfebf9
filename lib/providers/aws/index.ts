/** AWS behind the provider contract: Auto Scaling groups filled for AWSMachinePools, held by lifecycle hooks. */
import { ProviderError } from "../errors.ts";
import type { TerminationProvider } from "../provider.ts";
import type { AutoScalingApi } from "./auto-scaling-api.ts";
import { heartbeat, release, termsOf } from "./auto-scaling-hold.ts";
import type { Ec2Api } from "./ec2-api.ts";
import { findHeld } from "./held-instances.ts";
import type { HookNames } from "./hook-names.ts";
import { groupState, stateOutsideGroup } from "./instance-state.ts";
import { awsPoolKind } from "./pool-kind.ts";
import { instanceIdOf, providerIdOf } from "./provider-id.ts";
import { terminate } from "./terminate-instance.ts";

/** On groups that CAPA made for a cluster (CAPA api/v1beta2/tags.go); `shared` would be no ownership. */
const CLUSTER_TAG_PREFIX = "sigs.k8s.io/cluster-api-provider-aws/cluster/";

export interface AwsApis {
  readonly autoScaling: AutoScalingApi;
  readonly ec2: Ec2Api;
}

export interface AwsSettings {
  readonly hookNames: HookNames;
}

export function awsProvider({ autoScaling, ec2 }: AwsApis, { hookNames }: AwsSettings): TerminationProvider {
  return {
    pools: awsPoolKind,
    locate: async (instanceId) => {
      const member = await autoScaling.describeInstance(instanceId);
      if (!member) throw notFound(`instance ${instanceId} is in no Auto Scaling group of this account and region`);
      return { providerID: providerIdOf(member.zone, instanceId), groupName: member.groupName };
    },
    groupOwner: async (groupName) => {
      for await (const page of autoScaling.describeGroups([groupName])) {
        const group = page.find(({ name }) => name === groupName);
        if (group) return { clusterNames: owningClusters(group.tags) };
      }
      throw notFound(`there is no Auto Scaling group ${groupName} in this account and region`);
    },
    observeInstance: async (providerID, hold, { released = false } = {}) => {
      const instanceId = requireInstanceId(providerID);
      const member = await autoScaling.describeInstance(instanceId);
      if (member) return groupState(instanceId, member.lifecycleState, (hold?.autoScaling?.hooks.length ?? 0) > 0);
      // What a hook held cannot be detached: it leaves its group by its end alone.
      if (released) return { state: "gone", cloudState: "in no Auto Scaling group" };
      return stateOutsideGroup(instanceId, await ec2.instanceState(instanceId));
    },
    terms: termsOf,
    heartbeat: async (providerID, { autoScaling: hold }) =>
      hold ? heartbeat(autoScaling, requireInstanceId(providerID), hold) : "not-held",
    release: async (providerID, { autoScaling: hold }) =>
      hold ? release(autoScaling, requireInstanceId(providerID), hold) : "not-held",
    terminate: (providerID, { decrement }) => terminate(autoScaling, requireInstanceId(providerID), decrement),
    findHeld: (groupNames, now) => findHeld(groupNames, { api: autoScaling, hookNames, now }),
  };
}

const owningClusters = (tags: readonly { readonly key: string; readonly value: string }[]): string[] =>
  tags
    .filter(({ key, value }) => key.startsWith(CLUSTER_TAG_PREFIX) && value === "owned")
    .map(({ key }) => key.slice(CLUSTER_TAG_PREFIX.length));

function requireInstanceId(providerID: string): string {
  const instanceId = instanceIdOf(providerID);
  if (instanceId !== undefined) return instanceId;
  const advice = "delete the InstanceTermination: it was not made from an EC2 instance";
  throw new ProviderError("invalid", "providerID", advice, `${providerID} names no EC2 instance`);
}

const notFound = (message: string) => new ProviderError("not-found", "autoscaling:Describe", "", message);
