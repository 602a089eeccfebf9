/** Reads a launch template with all its versions, and when instances were launched, as plain facts. */
import type { EC2Client } from "@aws-sdk/client-ec2";
import { ProviderError } from "../../errors.ts";
import { asAws } from "../errors.ts";
import type { PoolClients } from "./clients.ts";
import type { TemplateFacts, VersionFacts } from "./sight.ts";

type Sdk = typeof import("@aws-sdk/client-ec2");
const IDS_PER_CALL = 100;

/** Every call throws ProviderError. */
export interface TemplateReader {
  /** undefined: there is none. */
  template(name: string): Promise<TemplateFacts | undefined>;
  /** Instance id -> RFC 3339; those that EC2 does not know (yet) are left out. */
  launchTimes(instanceIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

export function templateReader(clients: PoolClients, signal?: AbortSignal): TemplateReader {
  const options = signal ? { abortSignal: signal } : {};
  const ask = <T>(action: string, call: (client: EC2Client, sdk: Sdk) => Promise<T>) =>
    asAws(`ec2:${action}`, async () => call(await clients.ec2(), await import("@aws-sdk/client-ec2")));
  const versions = async (LaunchTemplateId: string): Promise<readonly VersionFacts[]> => {
    const found: VersionFacts[] = [];
    let token: string | undefined;
    do {
      const input = { LaunchTemplateId, ...(token && { NextToken: token }) };
      const page = await ask("DescribeLaunchTemplateVersions", (client, { DescribeLaunchTemplateVersionsCommand }) =>
        client.send(new DescribeLaunchTemplateVersionsCommand(input), options),
      );
      for (const one of page.LaunchTemplateVersions ?? []) {
        found.push({
          number: one.VersionNumber ?? 0,
          description: one.VersionDescription ?? "",
          ...(one.CreateTime && { createTime: one.CreateTime }),
          data: one.LaunchTemplateData ?? {},
        });
      }
      token = page.NextToken;
    } while (token);
    // The order of the answer is documented nowhere.
    return found.sort((a, b) => a.number - b.number);
  };
  return {
    template: async (name) => {
      const asked = ask("DescribeLaunchTemplates", (client, { DescribeLaunchTemplatesCommand }) =>
        client.send(new DescribeLaunchTemplatesCommand({ LaunchTemplateNames: [name] }), options),
      );
      const found = (await asked.catch(nothingIfUnknown))?.LaunchTemplates?.[0];
      if (!found?.LaunchTemplateId) return undefined;
      return {
        id: found.LaunchTemplateId,
        defaultVersion: found.DefaultVersionNumber ?? 1,
        tags: Object.fromEntries((found.Tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value])),
        versions: await versions(found.LaunchTemplateId),
      };
    },
    launchTimes: async (instanceIds) => {
      const times = new Map<string, string>();
      for (let start = 0; start < instanceIds.length; start += IDS_PER_CALL) {
        const Filters = [{ Name: "instance-id", Values: instanceIds.slice(start, start + IDS_PER_CALL) }];
        const page = await ask("DescribeInstances", (client, { DescribeInstancesCommand }) =>
          client.send(new DescribeInstancesCommand({ Filters }), options),
        );
        for (const { InstanceId, LaunchTime } of (page.Reservations ?? []).flatMap(({ Instances = [] }) => Instances)) {
          if (InstanceId && LaunchTime) times.set(InstanceId, LaunchTime.toISOString());
        }
      }
      return times;
    },
  };
}

function nothingIfUnknown(error: unknown): undefined {
  if (error instanceof ProviderError && error.kind === "not-found") return undefined;
  throw error;
}
