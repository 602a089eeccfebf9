/** ARM's smaller operations: sizes, resource groups, tags, role assignments, and the status of long-running operations. */
import { z } from "zod";
import { ArmError } from "./errors.ts";
import { jsonObject, read } from "./json.ts";
import { statusDocument } from "./operations.ts";
import { pageOf } from "./paging.ts";
import type { Parts } from "./parts.ts";
import type { ResourceGroup } from "./resource-groups.ts";
import { type ArmReply, type ArmRequest, ok, type Route } from "./route.ts";
import { type ScaleSet, TYPE } from "./scale-set.ts";
import { describedSku, SIZES } from "./skus.ts";
import { scaleSetView } from "./views.ts";

const SUBSCRIPTION = "/subscriptions/{subscription}";
const GROUP = `${SUBSCRIPTION}/resourceGroups/{group}`;

function skuRoute(parts: Parts): Route {
  const { location } = parts.place;
  return {
    method: "GET",
    pattern: `${SUBSCRIPTION}/providers/Microsoft.Compute/skus`,
    action: "Microsoft.Compute/skus/read",
    run: (request) => {
      const [, wanted = location] = /^location eq '([^']+)'$/.exec(request.query.get("$filter") ?? "") ?? [];
      const all = wanted === location ? Object.entries(SIZES) : [];
      return pageOf(
        parts,
        request,
        all.map(([name, size]) => describedSku(name, size, location)),
      );
    },
  };
}

const groupInput = z.looseObject({ location: z.string(), tags: z.record(z.string(), z.string()).default({}) });

function groupRoutes({ place, groups, scaleSets, operations }: Parts): readonly Route[] {
  const view = ({ name, location, tags }: ResourceGroup) => ({
    id: `/subscriptions/${place.subscriptionId}/resourceGroups/${name}`,
    name,
    type: "Microsoft.Resources/resourceGroups",
    location,
    tags,
    properties: { provisioningState: "Succeeded" },
  });
  const nameIn = ({ names }: ArmRequest) => names.group ?? "";
  const type = "Microsoft.Resources/subscriptions/resourceGroups";
  return [
    { method: "GET", pattern: GROUP, action: `${type}/read`, run: (request) => ok(view(groups.get(nameIn(request)))) },
    {
      method: "PUT",
      pattern: GROUP,
      action: `${type}/write`,
      run: (request) => {
        const { location, tags } = read(groupInput, request.body);
        const old = groups.find(nameIn(request));
        const body = view(groups.put({ name: old?.name ?? nameIn(request), location, tags }));
        operations.tell({ action: `${type}/write`, resource: request.path, caller: request.caller });
        return { status: old ? 200 : 201, body };
      },
    },
    {
      method: "DELETE",
      pattern: GROUP,
      action: `${type}/delete`,
      run: (request) => {
        const { name } = groups.get(nameIn(request));
        const what = { action: `${type}/delete`, resource: request.path, caller: request.caller };
        const inside = scaleSets.list().filter((set) => set.group.toLowerCase() === name.toLowerCase());
        for (const set of inside) scaleSets.remove(set, true, { ...what, action: `${TYPE}/delete` });
        groups.remove(name);
        operations.tell(what);
        return { status: 200 };
      },
    },
  ];
}

const tagsInput = z.object({
  operation: z.enum(["Merge", "Replace", "Delete"]),
  properties: z.object({ tags: z.record(z.string(), z.string()).default({}) }),
});

/** Tags at the scope of a scale set: nobody's else are kept here. */
function tagRoutes({ scaleSets, operations, groups }: Parts): readonly Route[] {
  const pattern = `${GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets/{name}/providers/Microsoft.Resources/tags/default`;
  const find = ({ names }: ArmRequest): ScaleSet => {
    groups.get(names.group ?? "");
    return scaleSets.get({ group: names.group ?? "", name: names.name ?? "" });
  };
  const view = ({ path }: ArmRequest, tags: ScaleSet["tags"]): ArmReply =>
    ok({ id: path, name: "default", type: "Microsoft.Resources/tags", properties: { tags } });
  const change = (request: ArmRequest): ArmReply => {
    const set = find(request);
    const { operation, properties } = read(tagsInput, request.body);
    const { tags } = properties;
    const rest = Object.fromEntries(Object.entries(set.tags).filter(([key, value]) => tags[key] !== value));
    const changed = { Merge: { ...set.tags, ...tags }, Replace: tags, Delete: rest }[operation];
    scaleSets.setTags(set, changed);
    operations.tell({ action: "Microsoft.Resources/tags/write", resource: request.path, caller: request.caller });
    return view(request, changed);
  };
  return [
    {
      method: "GET",
      pattern,
      action: "Microsoft.Resources/tags/read",
      run: (request) => view(request, find(request).tags),
    },
    { method: "PATCH", pattern, action: "Microsoft.Resources/tags/write", run: change },
  ];
}

