/** The cloud's event never arrives; the sweep finds the instance that waits. */
import { SetDesiredCapacityCommand } from "@aws-sdk/client-auto-scaling";
import { POOL } from "./stage.ts";
import {
  allGone,
  budgetsKept,
  holdsContinued,
  noPodKilled,
  nothingDeleted,
  nothingFailed,
  type Story,
} from "./story.ts";

export const eventLost: Story = {
  name: "event-lost",
  title: "The group is scaled in, and its event is lost on purpose",
  stage: {},
  maxSeconds: 400,
  begin: async ({ autoScaling, cloud }) => {
    cloud.aws.cloud.dropEvents({ match: { "detail-type": ["EC2 Instance-terminate Lifecycle Action"] }, times: 1 });
    const command = new SetDesiredCapacityCommand({ AutoScalingGroupName: POOL, DesiredCapacity: 2 });
    await autoScaling.send(command);
  },
  promises: (seen) =>
    [noPodKilled, budgetsKept, nothingDeleted, holdsContinued, allGone, nothingFailed].map((rule) => rule(seen)),
};
