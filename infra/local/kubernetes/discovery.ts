/** What tools ask before they ask for objects: groups, resources, OpenAPI, version and health. */
import { createHash } from "node:crypto";
import { isJson, type Json, jsonOf } from "./object.ts";
import { apiVersionOf, type ResourceType } from "./resource-types.ts";

const VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
const SUBRESOURCES: Readonly<Record<string, Json>> = {
  eviction: { group: "policy", version: "v1", kind: "Eviction", verbs: ["create"] },
  scale: { group: "autoscaling", version: "v1", kind: "Scale", verbs: ["get", "patch", "update"] },
  binding: { kind: "Binding", verbs: ["create"] },
  finalize: { verbs: ["update"] },
  status: { verbs: ["get", "patch", "update"] },
};
const VERSION = {
  major: "1",
  minor: "35",
  gitVersion: "v1.35.0",
  gitCommit: "",
  gitTreeState: "clean",
  buildDate: "1970-01-01T00:00:00Z",
  goVersion: "",
  compiler: "node",
  platform: `${process.platform}/${process.arch}`,
};

function describe(type: ResourceType): Json[] {
  const { plural, singular, kind, namespaced, shortNames, categories } = type;
  const verbs = type.virtual ? ["create"] : VERBS;
  const own = {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs,
    ...(shortNames.length > 0 && { shortNames }),
    ...(categories.length > 0 && { categories }),
  };
  const subresources = type.subresources.map((name) => ({
    name: `${plural}/${name}`,
    singularName: "",
    namespaced,
    kind,
    ...SUBRESOURCES[name],
  }));
  return [own, ...subresources];
}

// kube-aware version order: stable before beta before alpha, then the higher number (apimachinery pkg/version/helpers.go).
const STAGES = ["alpha", "beta", ""];
function rank(version: string): number {
  const [, major = "0", stage = "", minor = "0"] = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version) ?? [];
  return STAGES.indexOf(stage) * 1_000_000 + Number(major) * 1_000 + Number(minor);
}

const unique = <T>(items: readonly T[]) => [...new Set(items)];

function groupOf(types: readonly ResourceType[], group: string): Json {
  const names = unique(types.filter((type) => type.group === group).map(({ version }) => version));
  const versions = names
    .sort((a, b) => rank(b) - rank(a))
    .map((version) => ({ groupVersion: `${group}/${version}`, version }));
  return { kind: "APIGroup", apiVersion: "v1", name: group, versions, preferredVersion: versions[0] };
}

const schemaName = ({ group, version, kind }: ResourceType) =>
  [...group.split(".").reverse(), version, kind].filter(Boolean).join(".");

const META_SCHEMA = { type: "object", description: "Standard object's metadata." };

function componentOf(type: ResourceType): Json {
  const { group, version, kind, custom } = type;
  const raw = custom?.rawSchema ?? { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  const properties = { ...jsonOf(raw.properties), metadata: META_SCHEMA };
  return { ...raw, properties, "x-kubernetes-group-version-kind": [{ group, version, kind }] };
}

function pathsOf(type: ResourceType): [string, Json] {
  const { group, version, kind, plural, namespaced } = type;
  const root = group ? `/apis/${group}/${version}` : `/api/${version}`;
  const path = `${root}${namespaced ? "/namespaces/{namespace}" : ""}/${plural}/{name}`;
  const operation = {
    parameters: [{ name: "fieldValidation", in: "query", schema: { type: "string" } }],
    responses: { 200: { description: "OK" } },
    "x-kubernetes-group-version-kind": { group, version, kind },
  };
  return [path, { get: operation, patch: operation, put: operation }];
}

function openApi(types: readonly ResourceType[], pathname: string): Json | undefined {
  const documents = new Map<string, ResourceType[]>();
  for (const type of types) {
    const name = type.group ? `apis/${apiVersionOf(type)}` : `api/${type.version}`;
    documents.set(name, [...(documents.get(name) ?? []), type]);
  }
  const documentOf = (of: readonly ResourceType[]): Json => ({
    openapi: "3.0.0",
    info: { title: "Kubernetes", version: VERSION.gitVersion },
    paths: Object.fromEntries(of.map(pathsOf)),
    components: { schemas: Object.fromEntries(of.map((type) => [schemaName(type), componentOf(type)])) },
  });
  if (pathname !== "/openapi/v3") {
    const of = documents.get(pathname.slice("/openapi/v3/".length));
    return of && documentOf(of);
  }
  const entries = [...documents].map(([name, of]) => {
    const hash = createHash("sha256")
      .update(JSON.stringify(documentOf(of)))
      .digest("hex");
    return [name, { serverRelativeURL: `/openapi/v3/${name}?hash=${hash}` }];
  });
  return { paths: Object.fromEntries(entries) };
}

/** The answer to a path that names no object: JSON, plain text, or undefined for 404. */
export function discover(types: readonly ResourceType[], pathname: string): Json | string | undefined {
  if (/^\/(healthz|livez|readyz)(\/|$)/.test(pathname)) return "ok";
  if (pathname === "/version") return VERSION;
  if (pathname === "/metrics") return `# TYPE lifeguard_local_kinds gauge\nlifeguard_local_kinds ${types.length}\n`;
  if (pathname === "/api") return { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [] };
  const groups = unique(types.map(({ group }) => group).filter(Boolean));
  if (pathname === "/apis")
    return { kind: "APIGroupList", apiVersion: "v1", groups: groups.map((group) => groupOf(types, group)) };
  if (pathname.startsWith("/openapi/v3")) return openApi(types, pathname);
  const [, root, group = "", version] = pathname.split("/");
  if (root === "apis" && !version) return groups.includes(group) ? groupOf(types, group) : undefined;
  const wanted = root === "api" ? group : `${group}/${version ?? ""}`;
  const resources = types.filter((type) => apiVersionOf(type) === wanted).flatMap(describe);
  const found = { kind: "APIResourceList", apiVersion: "v1", groupVersion: wanted, resources };
  return isJson(found) && resources.length > 0 ? found : undefined;
}
