/** A group has launched an instance, failed to, or ended one: whoever reconciles its pool looks. */
import * as z from "zod";
import type { Trigger } from "../../../api/trigger.ts";
import { parsed } from "../../event-reading.ts";
import { type Parser, readEnvelope } from "./parser.ts";

const RESULT = /^EC2 Instance (Launch|Terminate) (Successful|Unsuccessful)$/;
const detail = z.object({ AutoScalingGroupName: z.string().min(1) });

export const parseGroupChange: Parser = (event): Trigger | undefined => {
  const read = readEnvelope(event);
  if (read?.source !== "aws.autoscaling" || !RESULT.test(read.detailType)) return undefined;
  const groupName = parsed(detail, read.detail)?.AutoScalingGroupName;
  return groupName === undefined ? undefined : { kind: "group", event: "GroupChange", groupName };
};
