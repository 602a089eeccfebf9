/** What a group has done or is doing (results of launches and terminations, instance refreshes): recognised, nothing to do. */
import { nothing } from "../../event-reading.ts";
import { type Parser, readEnvelope } from "./parser.ts";

const RESULT = /^EC2 Instance (Launch|Terminate|Detach) (Successful|Unsuccessful)$/;
const REFRESH = "EC2 Auto Scaling Instance Refresh ";

/** Each instance that a refresh or a scale-in takes has a hook event of its own. */
export const parseGroupActivity: Parser = (event) => {
  const read = readEnvelope(event);
  if (read?.source !== "aws.autoscaling") return undefined;
  if (RESULT.test(read.detailType)) return nothing("GroupActivity", "AlreadyHappened");
  return read.detailType.startsWith(REFRESH) ? nothing("InstanceRefresh", "EachInstanceHasItsHook") : undefined;
};
