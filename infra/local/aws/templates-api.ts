/** The launch template operations of EC2. */
import { z } from "zod";
import { type Actions, type Answer, action, whole } from "./action.ts";
import type { ApiSetup } from "./api-setup.ts";
import { tagList } from "./ec2-filters.ts";
import { AwsError } from "./errors.ts";
import { type NewVersion, type Template, type TemplateVersion, versionNamed } from "./templates.ts";

const ids = z.array(z.string()).default([]);
const tags = z.array(z.object({ Key: z.string(), Value: z.string().default("") })).default([]);
const tagSpecifications = z.array(z.object({ ResourceType: z.string(), Tags: tags }));
const templateData = z.looseObject({
  InstanceType: z.string().exactOptional(),
  ImageId: z.string().exactOptional(),
  UserData: z.base64().exactOptional(),
  TagSpecifications: tagSpecifications.exactOptional(),
  InstanceMarketOptions: z.looseObject({ MarketType: z.string() }).exactOptional(),
  CapacityReservationSpecification: z
    .looseObject({ CapacityReservationTarget: z.object({ CapacityReservationId: z.string() }).exactOptional() })
    .exactOptional(),
});
const named = { LaunchTemplateId: z.string().optional(), LaunchTemplateName: z.string().optional() };
const adding = {
  ClientToken: z.string().max(128).optional(),
  VersionDescription: z.string().max(255).optional(),
  LaunchTemplateData: templateData.prefault({}),
};
const MOST_USER_DATA_BYTES = 16_384;

const tagsFor = (specifications: z.output<typeof tagSpecifications>, resource: string) =>
  Object.fromEntries(
    specifications
      .filter(({ ResourceType }) => ResourceType === resource)
      .flatMap((one) => one.Tags)
      .map(({ Key, Value }) => [Key, Value]),
  );

function toVersion(data: z.output<typeof templateData>, description: string | undefined): NewVersion {
  if (Buffer.from(data.UserData ?? "", "base64").length > MOST_USER_DATA_BYTES) {
    throw new AwsError("InvalidUserData.Malformed", "User data is limited to 16384 bytes");
  }
  const reservation = data.CapacityReservationSpecification?.CapacityReservationTarget?.CapacityReservationId;
  const spec = {
    instanceType: data.InstanceType ?? "m7g.large",
    imageId: data.ImageId ?? "ami-0123456789abcdef0",
    spot: data.InstanceMarketOptions?.MarketType === "spot",
    tags: tagsFor(data.TagSpecifications ?? [], "instance"),
    ...(reservation ? { capacityReservationId: reservation } : {}),
  };
  return { spec, data, ...(description === undefined ? {} : { description }) };
}

/** The same token gives the same answer again. */
function createTokens() {
  const answers = new Map<string, Answer>();
  return (token: string | undefined, run: () => Answer): Answer => {
    const before = token === undefined ? undefined : answers.get(token);
    if (before) return before;
    const answer = run();
    if (token !== undefined) answers.set(token, answer);
    return answer;
  };
}

