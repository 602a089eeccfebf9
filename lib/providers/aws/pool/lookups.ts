/** What EC2 and SSM are asked before a template or a group can be wished for; answers that never change are kept. */

import type { EC2Client } from "@aws-sdk/client-ec2";
import type { Tags } from "../../applied-tags.ts";
import { ProviderError } from "../../errors.ts";
import { asAws } from "../errors.ts";
import type { PoolClients } from "./clients.ts";

export interface LookupFilter {
  readonly name: string;
  readonly values: readonly string[];
}

/** Every call throws ProviderError. */
export interface Lookups {
  subnets(filters: readonly LookupFilter[]): Promise<readonly { readonly id: string; readonly tags: Tags }[]>;
  securityGroups(filters: readonly LookupFilter[]): Promise<readonly string[]>;
  newestImage(wanted: {
    readonly owner: string;
    readonly name: string;
    readonly architecture: string;
  }): Promise<string | undefined>;
  /** undefined: no such image. */
  rootDevice(imageId: string): Promise<RootDevice | undefined>;
  architecture(instanceType: string): Promise<string>;
  /** undefined: no such parameter. */
  parameter(name: string): Promise<string | undefined>;
}

export interface RootDevice {
  readonly name: string;
  readonly gibibytes: number;
}

/** One per sandbox: what an instance type or an image is does not change. */
export interface LookupCache {
  readonly architectures: Map<string, string>;
  readonly rootDevices: Map<string, RootDevice>;
}

const toFilters = (filters: readonly LookupFilter[]) =>
  filters.map(({ name, values }) => ({ Name: name, Values: [...values] }));

export function awsLookups(clients: PoolClients, cache: LookupCache, signal?: AbortSignal): Lookups {
  const options = signal ? { abortSignal: signal } : {};
  const ask = <T>(action: string, call: (client: EC2Client, sdk: typeof import("@aws-sdk/client-ec2")) => Promise<T>) =>
    asAws(action, async () => call(await clients.ec2(), await import("@aws-sdk/client-ec2")));
  return {
    subnets: (filters) =>
      ask("ec2:DescribeSubnets", async (client, { DescribeSubnetsCommand }) => {
        const { Subnets = [] } = await client.send(
          new DescribeSubnetsCommand({ Filters: toFilters(filters) }),
          options,
        );
        return Subnets.map(({ SubnetId = "", Tags = [] }) => ({
          id: SubnetId,
          tags: Object.fromEntries(Tags.map(({ Key = "", Value = "" }) => [Key, Value])),
        }));
      }),
    securityGroups: (filters) =>
      ask("ec2:DescribeSecurityGroups", async (client, { DescribeSecurityGroupsCommand }) => {
        const command = new DescribeSecurityGroupsCommand({ Filters: toFilters(filters) });
        const { SecurityGroups = [] } = await client.send(command, options);
        return SecurityGroups.flatMap(({ GroupId }) => GroupId ?? []);
      }),
    newestImage: ({ owner, name, architecture }) =>
      ask("ec2:DescribeImages", async (client, { DescribeImagesCommand }) => {
        const filters = {
          "owner-id": owner,
          name,
          architecture,
          state: "available",
          "virtualization-type": "hvm",
        };
        const Filters = Object.entries(filters).map(([Name, value]) => ({ Name, Values: [value] }));
        const { Images = [] } = await client.send(new DescribeImagesCommand({ Filters }), options);
        return [...Images].sort((a, b) => ((a.CreationDate ?? "") < (b.CreationDate ?? "") ? 1 : -1))[0]?.ImageId;
      }),
    rootDevice: async (imageId) => {
      const known = cache.rootDevices.get(imageId);
      if (known) return known;
      const asked = ask("ec2:DescribeImages", (client, { DescribeImagesCommand }) =>
        client.send(new DescribeImagesCommand({ ImageIds: [imageId] }), options),
      );
      const image = (await asked.catch(nothingIfInvalid))?.Images?.[0];
      if (!image?.RootDeviceName) return undefined;
      const mapping = image.BlockDeviceMappings?.find(({ DeviceName }) => DeviceName === image.RootDeviceName);
      const device = { name: image.RootDeviceName, gibibytes: mapping?.Ebs?.VolumeSize ?? 0 };
      cache.rootDevices.set(imageId, device);
      return device;
    },
    architecture: async (instanceType) => {
      const known = cache.architectures.get(instanceType);
      if (known) return known;
      const found = await ask("ec2:DescribeInstanceTypes", async (client, { DescribeInstanceTypesCommand }) => {
        const command = new DescribeInstanceTypesCommand({ InstanceTypes: [instanceType as never] });
        const supported = (await client.send(command, options)).InstanceTypes?.[0]?.ProcessorInfo
          ?.SupportedArchitectures;
        return supported?.find((one) => one === "x86_64" || one === "arm64") ?? "x86_64";
      });
      cache.architectures.set(instanceType, found);
      return found;
    },
    parameter: async (name) => {
      const asked = asAws("ssm:GetParameter", async () => {
        const { GetParameterCommand } = await import("@aws-sdk/client-ssm");
        return (await clients.ssm()).send(new GetParameterCommand({ Name: name }), options);
      });
      return (await asked.catch(nothingIfUnknown))?.Parameter?.Value;
    },
  };
}

const nothingIf =
  (...kinds: readonly ProviderError["kind"][]) =>
  (error: unknown): undefined => {
    if (error instanceof ProviderError && kinds.includes(error.kind)) return undefined;
    throw error;
  };
const nothingIfUnknown = nothingIf("not-found");
/** EC2 has a code of its own for an unknown image, which is a client's mistake like others. */
const nothingIfInvalid = nothingIf("not-found", "invalid");
