/** AWS refuses what was applied: the pool says so in AWS's words, and heals when a person mends it. */
import { awsMachinePools } from "../../../../lib/api/aws/aws-machine-pool.ts";
import { countersTrue, judgeBy, leftMany, type Rule } from "./promises.ts";
import { type FullStage, POOL_AT } from "./stage.ts";
import { type FullStory, isAtRest } from "./story.ts";

/** Well-formed, and nobody's. */
const BAD_IMAGE = "ami-00000000000000bad";

const isRefused = ({ awsMachinePool }: FullStage): boolean =>
  awsMachinePool()?.status?.conditions?.some(
    ({ type, status, message }) => type === "Ready" && status === "False" && message?.includes(BAD_IMAGE),
  ) ?? false;

const saidWhy: Rule = ({ said }) => ({
  promise: "conditions of the AWSMachinePool named the image that AWS refused",
  seen: said.join("; ") || "nothing said",
  kept: ["Ready", "ASGReady"].every((type) => said.some((one) => one.startsWith(type) && one.includes(BAD_IMAGE))),
});

export const poolRefused: FullStory = {
  name: "pool-refused",
  title: "A pool is applied with an image that does not exist, and mended",
  acts: [
    {
      title: "the pool says that the image does not exist",
      begin: async ({ cloud, applyPool }) => {
        cloud.aws.cloud.images.withdraw(BAD_IMAGE);
        await applyPool({ awsLaunchTemplate: { ami: { id: BAD_IMAGE } } });
      },
      isDone: isRefused,
      maxSeconds: 120,
    },
    {
      title: "without the image in its spec the pool runs",
      begin: async ({ management }) => {
        const body = { spec: { awsLaunchTemplate: { ami: null } } };
        await management.patch(awsMachinePools, POOL_AT, { type: "merge", body });
      },
      isDone: (stage) => isAtRest(stage, 3),
      maxSeconds: 600,
    },
  ],
  promises: judgeBy(saidWhy, countersTrue(3), leftMany(0)),
};
