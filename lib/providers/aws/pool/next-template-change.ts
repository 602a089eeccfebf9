/** What a launch template needs next: to be made, a new version, an old version taken away, its tags. */

import type { RequestLaunchTemplateData } from "@aws-sdk/client-ec2";
import { type Tags, wrongTags } from "../../applied-tags.ts";
import type { AwsChange } from "./changes.ts";
import { deleteObject } from "./next-object-change.ts";
import { isActive } from "./outdated.ts";
import type { AwsSight, TemplateFacts } from "./sight.ts";
import { tagList } from "./tags.ts";
import { mustReplace, sha256, type TemplateData, wholeFingerprint } from "./template-fingerprint.ts";

/** Old versions that nobody uses and that may stay, for a person to compare. */
const OLD_VERSIONS_KEPT = 2;

/** EC2's own type has enumerations where the CRD has texts; its API checks them. */
const asRequest = (data: TemplateData): RequestLaunchTemplateData => data as RequestLaunchTemplateData;

export function createTemplate({ wish, template }: AwsSight): AwsChange | undefined {
  if (!wish || template) return undefined;
  return {
    do: "CreateLaunchTemplate",
    because: "NoLaunchTemplate",
    input: {
      LaunchTemplateName: wish.name,
      LaunchTemplateData: asRequest(wish.templateData),
      VersionDescription: wish.templateDescription,
      TagSpecifications: [{ ResourceType: "launch-template", Tags: tagList(wish.templateTags) }],
    },
  };
}

/** A version made while a refresh runs would not be rolled out by it. */
export function cancelRefresh(sight: AwsSight): AwsChange | undefined {
  const { group, refresh } = sight;
  if (!group || !needsRoll(sight) || !isActive(refresh)) return undefined;
  if (refresh?.status === "Cancelling" || refresh?.status === "RollbackInProgress") return undefined;
  return {
    do: "CancelInstanceRefresh",
    because: "TemplateChanges",
    input: { AutoScalingGroupName: sight.name },
  };
}

export function newVersion(sight: AwsSight): AwsChange | undefined {
  const { wish, template, group, refresh } = sight;
  const latest = template?.versions.at(-1);
  if (!wish || !template || !latest) return undefined;
  if (wholeFingerprint(wish.templateData) === wholeFingerprint(latest.data)) return undefined;
  if (group && needsRoll(sight) && isActive(refresh)) return undefined;
  return {
    do: "CreateLaunchTemplateVersion",
    because: needsRoll(sight) ? "TemplateChanged" : "BootstrapDataChanged",
    input: {
      LaunchTemplateId: template.id,
      LaunchTemplateData: asRequest(wish.templateData),
      VersionDescription: wish.templateDescription,
      ClientToken: token(sight, `${template.id}/${latest.number}`),
    },
  };
}

const TOKEN_MILLISECONDS = 600_000;

/**
 * Overlapping passes make one version of one content. With the number of the version before: the same content may come back
 * after another. And for some minutes only: EC2 answers a known token even where the version was deleted since.
 */
const token = ({ wish, now }: AwsSight, before: string) => {
  const window = Math.floor(now.getTime() / TOKEN_MILLISECONDS);
  return sha256(JSON.stringify([before, window, wish && wholeFingerprint(wish.templateData)]));
};

/** The next version would differ from the latest in something that running instances have to get. */
export function needsRoll({ wish, template }: AwsSight): boolean {
  const latest = template?.versions.at(-1);
  return !!wish && !!latest && mustReplace(latest.data, wish.templateData);
}

export function pruneVersion(sight: AwsSight): AwsChange | undefined {
  const { wish, template, group } = sight;
  if (!wish || !template) return undefined;
  const inUse = new Set((group?.instances ?? []).map(({ templateVersion }) => templateVersion));
  const latest = template.versions.at(-1)?.number;
  const old = template.versions.filter(
    ({ number }) => number !== latest && number !== template.defaultVersion && !inUse.has(number),
  );
  const [oldest] = old;
  if (!oldest || old.length <= OLD_VERSIONS_KEPT) return undefined;
  return deleteObject(sight, [oldest], {
    do: "DeleteLaunchTemplateVersions",
    because: "OldVersions",
    input: { LaunchTemplateId: template.id, Versions: [String(oldest.number)] },
  });
}

export function tagTemplate({ wish, template, appliedTags, additionalTags }: AwsSight): AwsChange | undefined {
  if (!wish || !template) return undefined;
  const wrong = wrongTags(wish.templateTags, template.tags);
  if (Object.keys(wrong).length > 0) {
    return { do: "TagTemplate", because: "Tags", input: { Resources: [template.id], Tags: tagList(wrong) } };
  }
  const gone = goneTags(template, { appliedTags, additionalTags, wished: wish.templateTags });
  if (gone.length === 0) return undefined;
  return {
    do: "UntagTemplate",
    because: "Tags",
    input: { Resources: [template.id], Tags: gone.map((Key) => ({ Key })) },
  };
}

interface TagHistory {
  readonly appliedTags: Tags;
  readonly additionalTags: Tags;
  readonly wished: Tags;
}

/** Applied by an earlier pass and wished no longer; keys that nobody applied are somebody else's. */
export const goneTags = (
  { tags }: Pick<TemplateFacts, "tags">,
  { appliedTags, additionalTags, wished }: TagHistory,
): readonly string[] =>
  Object.keys(appliedTags)
    .filter((key) => !(key in additionalTags) && !(key in wished) && key in tags)
    .sort();
