/** Who may do what: a tiny RBAC evaluator over the stored roles and bindings, and the reviews that ask it. */
import type { Deal, Engine } from "./deal.ts";
import { type Json, jsonOf, listOf, type Stored, textOf } from "./object.ts";
import type { Target, User } from "./request.ts";
import type { Storage } from "./storage.ts";

export type Asked = Pick<Target, "verb" | "group" | "resource" | "subresource" | "namespace" | "name"> & {
  readonly pathname?: string;
};

/** "all": every user that is known may do everything; "rbac": roles decide; or a rule of the caller's own. */
export type Authorize = "all" | "rbac" | ((user: User, asked: Asked) => boolean);

const RBAC = "rbac.authorization.k8s.io";
const OPEN_PATHS = /^\/(api|apis|openapi|version|healthz|livez|readyz)(\/|$)/;

const has = (list: unknown, value: string) => Array.isArray(list) && (list.includes(value) || list.includes("*"));

/** Whether one rule of a role covers a request (kubernetes pkg/apis/rbac/v1/evaluation_helpers.go). */
export function ruleCovers(rule: Json, asked: Asked): boolean {
  if (!has(rule.verbs, asked.verb)) return false;
  if (!asked.resource) {
    const paths = Array.isArray(rule.nonResourceURLs) ? rule.nonResourceURLs.map(String) : [];
    const pathname = asked.pathname ?? "";
    return paths.some((path) => path === pathname || (path.endsWith("*") && pathname.startsWith(path.slice(0, -1))));
  }
  const what = asked.subresource ? `${asked.resource}/${asked.subresource}` : asked.resource;
  const resources = Array.isArray(rule.resources) ? rule.resources : [];
  const named =
    resources.includes("*") ||
    resources.includes(what) ||
    (asked.subresource && resources.includes(`*/${asked.subresource}`));
  const names = Array.isArray(rule.resourceNames) ? rule.resourceNames : [];
  return has(rule.apiGroups, asked.group) && Boolean(named) && (names.length === 0 || names.includes(asked.name));
}

function concerns(binding: Stored, user: User) {
  return listOf(binding.subjects).some(({ kind, name, namespace }) => {
    if (kind === "User") return name === user.name;
    if (kind === "Group") return user.groups.includes(textOf(name));
    return user.name === `system:serviceaccount:${textOf(namespace)}:${textOf(name)}`;
  });
}

function rulesOf(storage: Storage, binding: Stored): Json[] {
  const { kind, name } = jsonOf(binding.roleRef);
  const cluster = kind === "ClusterRole";
  const role = storage.get(
    `${RBAC}/${cluster ? "clusterroles" : "roles"}`,
    `${cluster ? "" : textOf(binding.metadata.namespace)}/${textOf(name)}`,
  );
  return listOf(role?.rules);
}

function byRoles(storage: Storage, user: User, asked: Asked): boolean {
  const bindings = [
    ...storage.list(`${RBAC}/clusterrolebindings`),
    ...storage
      .list(`${RBAC}/rolebindings`)
      .filter(({ metadata }) => asked.namespace !== "" && metadata.namespace === asked.namespace),
  ];
  return bindings.some(
    (binding) => concerns(binding, user) && rulesOf(storage, binding).some((rule) => ruleCovers(rule, asked)),
  );
}

export function createAuthorizer(authorize: Authorize, storage: Storage): Engine["allows"] {
  return (user, asked) => {
    if (user.groups.includes("system:masters")) return true;
    // Every cluster lets system:discovery and system:public-info-viewer read these.
    if (!asked.resource && asked.verb === "get" && OPEN_PATHS.test(asked.pathname ?? "")) return true;
    if (user.groups.includes("system:unauthenticated")) return false;
    if (asked.group === "authorization.k8s.io" && asked.resource.startsWith("self")) return true;
    if (authorize === "all") return true;
    return authorize === "rbac" ? byRoles(storage, user, asked) : authorize(user, asked);
  };
}

function askedOf(spec: Json): Asked {
  const { verb, group, resource, subresource, namespace, name } = jsonOf(spec.resourceAttributes);
  const other = jsonOf(spec.nonResourceAttributes);
  return {
    verb: textOf(verb) || textOf(other.verb),
    group: textOf(group),
    resource: textOf(resource),
    subresource: textOf(subresource),
    namespace: textOf(namespace),
    name: textOf(name),
    pathname: textOf(other.path),
  };
}

/** Answers the virtual kinds: access reviews and "who am I"; nothing of them is stored. */
export function review({ engine, type, user, body }: Deal): Json {
  const sent = jsonOf(body);
  const spec = jsonOf(sent.spec);
  const answer = { kind: type.kind, apiVersion: `${type.group}/${type.version}`, metadata: jsonOf(sent.metadata) };
  if (type.kind === "SelfSubjectReview")
    return { ...answer, status: { userInfo: { username: user.name, groups: user.groups } } };
  if (type.kind === "TokenReview") return { ...answer, spec, status: { authenticated: false } };
  const groups = Array.isArray(spec.groups) ? spec.groups.map(String) : [];
  const asker = type.kind === "SubjectAccessReview" ? { name: textOf(spec.user), groups } : user;
  const allowed = engine.allows(asker, askedOf(spec));
  return { ...answer, spec, status: { allowed, ...(!allowed && { reason: "no role allows it" }) } };
}
