/** The common part of EC2's events about one instance: `detail.instance-id` counts, the ARN beside it is not reliable. */
import * as z from "zod";
import { parsed } from "../../event-reading.ts";
import { isInstanceId } from "../provider-id.ts";
import { readEnvelope } from "./parser.ts";

const detail = z.object({
  "instance-id": z.string().refine(isInstanceId),
  "instance-action": z.string().optional(),
  "instance-termination-time": z.string().optional(),
  state: z.string().optional(),
});

export interface Ec2InstanceEvent {
  readonly instanceId: string;
  readonly time: string | undefined;
  readonly state: string | undefined;
  readonly terminationTime: string | undefined;
}

export function readEc2InstanceEvent(event: unknown, detailTypes: readonly string[]): Ec2InstanceEvent | undefined {
  const read = readEnvelope(event);
  if (read?.source !== "aws.ec2" || !detailTypes.includes(read.detailType)) return undefined;
  const found = parsed(detail, read.detail);
  if (!found) return undefined;
  return {
    instanceId: found["instance-id"],
    time: read.time,
    state: found.state,
    terminationTime: found["instance-termination-time"],
  };
}
