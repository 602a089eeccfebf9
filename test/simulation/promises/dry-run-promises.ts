/** A deployment that only plans writes its plans down and nothing else, and makes none anew without a reason. */
import { instanceTerminations } from "../../../lib/api/lifecycle/instance-termination.ts";
import type { Pass } from "../pass.ts";
import type { Change } from "../servers.ts";
import type { Court } from "./court.ts";

const WINDOW_MILLISECONDS = 600_000;
/** One a minute, and what events and doubled hints add: half of it is seen. */
const MOST_PLANS = 40;

export function onlyPlanned({ scene, broken }: Court, { by, plural, after, before }: Change): void {
  if (!scene.plan.dryRun || typeof by === "string" || plural === instanceTerminations.plural) return;
  broken("P6", "a dry run touches an object", `${by.label}: ${plural}/${(after ?? before)?.metadata.name}`);
}

export function onlyLooked({ scene, broken }: Court, action: string): void {
  if (scene.plan.dryRun && !scene.cloud.isRead(action)) broken("P6", "a dry run asks the cloud for something", action);
}

/** Counts the plans of each record that nothing disturbed. */
export function createPlans({ broken }: Court): { made(pass: Pass): void } {
  const plans = new Map<string, number[]>();
  return {
    made: ({ did, key, hurt, startedAt }) => {
      if (did !== "planned" || !key || hurt) return;
      const recent = [...(plans.get(key.name) ?? []), startedAt].filter((at) => at > startedAt - WINDOW_MILLISECONDS);
      plans.set(key.name, recent);
      if (recent.length > MOST_PLANS)
        broken("P5", "a plan is made again and again", `${key.name}: ${recent.length} times in ten minutes`);
    },
  };
}
