/** Somebody else ends an instance: a person, with a notification that waits for us or without one, or Azure, for Spot. */
import type { Instance } from "../../azure/fleet.ts";
import { countersTrue, judgeBy, leftMany, listed, oneRecordEach, type Rule } from "../full/promises.ts";
import { isAtRest } from "../full/story.ts";
import { RESOURCE_GROUP } from "./manifests.ts";
import type { AzureStory } from "./play.ts";
import { NOTIFIED } from "./pools.ts";
import { judgeTaken, nobodyElse } from "./rules.ts";
import type { AzureStage } from "./stage.ts";

/** One with a database on it, which takes longest to leave. */
function victimOf({ vms, podsOn }: AzureStage): Instance {
  const found = vms().find(({ computerName }) => podsOn(computerName).some((pod) => pod.startsWith("db-")));
  if (found) return found;
  throw new Error("db runs on no instance of the pool");
}

/** An event of Resource Manager tells: without it the sweep would take ten minutes. */
const backSoon: Rule = ({ launched }) => ({
  promise: "exactly one instance was launched in its place",
  seen: listed(launched),
  kept: launched.length === 1,
});

const deleteByHand = async (stage: AzureStage) => {
  const { scaleSet, instanceId } = victimOf(stage);
  const { virtualMachineScaleSets } = stage.compute;
  await virtualMachineScaleSets.deleteInstances(RESOURCE_GROUP, scaleSet, { instanceIds: [instanceId] }).submitted();
};

const replaced: AzureStory["acts"][number]["isDone"] = (stage, { ended }) => ended().length === 1 && isAtRest(stage, 3);

export const deletedWithNotice: AzureStory = {
  name: "foreign-delete",
  title: "A person deletes an instance, whose end waits for our acknowledgement",
  pool: NOTIFIED,
  acts: [
    {
      title: "it is drained, let go, and replaced",
      begin: deleteByHand,
      isDone: replaced,
      // Well below the quarter of an hour that Azure would wait.
      maxSeconds: 400,
    },
  ],
  promises: judgeBy(countersTrue(3), leftMany(1)),
};

export const deletedWithoutNotice: AzureStory = {
  name: "foreign-delete-unnoticed",
  title: "A person deletes an instance of a pool without terminate notification",
  pool: {},
  acts: [
    {
      title: "its Node and Machine are cleared away, and it is replaced",
      begin: deleteByHand,
      isDone: replaced,
      maxSeconds: 400,
    },
  ],
  promises: judgeTaken(countersTrue(3), leftMany(1), nobodyElse, backSoon),
};

/** Pods with a minute's grace cannot make it; that they were told in time is what can be promised. */
const toldInTime: Rule = ({ evictions, deletions }) => ({
  promise: "its pods were told to go before the half minute was over that Azure gives",
  seen: `${evictions} evicted; deleted: ${listed(deletions.map(({ pod, secondsLeft }) => `${pod} ${secondsLeft} s before the end`))}`,
  kept: evictions + deletions.length > 0 && deletions.every(({ secondsLeft }) => secondsLeft > 0),
});

export const spotEviction: AzureStory = {
  name: "spot-eviction",
  title: "Azure takes a Spot instance back, with thirty seconds' notice",
  pool: { template: { spotVMOptions: { evictionPolicy: "Delete" } } },
  acts: [
    {
      title: "what can leave leaves, and the instance is replaced",
      begin: async (stage) => {
        stage.cloud.azure.cloud.evictSpot(victimOf(stage));
      },
      isDone: replaced,
      maxSeconds: 400,
    },
  ],
  promises: judgeTaken(oneRecordEach, countersTrue(3), leftMany(1), toldInTime),
};
