/** From method and URL to what is asked: the same reading serves routing, authorisation and audit. */
import { badRequest, optionInvalid } from "./failure.ts";

export interface User {
  readonly name: string;
  readonly groups: readonly string[];
  readonly uid?: string;
}

export interface ApiRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Text as received, or JSON already parsed. The server keeps parts of it: do not change it afterwards. */
  readonly body?: unknown;
  /** Who asks when the connection has proved it (client certificate, or a caller in the same process). */
  readonly user?: User;
}

/** What RBAC calls the attributes of a request. */
export interface Target {
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  /** Plural; empty for paths that are no resources. */
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly pathname: string;
  readonly query: URLSearchParams;
}

const VERBS: Record<string, string> = { POST: "create", PUT: "update", PATCH: "patch", DELETE: "delete" };
const isTrue = (value: string | null) => value === "true" || value === "1";

function verbOf(method: string, name: string, watch: boolean) {
  if (method === "DELETE" && !name) return "deletecollection";
  if (method !== "GET" && method !== "HEAD") return VERBS[method] ?? method.toLowerCase();
  if (name) return "get";
  return watch ? "watch" : "list";
}

// The parts of /namespaces/<ns>/<plural>...; a namespace itself, its status and finalize are objects of the core group.
function splitNamespace(parts: readonly string[], core: boolean): { namespace: string; rest: readonly string[] } {
  const own = core && (parts.length <= 2 || parts[2] === "status" || parts[2] === "finalize");
  if (parts[0] !== "namespaces" || own)
    return { namespace: core && parts[0] === "namespaces" ? (parts[1] ?? "") : "", rest: parts };
  return { namespace: parts[1] ?? "", rest: parts.slice(2) };
}

export function readTarget(method: string, path: string): Target {
  const cut = path.indexOf("?");
  const pathname = cut < 0 ? path : path.slice(0, cut);
  const query = new URLSearchParams(cut < 0 ? "" : path.slice(cut));
  const parts = pathname.split("/").filter(Boolean).map(decodeURIComponent);
  const core = parts[0] === "api";
  const head = core ? parts.slice(0, 2) : parts.slice(0, 3);
  const [group = "", version = ""] = core ? ["", head[1]] : [head[1], head[2]];
  let tail = parts.slice(head.length);
  const legacyWatch = tail[0] === "watch";
  if (legacyWatch) tail = tail.slice(1);
  const none = { group: "", version: "", resource: "", subresource: "", namespace: "", name: "" };
  if ((!core && parts[0] !== "apis") || tail.length === 0)
    return { ...none, verb: method.toLowerCase(), pathname, query };
  const { namespace, rest } = splitNamespace(tail, core);
  const [resource = "", name = "", subresource = ""] = rest;
  const verb = verbOf(method, name, legacyWatch || isTrue(query.get("watch")));
  return { verb, group, version, resource, subresource, namespace, name, pathname, query };
}

export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldValidation: string;
}

const OPTIONS_KIND: Record<string, string> = {
  create: "CreateOptions",
  update: "UpdateOptions",
  patch: "PatchOptions",
};

export function readWriteOptions(target: Target): WriteOptions {
  const kind = OPTIONS_KIND[target.verb] ?? "DeleteOptions";
  const dryRun = target.query.getAll("dryRun").filter(Boolean);
  if (dryRun.some((value) => value !== "All"))
    throw optionInvalid(
      kind,
      "dryRun",
      `Unsupported value: ${JSON.stringify(dryRun)}: supported values: "All"`,
      "FieldValueNotSupported",
    );
  const fieldValidation = target.query.get("fieldValidation") || "Warn";
  if (!["Ignore", "Warn", "Strict"].includes(fieldValidation))
    throw optionInvalid(
      kind,
      "fieldValidation",
      `Unsupported value: "${fieldValidation}": supported values: "", "Ignore", "Strict", "Warn"`,
      "FieldValueNotSupported",
    );
  return { dryRun: dryRun.length > 0, fieldValidation };
}

/** A whole number of a query parameter; undefined when absent. */
export function numberOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (!text) return undefined;
  if (!/^\d+$/.test(text)) throw badRequest(`${name}: "${text}" is not a whole number`);
  return Number(text);
}
