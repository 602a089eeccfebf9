/** Azure Resource Manager: finds the operation, checks limits and rights, runs it with whatever fault was injected. */
import type { Faults } from "../faults.ts";
import { ArmError } from "./errors.ts";
import { memberRoutes, virtualMachineRoutes } from "./instances-api.ts";
import { lookupRoutes } from "./lookups-api.ts";
import { maintenanceRoutes } from "./maintenance-api.ts";
import type { Parts } from "./parts.ts";
import { sameName } from "./place.ts";
import { linksIn, type Roles } from "./roles.ts";
import { type ArmReply, type ArmRequest, match, type Route } from "./route.ts";
import { scaleSetRoutes } from "./scale-sets-api.ts";
import type { createThrottle } from "./throttle.ts";

export interface ArmCall {
  readonly method: string;
  readonly path: string;
  readonly query?: URLSearchParams;
  readonly headers?: ArmRequest["headers"];
  readonly body?: unknown;
  /** Client id. */
  readonly caller: string;
}

/** What the call was, for the log: found or not. */
export interface Found {
  readonly action: string;
  readonly target: string;
}

export interface ArmSetup {
  readonly parts: Parts;
  readonly roles: Roles;
  readonly throttle: ReturnType<typeof createThrottle>;
  readonly faults: Faults<ArmReply>;
}

const unknown = ({ method, path }: ArmCall) =>
  new ArmError(
    "InvalidResourceType",
    `The local Azure does not know ${method} ${path}: see infra/local/azure/arm.ts.`,
    404,
  );

export function createHandle({ parts, roles, throttle, faults }: ArmSetup) {
  const routes: readonly Route[] = [
    ...scaleSetRoutes(parts),
    ...memberRoutes(parts),
    ...virtualMachineRoutes(parts),
    ...maintenanceRoutes(parts),
    ...lookupRoutes(parts),
  ];
  const find = ({ method, path }: ArmCall) => {
    for (const route of routes) {
      const names = route.method === method ? match(route.pattern, path) : undefined;
      if (names) return { route, names };
    }
    return undefined;
  };
  const targetOf = (names: Readonly<Record<string, string>>) =>
    [names.name ?? names.owner, names.id].filter(Boolean).join("/") || (names.group ?? "");

  const run = (call: ArmCall, found: NonNullable<ReturnType<typeof find>>): ArmReply | Promise<ArmReply> => {
    const { route, names } = found;
    const { query = new URLSearchParams(), headers = {}, ...rest } = call;
    const request: ArmRequest = { ...rest, body: call.body, query, headers, names };
    if (names.subscription && !sameName(names.subscription, parts.place.subscriptionId)) {
      throw new ArmError("SubscriptionNotFound", `The subscription '${names.subscription}' could not be found.`, 404);
    }
    const parameters = { ...names, ...Object(call.body) };
    return faults.guard("arm", route.action ?? "", () => {
      const limits = throttle.take(call.caller, call.method);
      if (route.action) roles.check({ who: call.caller, action: route.action, scope: call.path });
      const links = call.method === "PUT" ? linksIn(call.body) : [];
      for (const link of links) roles.checkLinked({ who: call.caller, ...link }, route.action ?? "");
      const reply = route.run(request);
      return { ...reply, headers: { ...reply.headers, ...limits } };
    })(parameters);
  };
  const handle = (call: ArmCall): ArmReply | Promise<ArmReply> => {
    const found = find(call);
    if (!found) throw unknown(call);
    if (call.query && !call.query.has("api-version")) {
      throw new ArmError("MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required.");
    }
    return run(call, found);
  };
  /** For the log of calls. */
  const describe = (call: ArmCall): Found => {
    const found = find(call);
    return { action: found?.route.action ?? call.method, target: found ? targetOf(found.names) : call.path };
  };
  return Object.assign(handle, { describe });
}
