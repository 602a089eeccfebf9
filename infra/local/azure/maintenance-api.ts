/** Scheduled events from outside of the machines: the acknowledgement, and Resource Graph's table of them. */
import { z } from "zod";
import { ArmError } from "./errors.ts";
import { read } from "./json.ts";
import type { Parts } from "./parts.ts";
import { sameName } from "./place.ts";
import { runQuery } from "./resource-graph.ts";
import { type ArmReply, type ArmRequest, ok, type Route } from "./route.ts";
import { eventResource } from "./scheduled-events.ts";
import { scaleSetView } from "./views.ts";

const OWNER = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Compute/{kind}/{owner}";
const EVENT = `${OWNER}/providers/Microsoft.Maintenance/scheduledevents/{id}`;

function acknowledge({ events, operations }: Parts, request: ArmRequest): ArmReply {
  const { kind = "", owner = "", id = "" } = request.names;
  const event = events.get(id);
  const owners = sameName(kind, "virtualMachineScaleSets") ? [event.scaleSet] : event.resources;
  if (!owners.some((name) => sameName(name, owner))) {
    throw new ArmError("ResourceNotFound", `The scheduled event '${id}' does not concern '${owner}'.`, 404);
  }
  events.acknowledge(id);
  const action = "Microsoft.Maintenance/scheduledevents/acknowledge/action";
  operations.tell({ action, resource: request.path.replace(/\/acknowledge$/i, ""), caller: request.caller });
  return ok({ value: `Scheduled event ${id} was acknowledged.` });
}

const query = z.object({
  query: z.string(),
  subscriptions: z.array(z.string()).default([]),
  options: z
    .object({ $top: z.number().int().positive().exactOptional(), $skipToken: z.string().exactOptional() })
    .prefault({}),
});

/** Its tables lag behind; events that are over leave them. */
function graph({ place, events, scaleSets, reading }: Parts, request: ArmRequest): ArmReply {
  const asked = read(query, request.body);
  const { subscriptionId, location, timing } = place;
  const mine = asked.subscriptions.length === 0 || asked.subscriptions.some((one) => sameName(one, subscriptionId));
  const tables = {
    maintenanceresources: () =>
      events
        .seen(timing.graphLagSeconds)
        .filter(({ published }) => published)
        .map((event) => eventResource(subscriptionId, location, event)),
    resources: () =>
      scaleSets.list().map((set) => ({
        ...scaleSetView(place, set, scaleSets.stateOf(set)),
        type: "microsoft.compute/virtualmachinescalesets",
        resourceGroup: set.group.toLowerCase(),
        subscriptionId,
      })),
  };
  const rows = mine ? runQuery(asked.query, tables) : [];
  const start = Number(asked.options.$skipToken ?? 0);
  const end = start + Math.min(asked.options.$top ?? 1000, reading.pageSize);
  const data = rows.slice(start, end);
  return ok({
    totalRecords: rows.length,
    count: data.length,
    data,
    facets: [],
    resultTruncated: "false",
    ...(end < rows.length && { $skipToken: String(end) }),
  });
}

export const maintenanceRoutes = (parts: Parts): readonly Route[] => [
  {
    method: "POST",
    pattern: `${EVENT}/acknowledge`,
    action: "Microsoft.Maintenance/scheduledevents/acknowledge/action",
    run: (request) => acknowledge(parts, request),
  },
  {
    method: "POST",
    pattern: "/providers/Microsoft.ResourceGraph/resources",
    action: "Microsoft.ResourceGraph/resources/read",
    run: (request) => graph(parts, request),
  },
];
