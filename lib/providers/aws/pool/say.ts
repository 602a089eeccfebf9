/** What a pass says on an AWSMachinePool: only fields that upstream has, sorted, and nothing that moves with the time. */

import { CAPA_ANNOTATION, LAST_APPLIED_TAGS_ANNOTATION } from "../../../api/aws/aws-machine-pool.ts";
import { type Tags, tagsAsJson } from "../../applied-tags.ts";
import type { GroupView, PoolStatement } from "../../pool-provider.ts";
import { conditionsOf, type Saying } from "./conditions.ts";
import { groupView } from "./group-view.ts";
import type { AwsSight } from "./sight.ts";

export function statementOf(saying: Saying): PoolStatement {
  const { sight } = saying;
  const view = groupView(sight);
  const { template, group } = sight;
  const ids = view?.instances.map(({ providerID }) => providerID) ?? [];
  return {
    spec: { ...(group && { providerID: group.arn }), providerIDList: ids },
    status: {
      ready: group !== undefined && group.status === undefined,
      replicas: ids.length,
      // Every instance has its Machine and AWSMachine, made by whoever looks after Nodes.
      infrastructureMachineKind: "AWSMachine",
      ...(template && {
        launchTemplateID: template.id,
        launchTemplateVersion: String(template.versions.at(-1)?.number ?? ""),
      }),
      instances: instancesOf(view, sight),
      ...(group?.status && { asgStatus: group.status }),
    },
    conditions: conditionsOf(saying),
    annotations: {
      [CAPA_ANNOTATION]: "true",
      ...(template && { [LAST_APPLIED_TAGS_ANNOTATION]: tagsAsJson(tagsToRemember(sight)) }),
    },
  };
}

/** An instance that is not up to date runs some older version; which, this account cannot tell. Absence says so to readers. */
const instancesOf = (view: GroupView | undefined, { kubernetesVersion }: AwsSight) =>
  (view?.instances ?? []).map(({ instanceId, upToDate }) => ({
    instanceID: instanceId,
    ...(upToDate && { version: kubernetesVersion ?? "unknown" }),
  }));

/** A tag that is wished no longer is forgotten only when it is gone from both. */
function tagsToRemember({ appliedTags, additionalTags, group, template }: AwsSight): Tags {
  const isLeft = (key: string) => key in (group?.tags ?? {}) || key in (template?.tags ?? {});
  const left = Object.entries(appliedTags).filter(([key]) => !(key in additionalTags) && isLeft(key));
  return { ...Object.fromEntries(left), ...additionalTags };
}
