/** Who may do what: identities with roles are held to them, all others may do everything; every action needed is noted. */
import { ArmError } from "./errors.ts";

/** One action that a role had to allow. */
export interface Needed {
  /** Client id. */
  readonly who: string;
  readonly action: string;
  readonly scope: string;
}

export type Roles = ReturnType<typeof createRoles>;

const matches = (pattern: string, action: string): boolean =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`, "i").test(action);

export function createRoles() {
  const granted = new Map<string, readonly string[]>();
  const needed: Needed[] = [];
  const allows = ({ who, action }: Needed) => granted.get(who)?.some((pattern) => matches(pattern, action)) ?? true;
  return {
    /** Names of actions, "*" for any part; replaces what the identity had. */
    grant: (clientId: string, actions: readonly string[]): void => void granted.set(clientId, actions),
    needed: needed as readonly Needed[],
    /** @throws ArmError AuthorizationFailed 403 */
    check: (one: Needed): void => {
      needed.push(one);
      if (allows(one)) return;
      throw new ArmError(
        "AuthorizationFailed",
        `The client '${one.who}' does not have authorization to perform action '${one.action}' over scope '${one.scope}' or the scope is invalid.`,
        403,
      );
    },
    /** Of resources that a write refers to. @throws ArmError LinkedAuthorizationFailed 403 */
    checkLinked: (one: Needed, main: string): void => {
      needed.push(one);
      if (allows(one)) return;
      throw new ArmError(
        "LinkedAuthorizationFailed",
        `The client has permission to perform action '${main}', however it does not have permission to perform action(s) '${one.action}' on the linked scope(s) '${one.scope}'.`,
        403,
      );
    },
  };
}

const LINKS: readonly { readonly pattern: RegExp; readonly action: string }[] = [
  {
    pattern: /\/virtualNetworks\/[^/]+\/subnets\/[^/]+$/i,
    action: "Microsoft.Network/virtualNetworks/subnets/join/action",
  },
  {
    pattern: /\/loadBalancers\/[^/]+\/backendAddressPools\/[^/]+$/i,
    action: "Microsoft.Network/loadBalancers/backendAddressPools/join/action",
  },
  { pattern: /\/networkSecurityGroups\/[^/]+$/i, action: "Microsoft.Network/networkSecurityGroups/join/action" },
  {
    pattern: /\/applicationSecurityGroups\/[^/]+$/i,
    action: "Microsoft.Network/applicationSecurityGroups/joinIpConfiguration/action",
  },
  {
    pattern: /\/userAssignedIdentities\/[^/]+$/i,
    action: "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",
  },
  { pattern: /\/diskEncryptionSets\/[^/]+$/i, action: "Microsoft.Compute/diskEncryptionSets/read" },
  {
    pattern: /^\/subscriptions\/.*\/galleries\/.*\/versions\/[^/]+$/i,
    action: "Microsoft.Compute/galleries/images/versions/read",
  },
  { pattern: /^\/subscriptions\/.*Microsoft\.Compute\/images\/[^/]+$/i, action: "Microsoft.Compute/images/read" },
];

/** Every resource that a body refers to, and the right that this takes. */
export function linksIn(value: unknown): readonly { readonly action: string; readonly scope: string }[] {
  if (typeof value === "string") {
    return LINKS.filter(({ pattern }) => pattern.test(value)).map(({ action }) => ({ action, scope: value }));
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => [...linksIn(key), ...linksIn(member)]);
}
