/** The group is scaled in; the hook holds the instance until its Node is drained, whether its event arrives or not. */
import { SetDesiredCapacityCommand } from "@aws-sdk/client-auto-scaling";
import { POOL, type Stage } from "./stage.ts";
import {
  allGone,
  budgetsKept,
  holdsContinued,
  noPodKilled,
  nothingDeleted,
  nothingFailed,
  type Story,
} from "./story.ts";

const takeOne = ({ autoScaling }: Stage) =>
  autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: POOL, DesiredCapacity: 2 }));
const promises: Story["promises"] = (seen) =>
  [noPodKilled, budgetsKept, nothingDeleted, holdsContinued, allGone, nothingFailed].map((rule) => rule(seen));

export const scaleIn: Story = {
  name: "scale-in",
  title: "The Auto Scaling group is scaled in from 3 to 2",
  stage: {},
  maxSeconds: 300,
  begin: takeOne,
  promises,
};

/** The sweep finds the instance that waits. */
export const eventLost: Story = {
  name: "event-lost",
  title: "The group is scaled in, and its event is lost on purpose",
  stage: {},
  maxSeconds: 400,
  begin: async (stage) => {
    const match = { "detail-type": ["EC2 Instance-terminate Lifecycle Action"] };
    stage.cloud.aws.cloud.dropEvents({ match, times: 1 });
    await takeOne(stage);
  },
  promises,
};
