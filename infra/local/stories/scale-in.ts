/** The group is scaled in; the hook holds the instance until its Node is drained. */
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

export const scaleIn: Story = {
  name: "scale-in",
  title: "The Auto Scaling group is scaled in from 3 to 2",
  stage: {},
  maxSeconds: 300,
  begin: async ({ autoScaling }) => {
    const command = new SetDesiredCapacityCommand({ AutoScalingGroupName: POOL, DesiredCapacity: 2 });
    await autoScaling.send(command);
  },
  promises: (seen) =>
    [noPodKilled, budgetsKept, nothingDeleted, holdsContinued, allGone, nothingFailed].map((rule) => rule(seen)),
};
