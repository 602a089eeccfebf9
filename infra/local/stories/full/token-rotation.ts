/** The bootstrap token is rotated: who has joined stays, and who is launched afterwards joins with the new one. */
import { capacityKept, countersTrue, judgeBy, leftMany } from "./promises.ts";
import { type FullStory, isAtRest } from "./story.ts";

const templateVersion = (status: { readonly launchTemplateVersion?: string } | undefined) =>
  Number(status?.launchTemplateVersion ?? 0);

export const tokenRotation: FullStory = {
  name: "token-rotation",
  title: "The join token in the bootstrap Secret is rotated, and later a Node is added",
  pool: {},
  acts: [
    {
      title: "the Secret has a new token, and the launch template a new version",
      begin: ({ bootstrap }) => bootstrap.rotate(),
      isDone: (stage) => templateVersion(stage.awsMachinePool()?.status) === 2 && isAtRest(stage, 3),
      maxSeconds: 120,
    },
    {
      title: "a fourth instance joins with the new token",
      begin: ({ scaleTo }) => scaleTo(4),
      isDone: (stage) => isAtRest(stage, 4),
      maxSeconds: 300,
    },
  ],
  promises: judgeBy(countersTrue(4), capacityKept(3), leftMany(0)),
};
