/** A Spot instance has two minutes left and a budget that allows nothing: what may leave leaves, the rest goes just in time. */
import type { Observed, Promised } from "../verdict.ts";
import { allGone, holdsContinued, noPodKilled, nothingFailed, type Story } from "./story.ts";

/** The web pods' grace, the margin kept before the end, and one look more. */
const GRACE_SECONDS = 30;
const FORCED_SECONDS = GRACE_SECONDS + 15 + 15;

const deletedJustInTime = ({ deletions }: Observed): Promised => ({
  promise: `what the budget held back was deleted in the last ${FORCED_SECONDS} s only, ${GRACE_SECONDS} s before the end at the latest`,
  seen:
    deletions.map(({ pod, secondsLeft }) => `${pod} ${secondsLeft} s before the end`).join(", ") || "nothing deleted",
  kept:
    deletions.length > 0 &&
    deletions.every(({ secondsLeft }) => secondsLeft <= FORCED_SECONDS && secondsLeft >= GRACE_SECONDS),
});

const restEvicted = ({ evictions }: Observed): Promised => ({
  promise: "what the budget does not hold was evicted",
  seen: `${evictions} evictions`,
  kept: evictions >= 1,
});

export const spotInterruption: Story = {
  name: "spot-interruption",
  title: "A Spot instance is interrupted while a disruption budget blocks",
  stage: { spot: true, webMinAvailable: 6 },
  maxSeconds: 400,
  begin: async ({ cloud, instances, podsOn }) => {
    const victim = instances().find(({ privateDnsName }) =>
      podsOn(privateDnsName).some((pod) => pod.startsWith("db-")),
    );
    if (!victim) throw new Error("db runs on no instance of the group");
    cloud.aws.cloud.interruptSpot(victim.id);
  },
  promises: (seen) =>
    [noPodKilled, restEvicted, deletedJustInTime, holdsContinued, allGone, nothingFailed].map((rule) => rule(seen)),
};
