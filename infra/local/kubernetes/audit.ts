/** Audit events as the API server writes them, and the policy that says which (audit.k8s.io/v1). */
import { type Json, jsonOf, listOf, textOf } from "./object.ts";
import type { ApiRequest, Target, User } from "./request.ts";

export type AuditSink = (record: AuditRecord) => void;

export interface AuditRecord {
  /** At level RequestResponse; the policy takes away what it does not want. */
  readonly event: Json;
  readonly target: Target;
  readonly user: User;
}

const micros = (date: Date) => `${date.toISOString().slice(0, 23)}000Z`;

interface Happened {
  readonly request: ApiRequest;
  readonly target: Target;
  readonly user: User;
  readonly answer: { readonly code: number; readonly body: Json | string; readonly watch?: unknown };
  readonly auditID: string;
  readonly received: Date;
  readonly now: Date;
}

const sentObject = ({ body }: ApiRequest): unknown => {
  if (typeof body !== "string") return body;
  try {
    return body === "" ? undefined : JSON.parse(body);
  } catch {
    return undefined;
  }
};

// uid and resourceVersion come from the body of a PUT only; a generated name is not known when the request is read.
function objectRef({ group, version, resource, subresource, namespace, name, verb }: Target, sent: Json): Json {
  const metadata = jsonOf(sent.metadata);
  const named = name || (verb === "create" && !subresource ? textOf(metadata.name) : "");
  return {
    resource,
    ...(namespace && { namespace }),
    ...(named && { name: named }),
    ...(verb === "update" && textOf(metadata.uid) && { uid: metadata.uid }),
    ...(group && { apiGroup: group }),
    apiVersion: version,
    ...(verb === "update" && textOf(metadata.resourceVersion) && { resourceVersion: metadata.resourceVersion }),
    ...(subresource && { subresource }),
  };
}

function responseStatus(code: number, body: Json | string): Json {
  const status = typeof body === "object" && body.kind === "Status" ? body : {};
  const { status: said, message, reason, details } = status;
  return {
    metadata: {},
    ...(said !== undefined && { status: said }),
    ...(message !== undefined && { message }),
    ...(reason !== undefined && { reason }),
    ...(details !== undefined && { details }),
    code,
  };
}

/** The two events of a request: as it came in, and as it was answered (a watch: as it was begun). */
export function auditEvents({ request, target, user, answer, auditID, received, now }: Happened): AuditRecord[] {
  const sent = sentObject(request);
  const asked = {
    kind: "Event",
    apiVersion: "audit.k8s.io/v1",
    level: "RequestResponse",
    auditID,
    stage: "RequestReceived",
    requestURI: request.path,
    verb: target.verb,
    user: { username: user.name, ...(user.uid && { uid: user.uid }), groups: user.groups },
    sourceIPs: ["127.0.0.1"],
    userAgent: request.headers["user-agent"] ?? "",
    ...(target.resource && { objectRef: objectRef(target, jsonOf(sent)) }),
    requestReceivedTimestamp: micros(received),
    stageTimestamp: micros(received),
  };
  const answered = {
    ...asked,
    stage: answer.watch ? "ResponseStarted" : "ResponseComplete",
    responseStatus: responseStatus(answer.code, answer.body),
    ...(target.resource && sent !== undefined && { requestObject: sent }),
    ...(target.resource && !answer.watch && typeof answer.body === "object" && { responseObject: answer.body }),
    stageTimestamp: micros(now),
    annotations: {
      "authorization.k8s.io/decision": answer.code === 403 ? "forbid" : "allow",
      "authorization.k8s.io/reason": "",
    },
  };
  return [asked, answered].map((event) => ({ event, target, user }));
}

export interface AuditRule {
  readonly level: "None" | "Metadata" | "Request" | "RequestResponse";
  readonly users?: readonly string[];
  readonly userGroups?: readonly string[];
  readonly verbs?: readonly string[];
  readonly resources?: readonly {
    readonly group?: string;
    readonly resources?: readonly string[];
    readonly resourceNames?: readonly string[];
  }[];
  readonly namespaces?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly omitStages?: readonly string[];
  readonly omitManagedFields?: boolean;
}

export interface AuditPolicy {
  readonly rules: readonly AuditRule[];
  readonly omitStages?: readonly string[];
  readonly omitManagedFields?: boolean;
}

const within = (list: readonly string[] | undefined, value: string) => !list?.length || list.includes(value);

function resourceFits(rule: AuditRule, { group, resource, subresource, name }: Target) {
  if (!rule.resources?.length) return !rule.nonResourceURLs?.length;
  const what = subresource ? `${resource}/${subresource}` : resource;
  return rule.resources.some(
    (entry) =>
      (entry.group ?? "") === group &&
      (!entry.resources?.length ||
        entry.resources.some((wanted) => [what, "*", `*/${subresource}`, `${resource}/*`].includes(wanted))) &&
      within(entry.resourceNames, name),
  );
}

// apiserver pkg/audit/policy/checker.go
function ruleFits(rule: AuditRule, { target, user }: AuditRecord) {
  if (!within(rule.users, user.name) || !within(rule.verbs, target.verb)) return false;
  if (rule.userGroups?.length && !rule.userGroups.some((group) => user.groups.includes(group))) return false;
  if (target.resource) return resourceFits(rule, target) && within(rule.namespaces, target.namespace);
  if (rule.resources?.length || rule.namespaces?.length) return false;
  const urls = rule.nonResourceURLs;
  return (
    !urls?.length ||
    urls.some((url) => url === target.pathname || (url.endsWith("*") && target.pathname.startsWith(url.slice(0, -1))))
  );
}

const withoutManagedFields = (value: unknown): unknown => {
  const object = jsonOf(value);
  if (Array.isArray(object.items)) return { ...object, items: listOf(object.items).map(withoutManagedFields) };
  if (!object.metadata) return value;
  const { managedFields: _, ...metadata } = jsonOf(object.metadata);
  return { ...object, metadata };
};

/** What the first matching rule leaves of a record; undefined when it is not to be written. */
export function underPolicy(policy: AuditPolicy, record: AuditRecord): Json | undefined {
  const rule = policy.rules.find((candidate) => ruleFits(candidate, record));
  if (!rule || rule.level === "None") return undefined;
  if ([...(policy.omitStages ?? []), ...(rule.omitStages ?? [])].includes(textOf(record.event.stage))) return undefined;
  const { requestObject, responseObject, ...rest } = record.event;
  const strip = (rule.omitManagedFields ?? policy.omitManagedFields) ? withoutManagedFields : (value: unknown) => value;
  return {
    ...rest,
    level: rule.level,
    ...(rule.level !== "Metadata" && requestObject !== undefined && { requestObject: strip(requestObject) }),
    ...(rule.level === "RequestResponse" && responseObject !== undefined && { responseObject: strip(responseObject) }),
  };
}
