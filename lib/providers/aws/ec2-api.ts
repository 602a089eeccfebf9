/** The one call to EC2 that we use, off the hot path: its client is the heaviest of all and is loaded when first needed. */
import type { DescribeInstancesCommandInput, EC2Client } from "@aws-sdk/client-ec2";
import { ProviderError } from "../errors.ts";
import { asAws } from "./errors.ts";

export interface Ec2Instance {
  readonly instanceId: string;
  /** pending, running, stopping, stopped, shutting-down or terminated. */
  readonly state: string;
}

/** Every call throws ProviderError. */
export interface Ec2Api {
  /** undefined: EC2 knows no such instance. */
  instanceState(instanceId: string): Promise<string | undefined>;
  /** Ids of the instances that live in a capacity reservation. */
  instancesOfReservation(reservationId: string): Promise<readonly string[]>;
}

/**
 * @param client  loads and makes the client, once per sandbox
 * @param signal  ends calls in flight with the invocation
 */
export function ec2Api(client: () => Promise<EC2Client>, signal?: AbortSignal): Ec2Api {
  const describe = async (wanted: DescribeInstancesCommandInput): Promise<readonly Ec2Instance[]> => {
    const { DescribeInstancesCommand } = await import("@aws-sdk/client-ec2");
    const made = await client();
    const found: Ec2Instance[] = [];
    let token: string | undefined;
    do {
      const command = new DescribeInstancesCommand({ ...wanted, ...(token ? { NextToken: token } : {}) });
      const page = await made.send(command, signal ? { abortSignal: signal } : {});
      const instances = (page.Reservations ?? []).flatMap(({ Instances }) => Instances ?? []);
      found.push(
        ...instances.map(({ InstanceId = "", State }) => ({ instanceId: InstanceId, state: State?.Name ?? "" })),
      );
      token = page.NextToken;
    } while (token);
    return found;
  };
  return {
    instanceState: async (instanceId) => {
      const asked = asAws("ec2:DescribeInstances", () => describe({ InstanceIds: [instanceId] }));
      const found = await asked.catch(noneIfUnknown);
      return found.find((one) => one.instanceId === instanceId)?.state;
    },
    instancesOfReservation: async (reservationId) => {
      const Filters = [
        { Name: "capacity-reservation-id", Values: [reservationId] },
        { Name: "instance-state-name", Values: ["pending", "running"] },
      ];
      const found = await asAws("ec2:DescribeInstances", () => describe({ Filters }));
      return found.map(({ instanceId }) => instanceId);
    },
  };
}

function noneIfUnknown(error: unknown): readonly Ec2Instance[] {
  if (error instanceof ProviderError && error.kind === "not-found") return [];
  throw error;
}
