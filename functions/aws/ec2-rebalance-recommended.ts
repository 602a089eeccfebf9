/** EC2 thinks that a Spot instance may soon be interrupted; LIFEGUARD_REBALANCE_POLICY says what that means. */
import { readRebalance } from "../../lib/providers/aws/events/index.ts";
import { noticeEntry } from "./runtime/notice.ts";

export const handler = noticeEntry(() => readRebalance);
