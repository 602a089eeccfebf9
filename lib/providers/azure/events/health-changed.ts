/** Azure has noticed that a machine is unavailable, reclaimed or back: always after the fact, so a hint to look and no more. */
import * as z from "zod";
import { nothing, parsed } from "../../event-reading.ts";
import { groupNameOfMachine } from "../group-name.ts";
import { machineNameOf, parseMachineId } from "../provider-id.ts";
import { type Parser, readGridEvent, typeIs } from "./parser.ts";

const EVENT = "HealthChange";
const PREFIX = "Microsoft.ResourceNotifications.HealthResources.";

const data = z.object({
  resourceInfo: z.object({
    properties: z.object({
      targetResourceId: z.string(),
      availabilityState: z.string().optional(),
      annotationName: z.string().optional(),
    }),
  }),
});

/**
 * @source "Azure Resource Notifications - Health Resources events". Whether instances of a Uniform set are covered is not
 *         documented: their ids are read all the same
 */
export const parseHealthChanged: Parser = (event) => {
  const grid = readGridEvent(event);
  if (!grid || !typeIs(grid, `${PREFIX}AvailabilityStatusChanged`, `${PREFIX}ResourceAnnotated`)) return undefined;
  const target = parsed(data, grid.data)?.resourceInfo.properties.targetResourceId;
  if (target === undefined) return undefined;
  const id = parseMachineId(target);
  if (!id) return nothing(EVENT, "OtherResource");
  const groupName = id.mode === "Uniform" ? groupNameOfMachine(id) : undefined;
  const instanceIds = [machineNameOf(id).toLowerCase()];
  return { kind: "look", event: EVENT, instanceIds, ...(groupName !== undefined && { groupName }) };
};
