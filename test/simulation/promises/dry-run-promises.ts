/** A deployment that only plans writes its plans down and nothing else. */
import { instanceTerminations } from "../../../lib/api/lifecycle/instance-termination.ts";
import type { Change } from "../servers.ts";
import type { Court } from "./court.ts";

export function onlyPlanned({ scene, broken }: Court, { by, plural, after, before }: Change): void {
  if (!scene.plan.dryRun || typeof by === "string" || plural === instanceTerminations.plural) return;
  broken("P6", "a dry run touches an object", `${by.label}: ${plural}/${(after ?? before)?.metadata.name}`);
}

export function onlyLooked({ scene, broken }: Court, action: string): void {
  if (scene.plan.dryRun && !scene.cloud.isRead(action)) broken("P6", "a dry run asks the cloud for something", action);
}
