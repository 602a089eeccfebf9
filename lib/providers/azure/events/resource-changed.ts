/** Somebody wrote, deleted or acted upon a scale set or a machine through ARM: hints to look at its pool, and at what is recorded. */
import * as z from "zod";
import type { Trigger } from "../../../api/trigger.ts";
import { nothing, parsed } from "../../event-reading.ts";
import { groupNameOfMachine, groupNameOfSet } from "../group-name.ts";
import { machineNameOf, parseMachineId, parseScaleSetId } from "../provider-id.ts";
import { type Parser, readGridEvent } from "./parser.ts";

const EVENT = "ResourceChange";
/** @source "Azure subscription as an Event Grid source": three kinds, each with three ends */
const NAME = /^microsoft\.resources\.resource(write|delete|action)(success|failure|cancel)$/i;

const data = z.object({
  operationName: z.string(),
  resourceUri: z.string().default(""),
  status: z.string().optional(),
});

/** A Flexible machine is called after its scale set, and eight more characters. */
const FLEXIBLE_NAME = /^(.+)_[0-9a-z]{8}$/i;

/**
 * What the event says of the resource is not read: ARM tells of requests, not of states, and its ids come in any case.
 * Only a machine's own end is a reason to look at its record; the rest is its pool's business.
 */
export const parseResourceChanged: Parser = (event) => {
  const grid = readGridEvent(event);
  const [, kind = ""] = NAME.exec(grid?.type ?? "") ?? [];
  if (!grid || kind === "") return undefined;
  const change = parsed(data, grid.data);
  if (!change) return undefined;
  const id = grid.subject || change.resourceUri;
  return ofScaleSet(id) ?? ofMachine(id, kind.toLowerCase() === "delete") ?? nothing(EVENT, "OtherResource");
};

/** Instances of it may be about to go, by name: ARM does not repeat which. */
function ofScaleSet(id: string): Trigger | undefined {
  const set = parseScaleSetId(id);
  return set && { kind: "group", event: EVENT, groupName: groupNameOfSet(set) };
}

function ofMachine(armId: string, isEnd: boolean): Trigger | undefined {
  const id = parseMachineId(armId);
  if (!id) return undefined;
  const groupName = id.mode === "Uniform" ? groupNameOfMachine(id) : likelyGroupOf(id);
  if (isEnd) {
    const instanceIds = [machineNameOf(id).toLowerCase()];
    return { kind: "look", event: EVENT, instanceIds, ...(groupName !== undefined && { groupName }) };
  }
  return groupName === undefined ? nothing(EVENT, "NoScaleSet") : { kind: "group", event: EVENT, groupName };
}

const likelyGroupOf = ({ resourceGroup, name }: { readonly resourceGroup: string; readonly name: string }) => {
  const [, setName] = FLEXIBLE_NAME.exec(name) ?? [];
  return setName === undefined ? undefined : groupNameOfSet({ resourceGroup, name: setName });
};
