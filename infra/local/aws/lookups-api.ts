/** The EC2 operations that a launch template is filled from (images, subnets, security groups, instance types), and tags. */
import { z } from "zod";
import { type Actions, action } from "./action.ts";
import type { ApiSetup } from "./api-setup.ts";
import { type Filterable, filters, passes, tagList } from "./ec2-filters.ts";
import { AwsError } from "./errors.ts";
import type { Image } from "./images.ts";

const ids = z.array(z.string()).default([]);
const tags = z.array(z.object({ Key: z.string(), Value: z.string().exactOptional() }));
const VPC = "vpc-0123456789abcdef0";

/** Graviton types have a g after the generation: m7g, c7gn, t4g. */
const architectureOf = (instanceType: string) => (/^[a-z]+\d+[a-z]*g[a-z]*\./.test(instanceType) ? "arm64" : "x86_64");

function pick<Item extends { readonly id: string }>(all: readonly Item[], wanted: readonly string[], code: string) {
  const unknown = wanted.find((id) => !all.some((one) => one.id === id));
  if (unknown !== undefined) throw new AwsError(code, `The ID '${unknown}' does not exist`);
  return wanted.length === 0 ? all : all.filter(({ id }) => wanted.includes(id));
}

function imageOperations({ images, resourceTags }: ApiSetup): Actions {
  const filterable: Filterable<Image> = {
    fields: {
      name: ({ name }) => name,
      "owner-id": ({ ownerId }) => ownerId,
      architecture: ({ architecture }) => architecture,
      "image-id": ({ id }) => id,
      state: () => "available",
      "virtualization-type": () => "hvm",
    },
    tags: ({ id }) => resourceTags.of(id),
  };
  const described = (one: Image) => ({
    ImageId: one.id,
    Name: one.name,
    ImageOwnerId: one.ownerId,
    Architecture: one.architecture,
    CreationDate: one.createdTime.toISOString(),
    ImageState: "available",
    VirtualizationType: "hvm",
    RootDeviceName: one.rootDeviceName,
    RootDeviceType: "ebs",
    blockDeviceMapping: [{ DeviceName: one.rootDeviceName, Ebs: { VolumeSize: one.rootGibibytes } }],
    Tags: tagList(resourceTags.of(one.id)),
  });
  return {
    DescribeImages: action(z.object({ ImageIds: ids, Owners: ids, Filters: filters }), (input) => {
      const asked = input.ImageIds.map((id) => {
        const found = images.get(id);
        if (found) return found;
        throw new AwsError("InvalidAMIID.NotFound", `The image id '[${id}]' does not exist`);
      });
      const found = (asked.length > 0 ? asked : images.all())
        .filter(({ ownerId }) => input.Owners.length === 0 || input.Owners.includes(ownerId))
        .filter(passes(input.Filters, filterable));
      return { Images: found.map(described) };
    }),
  };
}

interface Named {
  readonly id: string;
  /** Of a subnet its zone, of a security group its name. */
  readonly name: string;
}

function networkOperations({ subnets, securityGroups, resourceTags }: ApiSetup): Actions {
  const tags = ({ id }: Named) => resourceTags.of(id);
  const listed = (all: Readonly<Record<string, string>>): Named[] =>
    Object.entries(all).map(([id, name]) => ({ id, name }));
  const subnetFilters: Filterable<Named> = {
    fields: {
      "subnet-id": ({ id }) => id,
      "availability-zone": ({ name }) => name,
      "vpc-id": () => VPC,
      state: () => "available",
    },
    tags,
  };
  const groupFilters: Filterable<Named> = {
    fields: { "group-id": ({ id }) => id, "group-name": ({ name }) => name, "vpc-id": () => VPC },
    tags,
  };
  return {
    DescribeSubnets: action(z.object({ SubnetIds: ids, Filters: filters }), (input) => {
      const found = pick(listed(subnets), input.SubnetIds, "InvalidSubnetID.NotFound");
      return {
        Subnets: found.filter(passes(input.Filters, subnetFilters)).map(({ id, name }) => ({
          SubnetId: id,
          AvailabilityZone: name,
          VpcId: VPC,
          Tags: tagList(resourceTags.of(id)),
        })),
      };
    }),
    DescribeSecurityGroups: action(z.object({ GroupIds: ids, Filters: filters }), (input) => {
      const found = pick(listed(securityGroups), input.GroupIds, "InvalidGroup.NotFound");
      return {
        securityGroupInfo: found.filter(passes(input.Filters, groupFilters)).map(({ id, name }) => ({
          GroupId: id,
          GroupName: name,
          VpcId: VPC,
          Tags: tagList(resourceTags.of(id)),
        })),
      };
    }),
  };
}

export function lookupOperations(setup: ApiSetup): Actions {
  const { resourceTags, fleet } = setup;
  const instanceTagged = (id: string, change: (old: Readonly<Record<string, string>>) => Record<string, string>) => {
    const found = fleet.get(id);
    if (!found) throw new AwsError("InvalidID", `The ID '${id}' is not valid`);
    fleet.setTags(id, change(found.tags));
  };
  return {
    ...imageOperations(setup),
    ...networkOperations(setup),
    DescribeInstanceTypes: action(z.object({ InstanceTypes: ids }), ({ InstanceTypes }) => {
      const odd = InstanceTypes.find((one) => !/^[a-z]+\d+[a-z-]*\.[a-z0-9-]+$/.test(one));
      if (odd)
        throw new AwsError("InvalidInstanceType", `The following supplied instance types do not exist: [${odd}]`);
      return {
        InstanceTypes: InstanceTypes.map((InstanceType) => ({
          InstanceType,
          ProcessorInfo: { SupportedArchitectures: [architectureOf(InstanceType)] },
        })),
      };
    }),
    CreateTags: action(z.object({ ResourceIds: ids, Tags: tags }), (input) => {
      const given = Object.fromEntries(input.Tags.map(({ Key, Value = "" }) => [Key, Value]));
      for (const id of input.ResourceIds) {
        if (id.startsWith("i-")) instanceTagged(id, (old) => ({ ...old, ...given }));
        else resourceTags.put(id, given);
      }
      return { Return: true };
    }),
    DeleteTags: action(z.object({ ResourceIds: ids, Tags: tags }), (input) => {
      const given = input.Tags.map(({ Key, Value }) => ({ key: Key, value: Value }));
      const keys = given.map(({ key }) => key);
      for (const id of input.ResourceIds) {
        if (!id.startsWith("i-")) resourceTags.remove(id, given);
        else
          instanceTagged(id, (old) => Object.fromEntries(Object.entries(old).filter(([key]) => !keys.includes(key))));
      }
      return { Return: true };
    }),
  };
}
