/** The EC2 operations that a drain and a group need: instances and launch templates. */
import { z } from "zod";
import { type Actions, action, page, whole } from "./action.ts";
import type { ApiSetup } from "./api-setup.ts";
import { AwsError } from "./errors.ts";
import type { Instance } from "./fleet.ts";
import type { Template, TemplateSpec } from "./templates.ts";

const STATE_CODES = { pending: 0, running: 16, "shutting-down": 32, terminated: 48 } as const;
const stateOf = (state: Instance["state"]) => ({ Code: STATE_CODES[state], Name: state });

const ids = z.array(z.string()).default([]);
const tags = z.array(z.object({ Key: z.string(), Value: z.string().default("") })).default([]);
const templateData = z.object({
  InstanceType: z.string().default("m7g.large"),
  ImageId: z.string().default("ami-0123456789abcdef0"),
  TagSpecifications: z.array(z.object({ ResourceType: z.string(), Tags: tags })).default([]),
  InstanceMarketOptions: z.object({ MarketType: z.string() }).optional(),
  CapacityReservationSpecification: z
    .object({ CapacityReservationTarget: z.object({ CapacityReservationId: z.string() }) })
    .optional(),
});
const filter = z.object({ Name: z.string(), Values: z.array(z.string()) });

const FILTERS: Readonly<Record<string, (one: Instance) => string | undefined>> = {
  "instance-id": (one) => one.id,
  "capacity-reservation-id": (one) => one.capacityReservationId,
  "instance-state-name": (one) => one.state,
  "private-dns-name": (one) => one.privateDnsName,
};

const like = (pattern: string, value: string) =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
  ).test(value);

const passes = (one: Instance) => (given: z.output<typeof filter>) => {
  if (given.Name === "tag-key")
    return Object.keys(one.tags).some((key) => given.Values.some((pattern) => like(pattern, key)));
  const read = given.Name.startsWith("tag:") ? () => one.tags[given.Name.slice(4)] : FILTERS[given.Name];
  if (!read) throw new AwsError("InvalidParameterValue", `The filter '${given.Name}' is invalid`);
  const value = read(one);
  return value !== undefined && given.Values.some((pattern) => like(pattern, value));
};

const described = (one: Instance) => ({
  InstanceId: one.id,
  ImageId: one.imageId,
  InstanceType: one.instanceType,
  State: stateOf(one.state),
  PrivateDnsName: one.state === "terminated" ? "" : one.privateDnsName,
  PrivateIpAddress: one.state === "terminated" ? undefined : one.privateIp,
  SubnetId: one.subnetId,
  LaunchTime: one.launchTime,
  Placement: { AvailabilityZone: one.zone },
  InstanceLifecycle: one.spot ? "spot" : undefined,
  CapacityReservationId: one.capacityReservationId,
  Tags: Object.entries(one.tags).map(([Key, Value]) => ({ Key, Value })),
});

function toSpec(data: z.output<typeof templateData>): TemplateSpec {
  const given = data.TagSpecifications.filter(({ ResourceType }) => ResourceType === "instance").flatMap(
    (one) => one.Tags,
  );
  const reservation = data.CapacityReservationSpecification?.CapacityReservationTarget.CapacityReservationId;
  return {
    instanceType: data.InstanceType,
    imageId: data.ImageId,
    spot: data.InstanceMarketOptions?.MarketType === "spot",
    tags: Object.fromEntries(given.map(({ Key, Value }) => [Key, Value])),
    ...(reservation ? { capacityReservationId: reservation } : {}),
  };
}

const describedTemplate = ({ id, name, createdTime, versions }: Template) => ({
  LaunchTemplateId: id,
  LaunchTemplateName: name,
  CreateTime: createdTime,
  DefaultVersionNumber: 1,
  LatestVersionNumber: versions.length,
});

const NAMED = { LaunchTemplateId: z.string().optional(), LaunchTemplateName: z.string().optional() };

export function templateOperations({ templates }: ApiSetup): Actions {
  return {
    CreateLaunchTemplate: action(
      z.object({ LaunchTemplateName: z.string(), LaunchTemplateData: templateData.prefault({}) }),
      (input) => ({
        LaunchTemplate: describedTemplate(templates.create(input.LaunchTemplateName, toSpec(input.LaunchTemplateData))),
      }),
    ),
    CreateLaunchTemplateVersion: action(
      z.object({ ...NAMED, LaunchTemplateData: templateData.prefault({}) }),
      (input) => {
        const { id, name, versions } = templates.addVersion(templates.known(input), toSpec(input.LaunchTemplateData));
        return {
          LaunchTemplateVersion: { LaunchTemplateId: id, LaunchTemplateName: name, VersionNumber: versions.length },
        };
      },
    ),
    DescribeLaunchTemplates: action(z.object({ LaunchTemplateIds: ids, LaunchTemplateNames: ids }), (input) => {
      const asked = [
        ...input.LaunchTemplateIds.map((LaunchTemplateId) => templates.known({ LaunchTemplateId })),
        ...input.LaunchTemplateNames.map((LaunchTemplateName) => templates.known({ LaunchTemplateName })),
      ];
      return { LaunchTemplates: (asked.length > 0 ? asked : templates.all()).map(describedTemplate) };
    }),
  };
}

export function instanceOperations({ fleet, reading }: ApiSetup): Actions {
  const known = (all: readonly Instance[], id: string): Instance => {
    if (!/^i-[0-9a-f]{8,17}$/.test(id)) throw new AwsError("InvalidInstanceID.Malformed", `Invalid id: "${id}"`);
    const found = all.find((one) => one.id === id);
    if (found) return found;
    throw new AwsError("InvalidInstanceID.NotFound", `The instance ID '${id}' does not exist`);
  };

  return {
    DescribeInstances: action(
      z.object({
        InstanceIds: ids,
        Filters: z.array(filter).default([]),
        MaxResults: whole(5, 1000).default(1000),
        NextToken: z.string().optional(),
      }),
      (input) => {
        const all = fleet.seen(reading.lagSeconds);
        const asked = input.InstanceIds.length > 0 ? input.InstanceIds.map((id) => known(all, id)) : all;
        const found = asked.filter((one) => input.Filters.every(passes(one)));
        const { items, ...next } = page(
          found,
          { MaxRecords: input.MaxResults, NextToken: input.NextToken },
          reading.pageSize,
        );
        return { Reservations: items.map((one) => ({ Instances: [described(one)] })), ...next };
      },
    ),
    TerminateInstances: action(z.object({ InstanceIds: z.array(z.string()).min(1) }), (input) => {
      const found = input.InstanceIds.map((id) => known(fleet.all(), id));
      const TerminatingInstances = found.map(({ id, state }) => {
        fleet.terminate(id);
        return {
          InstanceId: id,
          PreviousState: stateOf(state),
          CurrentState: stateOf(fleet.get(id)?.state ?? "terminated"),
        };
      });
      return { TerminatingInstances };
    }),
  };
}
