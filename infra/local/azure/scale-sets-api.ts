/** ARM's operations on scale sets. */
import { z } from "zod";
import { ArmError } from "./errors.ts";
import { read } from "./json.ts";
import { pageOf } from "./paging.ts";
import type { Parts } from "./parts.ts";
import { sameName } from "./place.ts";
import { type ArmReply, type ArmRequest, ok, type Route } from "./route.ts";
import { type ScaleSet, scaleSetInput, TYPE } from "./scale-set.ts";
import { scaleSetView } from "./views.ts";

const GROUP = "/subscriptions/{subscription}/resourceGroups/{group}";
const ALL = "/subscriptions/{subscription}/providers/Microsoft.Compute/virtualMachineScaleSets";
export const SET = `${GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets/{name}`;

const instanceIds = z.object({ instanceIds: z.array(z.string()).min(1) });

export const at = ({ names }: ArmRequest) => ({ group: names.group ?? "", name: names.name ?? "" });
/** An action is a last segment of the path, and not of the resource's id. */
export const what = ({ path, caller }: ArmRequest, action: string) => ({
  action,
  resource: action.endsWith("/action") ? path.replace(/\/[^/]+$/, "") : path,
  caller,
});
export const isForced = ({ query }: ArmRequest): boolean => query.get("forceDeletion") === "true";

const header = ({ headers }: ArmRequest, name: string) => {
  const value = headers[name];
  return typeof value === "string" ? value : undefined;
};

function summary({ scaleSets, fleet }: Parts, request: ArmRequest): ArmReply {
  const set = scaleSets.get(at(request));
  const states = fleet.of(set).map(({ state }) => `ProvisioningState/${state.toLowerCase()}`);
  const statusesSummary = [...new Set(states)].map((code) => ({
    code,
    count: states.filter((one) => one === code).length,
  }));
  const code = `ProvisioningState/${scaleSets.stateOf(set).toLowerCase()}`;
  return ok({ virtualMachine: { statusesSummary }, statuses: [{ code, level: "Info" }] });
}

/** Its group must be there first. */
function scaleSetIn({ groups, scaleSets }: Parts, request: ArmRequest): ScaleSet {
  groups.get(at(request).group);
  return scaleSets.get(at(request));
}

function write({ place, scaleSets, groups }: Parts, request: ArmRequest): ArmReply {
  groups.get(at(request).group);
  const [ifMatch, ifNoneMatch] = [header(request, "if-match"), header(request, "if-none-match")];
  const old = scaleSets.find(at(request));
  scaleSets.checkMatch(old, { ...(ifMatch && { ifMatch }), ...(ifNoneMatch && { ifNoneMatch }) });
  const input = read(scaleSetInput, request.body);
  const { set, operation, created } = scaleSets.write(at(request), input, what(request, `${TYPE}/write`));
  return { status: created ? 201 : 200, body: scaleSetView(place, set, scaleSets.stateOf(set)), operation };
}

function patch(parts: Parts, request: ArmRequest): ArmReply {
  parts.scaleSets.get(at(request));
  return write(parts, request);
}

function remove({ scaleSets }: Parts, request: ArmRequest): ArmReply {
  const set = scaleSets.find(at(request));
  if (!set) return { status: 204 };
  return { status: 202, operation: scaleSets.remove(set, isForced(request), what(request, `${TYPE}/delete`)) };
}

function chosen({ scaleSets }: Parts, request: ArmRequest, action: "delete/action" | "manualUpgrade/action"): ArmReply {
  const set = scaleSets.get(at(request));
  const { instanceIds: ids } = read(instanceIds, request.body);
  const doing = what(request, `${TYPE}/${action}`);
  if (action === "delete/action") {
    const operation = scaleSets.removeInstances(set, { ids, force: isForced(request) }, doing);
    return { status: 202, operation };
  }
  if (set.properties.orchestrationMode === "Flexible") {
    throw new ArmError("OperationNotAllowed", "Manual upgrade is not supported for Flexible orchestration mode.", 409);
  }
  return { status: 202, operation: scaleSets.upgrade(set, ids, doing) };
}

function readRoutes(parts: Parts): readonly Route[] {
  const { place, scaleSets, groups } = parts;
  const show = (set: ScaleSet) => scaleSetView(place, set, scaleSets.stateOf(set));
  const list = (request: ArmRequest, sets: readonly ScaleSet[]) => pageOf(parts, request, sets.map(show));
  return [
    { method: "GET", pattern: ALL, action: `${TYPE}/read`, run: (request) => list(request, scaleSets.list()) },
    {
      method: "GET",
      pattern: `${GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets`,
      action: `${TYPE}/read`,
      run: (request) => {
        const { name } = groups.get(at(request).group);
        const inGroup = scaleSets.list().filter((set) => sameName(set.group, name));
        return list(request, inGroup);
      },
    },
    {
      method: "GET",
      pattern: SET,
      action: `${TYPE}/read`,
      run: (request) => ok(show(scaleSetIn(parts, request))),
    },
    {
      method: "GET",
      pattern: `${SET}/instanceView`,
      action: `${TYPE}/instanceView/read`,
      run: (request) => summary(parts, request),
    },
  ];
}

const changeRoutes = (parts: Parts): readonly Route[] => [
  { method: "PUT", pattern: SET, action: `${TYPE}/write`, run: (request) => write(parts, request) },
  { method: "PATCH", pattern: SET, action: `${TYPE}/write`, run: (request) => patch(parts, request) },
  { method: "DELETE", pattern: SET, action: `${TYPE}/delete`, run: (request) => remove(parts, request) },
  {
    method: "POST",
    pattern: `${SET}/delete`,
    action: `${TYPE}/delete/action`,
    run: (request) => chosen(parts, request, "delete/action"),
  },
  {
    method: "POST",
    pattern: `${SET}/manualupgrade`,
    action: `${TYPE}/manualUpgrade/action`,
    run: (request) => chosen(parts, request, "manualUpgrade/action"),
  },
];

export const scaleSetRoutes = (parts: Parts): readonly Route[] => [...readRoutes(parts), ...changeRoutes(parts)];
