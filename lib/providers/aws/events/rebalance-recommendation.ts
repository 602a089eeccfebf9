/** EC2 thinks that a Spot instance may soon be interrupted; often it is not, so the policy decides. */

import { leaving, noticeOf } from "../../event-reading.ts";
import { readEc2InstanceEvent } from "./ec2-instance-event.ts";
import { byPolicy, type Parser } from "./parser.ts";

export const parseRebalanceRecommendation: Parser = (event, reading) => {
  const read = readEc2InstanceEvent(event, ["EC2 Instance Rebalance Recommendation"]);
  if (!read) return undefined;
  const { noticeTime, warnings } = noticeOf(read.time, reading);
  const instance = { instanceId: read.instanceId, cause: "RebalanceRecommendation", noticeTime } as const;
  return byPolicy(reading.rebalancePolicy, leaving("RebalanceRecommendation", [instance], warnings));
};
