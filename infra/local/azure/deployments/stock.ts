/** What a subscription holds after deployments: resources with what Azure itself adds to them, and what Azure would refuse. */
import { ArmError } from "../errors.ts";
import { PURE } from "./expression-functions.ts";

export interface Stored {
  readonly id: string;
  readonly type: string;
  /** As deployed, expressions worked out. */
  readonly body: Readonly<Record<string, unknown>>;
  /** What Azure adds: properties, and an identity. */
  readonly added: { readonly properties: Readonly<Record<string, unknown>>; readonly identity?: unknown };
}

export type Stock = ReturnType<typeof createStock>;

const guid = (text: string) => String(PURE.guid?.(text));
const last = (id: string) => id.split("/").at(-1) ?? "";

/** @param publishingHost  of a function app: "localhost:4711" */
export function createStock(publishingHost: (siteId: string) => string) {
  const all = new Map<string, Stored>();
  const has = (id: string) => all.has(id.toLowerCase());

  const added = (id: string, type: string, body: Stored["body"]): Stored["added"] => {
    const name = last(id);
    const principal = {
      principalId: guid(`principal ${id.toLowerCase()}`),
      clientId: guid(`client ${id.toLowerCase()}`),
    };
    switch (type.toLowerCase()) {
      case "microsoft.managedidentity/userassignedidentities":
        return { properties: principal };
      case "microsoft.storage/storageaccounts":
        return { properties: { primaryEndpoints: { blob: `https://${name}.blob.core.windows.net/` } } };
      case "microsoft.insights/components":
        return { properties: { ConnectionString: `InstrumentationKey=${guid(id)}` } };
      case "microsoft.web/sites": {
        const defaultHostName = `${name}.azurewebsites.net`;
        const hostNameSslStates = [
          { name: defaultHostName, hostType: "Standard" },
          { name: publishingHost(id), hostType: "Repository" },
        ];
        return { properties: { defaultHostName, hostNameSslStates } };
      }
      default:
        return body.identity === undefined
          ? { properties: {} }
          : { properties: {}, identity: { ...principal, type: "SystemAssigned" } };
    }
  };

  return {
    has,
    get: (id: string) => all.get(id.toLowerCase()),
    list: () => [...all.values()],
    /** @throws ArmError, as the resource provider would refuse it */
    put: (id: string, type: string, body: Stored["body"]): void => {
      const problem = problemOf(type, body, [...all.values()]);
      if (problem) throw problem;
      all.set(id.toLowerCase(), { id, type, body, added: added(id, type, body) });
    },
    /** @returns whether it was there */
    drop: (id: string): boolean => all.delete(id.toLowerCase()),
    /** What somebody made before, or what a zip brings. */
    seed: (id: string, type: string): void =>
      void all.set(id.toLowerCase(), { id, type, body: {}, added: { properties: {} } }),
  };
}

const at = (value: unknown, ...steps: readonly string[]): unknown =>
  steps.reduce<unknown>(
    (inner, step) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, step) : undefined),
    value,
  );

function problemOf(type: string, body: Stored["body"], all: readonly Stored[]): ArmError | undefined {
  const known = (id: string) => all.some((one) => one.id.toLowerCase() === id.toLowerCase());
  if (/roleassignments$/i.test(type)) {
    const principal = at(body, "properties", "principalId");
    const principals = all.flatMap(({ added }) => [added.properties.principalId, at(added.identity, "principalId")]);
    if (!principals.includes(principal))
      return new ArmError("PrincipalNotFound", `Principal ${String(principal)} does not exist in the directory.`);
    const role = String(at(body, "properties", "roleDefinitionId"));
    if (!known(role))
      return new ArmError("RoleDefinitionDoesNotExist", `The specified role definition '${role}' does not exist.`);
    if (typeof body.scope === "string" && !known(body.scope))
      return new ArmError("ResourceNotFound", `The Resource '${body.scope}' was not found.`, 404);
  }
  if (/eventsubscriptions$/i.test(type)) {
    const endpoint = String(at(body, "properties", "destination", "properties", "resourceId"));
    if (!known(endpoint))
      return new ArmError(
        "Invalid request",
        `Destination endpoint not found. Resource details: resourceId: ${endpoint}. Resource should pre-exist before attempting this operation.`,
      );
  }
  return undefined;
}