const roleInput = z.looseObject({
  properties: z.looseObject({ roleDefinitionId: z.string(), principalId: z.string() }),
});

function roleRoutes({ operations }: Parts): readonly Route[] {
  const assigned = new Map<string, { readonly name: string; readonly properties: Readonly<Record<string, unknown>> }>();
  const pattern = "{scope*}/providers/Microsoft.Authorization/roleAssignments/{name}";
  const type = "Microsoft.Authorization/roleAssignments";
  const view = ({ path }: ArmRequest, one: { readonly name: string; readonly properties: unknown }) => ({
    id: path,
    type,
    ...one,
  });
  const put = (request: ArmRequest): ArmReply => {
    const { properties } = read(roleInput, request.body);
    const { name = "" } = request.names;
    if (!/^[\da-f-]{36}$/i.test(name))
      throw new ArmError("InvalidRoleAssignmentId", `The role assignment ID '${name}' is not a GUID.`);
    const key = request.path.toLowerCase();
    const same = [...assigned].find(
      ([other, one]) => other !== key && JSON.stringify(one.properties) === JSON.stringify(properties),
    );
    if (same) throw new ArmError("RoleAssignmentExists", "The role assignment already exists.", 409);
    assigned.set(key, { name, properties: jsonObject.parse(properties) });
    operations.tell({ action: `${type}/write`, resource: request.path, caller: request.caller });
    return { status: 201, body: view(request, { name, properties }) };
  };
  const get = (request: ArmRequest): ArmReply => {
    const found = assigned.get(request.path.toLowerCase());
    if (found) return ok(view(request, found));
    throw new ArmError("RoleAssignmentNotFound", `The role assignment '${request.names.name}' is not found.`, 404);
  };
  const remove = (request: ArmRequest): ArmReply =>
    assigned.delete(request.path.toLowerCase()) ? { status: 200 } : { status: 204 };
  return [
    { method: "GET", pattern, action: `${type}/read`, run: get },
    { method: "PUT", pattern, action: `${type}/write`, run: put },
    { method: "DELETE", pattern, action: `${type}/delete`, run: remove },
  ];
}

/** What the headers of a long-running answer point at: the status document, and the place of the final answer. */
function operationRoutes({ place, operations, scaleSets }: Parts): readonly Route[] {
  const status = (request: ArmRequest): ArmReply => {
    const operation = operations.get(request.names.id ?? "");
    if (request.query.get("monitor") !== "true") {
      return { status: 200, body: statusDocument(operation), ...(operation.status === "InProgress" && { operation }) };
    }
    if (operation.status === "InProgress") return { status: 202, operation };
    if (operation.error) throw new ArmError(operation.error.code, operation.error.message, 409);
    const [, group, name] =
      /resourceGroups\/([^/]+)\/.*virtualMachineScaleSets\/([^/]+)$/i.exec(operation.resource) ?? [];
    const set = group && name ? scaleSets.find({ group, name }) : undefined;
    const shown = set && operation.action === `${TYPE}/write` ? scaleSetView(place, set, scaleSets.stateOf(set)) : {};
    return ok(shown);
  };
  return [
    {
      method: "GET",
      pattern: `${SUBSCRIPTION}/providers/Microsoft.Compute/locations/{location}/operations/{id}`,
      action: "Microsoft.Compute/locations/operations/read",
      run: status,
    },
  ];
}

export const lookupRoutes = (parts: Parts): readonly Route[] => [
  skuRoute(parts),
  ...groupRoutes(parts),
  ...tagRoutes(parts),
  ...roleRoutes(parts),
  ...operationRoutes(parts),
];
