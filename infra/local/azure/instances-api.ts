/** ARM's operations on instances: as members of their set in both modes, and as virtual machines of a Flexible one. */
import { z } from "zod";
import { ArmError, notFound } from "./errors.ts";
import type { Instance } from "./fleet.ts";
import { read } from "./json.ts";
import { pageOf } from "./paging.ts";
import type { Parts } from "./parts.ts";
import { sameName } from "./place.ts";
import { resourceId } from "./resource-id.ts";
import { type ArmReply, type ArmRequest, ok, type Route } from "./route.ts";
import { isFlexible, type ScaleSet, TYPE } from "./scale-set.ts";
import { at, isForced, SET, what } from "./scale-sets-api.ts";
import { instanceView, memberView, virtualMachineView } from "./views.ts";

const MEMBERS = `${SET}/virtualMachines`;
const MEMBER = `${MEMBERS}/{id}`;
const MEMBER_TYPE = `${TYPE}/virtualMachines`;
const VM_TYPE = "Microsoft.Compute/virtualMachines";
const VMS = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Compute/virtualMachines";
const VM = `${VMS}/{name}`;

const memberInput = z.looseObject({
  properties: z
    .looseObject({
      protectionPolicy: z
        .object({
          protectFromScaleIn: z.boolean().default(false),
          protectFromScaleSetActions: z.boolean().default(false),
        })
        .exactOptional(),
    })
    .exactOptional(),
});

const wantsView = ({ query }: ArmRequest): boolean => query.get("$expand") === "instanceView";

export function memberRoutes(parts: Parts): readonly Route[] {
  const { place, fleet, scaleSets, happenings, groups } = parts;
  const find = (request: ArmRequest): { set: ScaleSet; one: Instance | undefined } => {
    groups.get(at(request).group);
    const set = scaleSets.get(at(request));
    const id = request.names.id ?? "";
    return { set, one: fleet.of(set).find(({ instanceId }) => sameName(instanceId, id)) };
  };
  const get = (request: ArmRequest): { set: ScaleSet; one: Instance } => {
    const { set, one } = find(request);
    if (one) return { set, one };
    throw notFound(MEMBER_TYPE, `${set.name}/${request.names.id}`, set.group);
  };
  const remove = (request: ArmRequest): ArmReply => {
    const { set, one } = find(request);
    if (!one) return { status: 204 };
    const doing = what(request, `${MEMBER_TYPE}/delete`);
    const operation = scaleSets.removeInstances(set, { ids: [one.instanceId], force: isForced(request) }, doing);
    return { status: 202, operation };
  };
  const update = (request: ArmRequest): ArmReply => {
    const { set, one } = get(request);
    const { protectionPolicy } = read(memberInput, request.body).properties ?? {};
    if (protectionPolicy?.protectFromScaleSetActions && !protectionPolicy.protectFromScaleIn) {
      throw new ArmError("InvalidParameter", "protectFromScaleSetActions needs protectFromScaleIn.");
    }
    const part = protectionPolicy ? { protection: protectionPolicy } : {};
    const operation = scaleSets.writeInstance(set, one, part, what(request, `${MEMBER_TYPE}/write`));
    const shown = memberView(place, set, fleet.current(one) ?? one, { withView: false, full: true });
    return { status: 200, body: shown, operation };
  };
  return [
    {
      method: "GET",
      pattern: MEMBERS,
      action: `${MEMBER_TYPE}/read`,
      run: (request) => {
        groups.get(at(request).group);
        const set = scaleSets.get(at(request));
        const how = { withView: wantsView(request), full: false };
        return pageOf(
          parts,
          request,
          fleet.of(set).map((one) => memberView(place, set, one, how)),
        );
      },
    },
    {
      method: "GET",
      pattern: MEMBER,
      action: `${MEMBER_TYPE}/read`,
      run: (request) => {
        const { set, one } = get(request);
        return ok(memberView(place, set, one, { withView: wantsView(request), full: true }));
      },
    },
    {
      method: "GET",
      pattern: `${MEMBER}/instanceView`,
      action: `${MEMBER_TYPE}/instanceView/read`,
      run: (request) => ok(instanceView(get(request).one)),
    },
    { method: "PUT", pattern: MEMBER, action: `${MEMBER_TYPE}/write`, run: update },
    { method: "DELETE", pattern: MEMBER, action: `${MEMBER_TYPE}/delete`, run: remove },
    {
      method: "POST",
      pattern: `${MEMBER}/simulateEviction`,
      action: `${MEMBER_TYPE}/simulateEviction/action`,
      run: (request) => {
        happenings.evictSpot(get(request).one);
        return { status: 204 };
      },
    },
  ];
}

const FILTER = /^'?virtualMachineScaleSet\/id'? eq '([^']+)'$/;

export function virtualMachineRoutes(parts: Parts): readonly Route[] {
  const { place, fleet, scaleSets, happenings, groups } = parts;
  const flexible = (group: string) =>
    fleet.all().filter((one) => one.flexible && sameName(one.group, groups.get(group).name));
  const find = (request: ArmRequest) => {
    const { group, name } = at(request);
    return flexible(group).find((one) => sameName(one.name, name));
  };
  const get = (request: ArmRequest): Instance => {
    const found = find(request);
    if (found) return found;
    throw notFound(VM_TYPE, at(request).name, at(request).group);
  };
  const ownerOf = (one: Instance) => resourceId(place.subscriptionId, one.group, `${TYPE}/${one.scaleSet}`);
  const list = (request: ArmRequest): ArmReply => {
    const filter = request.query.get("$filter");
    const owner = filter === null ? undefined : FILTER.exec(filter)?.[1];
    if (filter !== null && owner === undefined)
      throw new ArmError("BadRequest", `The filter '${filter}' is not supported.`);
    const wanted = flexible(at(request).group).filter((one) => !owner || sameName(ownerOf(one), owner));
    return pageOf(
      parts,
      request,
      wanted.map((one) => virtualMachineView(place, one, wantsView(request))),
    );
  };
  const remove = (request: ArmRequest): ArmReply => {
    const one = find(request);
    if (!one) return { status: 204 };
    const set = scaleSets.get({ group: one.group, name: one.scaleSet });
    if (!isFlexible(set)) throw notFound(VM_TYPE, one.name, one.group);
    const how = { ids: [one.instanceId], force: isForced(request) };
    return { status: 202, operation: scaleSets.removeInstances(set, how, what(request, `${VM_TYPE}/delete`)) };
  };
  const read_ = `${VM_TYPE}/read`;
  return [
    { method: "GET", pattern: VMS, action: read_, run: list },
    {
      method: "GET",
      pattern: VM,
      action: read_,
      run: (request) => ok(virtualMachineView(place, get(request), wantsView(request))),
    },
    {
      method: "GET",
      pattern: `${VM}/instanceView`,
      action: `${VM_TYPE}/instanceView/read`,
      run: (request) => ok(instanceView(get(request))),
    },
    { method: "DELETE", pattern: VM, action: `${VM_TYPE}/delete`, run: remove },
    {
      method: "POST",
      pattern: `${VM}/simulateEviction`,
      action: `${VM_TYPE}/simulateEviction/action`,
      run: (request) => {
        happenings.evictSpot(get(request));
        return { status: 204 };
      },
    },
  ];
}