export function templateOperations({ templates, resourceTags }: ApiSetup): Actions {
  const once = createTokens();
  const described = ({ id, name, createdTime, defaultVersion, lastNumber }: Template) => ({
    LaunchTemplateId: id,
    LaunchTemplateName: name,
    CreateTime: createdTime,
    DefaultVersionNumber: defaultVersion,
    LatestVersionNumber: lastNumber,
    Tags: tagList(resourceTags.of(id)),
  });
  const describedVersion = (template: Template, one: TemplateVersion) => ({
    LaunchTemplateId: template.id,
    LaunchTemplateName: template.name,
    VersionNumber: one.number,
    VersionDescription: one.description,
    CreateTime: one.createdTime,
    DefaultVersion: one.number === template.defaultVersion,
    LaunchTemplateData: one.data,
  });
  return {
    CreateLaunchTemplate: action(
      z.object({ LaunchTemplateName: z.string().min(3), ...adding, TagSpecifications: tagSpecifications.default([]) }),
      (input) =>
        once(input.ClientToken, () => {
          const made = templates.create(
            input.LaunchTemplateName,
            toVersion(input.LaunchTemplateData, input.VersionDescription),
          );
          resourceTags.put(made.id, tagsFor(input.TagSpecifications, "launch-template"));
          return { LaunchTemplate: described(made) };
        }),
    ),
    CreateLaunchTemplateVersion: action(z.object({ ...named, ...adding }), (input) =>
      once(input.ClientToken, () => {
        const added = toVersion(input.LaunchTemplateData, input.VersionDescription);
        const grown = templates.addVersion(templates.known(input), added);
        const latest = grown.versions.at(-1);
        return { LaunchTemplateVersion: latest && describedVersion(grown, latest) };
      }),
    ),
    DescribeLaunchTemplates: action(z.object({ LaunchTemplateIds: ids, LaunchTemplateNames: ids }), (input) => {
      const asked = [
        ...input.LaunchTemplateIds.map((LaunchTemplateId) => templates.known({ LaunchTemplateId })),
        ...input.LaunchTemplateNames.map((LaunchTemplateName) => templates.known({ LaunchTemplateName })),
      ];
      return { LaunchTemplates: (asked.length > 0 ? asked : templates.all()).map(described) };
    }),
    DescribeLaunchTemplateVersions: action(
      z.object({
        ...named,
        LaunchTemplateVersions: ids,
        MinVersion: z.string().optional(),
        MaxVersion: z.string().optional(),
        MaxResults: whole(1, 200).default(200),
        NextToken: z.string().optional(),
      }),
      (input) => {
        const template = templates.known(input);
        const [least, most] = [Number(input.MinVersion ?? 0), Number(input.MaxVersion ?? Number.POSITIVE_INFINITY)];
        const asked = input.LaunchTemplateVersions.flatMap((wanted) => versionNamed(template, wanted) ?? []);
        const all = template.versions.filter(({ number }) => number >= least && number <= most).reverse();
        const found = input.LaunchTemplateVersions.length > 0 ? asked : all;
        const start = Number(input.NextToken ?? 0);
        const shown = found.slice(start, start + input.MaxResults);
        const next = start + shown.length < found.length ? { NextToken: String(start + shown.length) } : {};
        return { LaunchTemplateVersions: shown.map((one) => describedVersion(template, one)), ...next };
      },
    ),
    ...removals({ templates, resourceTags }),
  };
}

function removals({ templates, resourceTags }: Pick<ApiSetup, "templates" | "resourceTags">): Actions {
  const removeVersion = (given: Template, wanted: string) => {
    const template = templates.known({ LaunchTemplateId: given.id });
    const said = { LaunchTemplateId: template.id, LaunchTemplateName: template.name, VersionNumber: Number(wanted) };
    const refused = (Code: string, Message: string) => ({
      ok: false,
      said: { ...said, ResponseError: { Code, Message } },
    });
    if (!versionNamed(template, wanted)) return refused("launchTemplateVersionDoesNotExist", "It does not exist.");
    if (Number(wanted) === template.defaultVersion)
      return refused("unexpectedError", "The default version cannot be deleted.");
    templates.removeVersion(template, Number(wanted));
    return { ok: true, said };
  };
  return {
    DeleteLaunchTemplateVersions: action(
      z.object({ ...named, LaunchTemplateVersions: z.array(z.string()).min(1).max(200) }),
      (input) => {
        const template = templates.known(input);
        const results = input.LaunchTemplateVersions.map((wanted) => removeVersion(template, wanted));
        return {
          SuccessfullyDeletedLaunchTemplateVersionSet: results.filter(({ ok }) => ok).map(({ said }) => said),
          UnsuccessfullyDeletedLaunchTemplateVersionSet: results.filter(({ ok }) => !ok).map(({ said }) => said),
        };
      },
    ),
    DeleteLaunchTemplate: action(z.object(named), (input) => {
      const template = templates.known(input);
      templates.remove(template);
      resourceTags.forget(template.id);
      return { LaunchTemplate: { LaunchTemplateId: template.id, LaunchTemplateName: template.name } };
    }),
  };
}
