/** The API server without sockets: one request in, one answer out, watches as subscriptions. */
import { randomUUID } from "node:crypto";
import type { Call } from "../calls.ts";
import type { Clock } from "../clock.ts";
import { type Authorize, createAuthorizer } from "./access.ts";
import { type AuditSink, auditEvents } from "./audit.ts";
import type { Engine } from "./deal.ts";
import { DEFINITIONS, typesOf } from "./definitions.ts";
import { discover } from "./discovery.ts";
import { ApiFailure, statusOf } from "./failure.ts";
import { type Json, jsonOf } from "./object.ts";
import { type ApiRequest, readTarget, type Target, type User } from "./request.ts";
import { builtInTypes } from "./resource-types.ts";
import { pageNotFound, readDeal, serve } from "./routing.ts";
import { createStorage, type Storage } from "./storage.ts";
import type { WatchStream } from "./watching.ts";

export interface Answer {
  readonly code: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** JSON to read only: it is the stored object itself; or text. */
  readonly body: Json | string;
  /** Present for a watch, whose body is empty. */
  readonly watch?: WatchStream;
}

export interface KubernetesApi {
  readonly name: string;
  readonly clock: Clock;
  handle(request: ApiRequest): Promise<Answer>;
  /** Every request answered so far. */
  readonly calls: Call[];
  /** Bearer token -> user; tokens may come and go. */
  readonly tokens: Map<string, User>;
}

export interface KubernetesApiOptions {
  readonly clock: Clock;
  /** As in "kubernetes:<name>" in the list of calls. */
  readonly name: string;
  readonly tokens?: Iterable<readonly [string, User]>;
  /** Default "all". */
  readonly authorize?: Authorize;
  readonly audit?: AuditSink;
}

export const ANONYMOUS: User = { name: "system:anonymous", groups: ["system:unauthenticated"] };
export const ADMIN: User = { name: "admin", groups: ["system:masters", "system:authenticated"] };
const NAMESPACES = ["default", "kube-system", "kube-public", "kube-node-lease"];

type Bare = Omit<Answer, "headers">;

function createKinds(storage: Storage): Engine["kinds"] {
  const byPath = (types: readonly (typeof builtInTypes)[number][]) =>
    new Map(types.map((type) => [`${type.group}/${type.version}/${type.plural}`, type]));
  let kinds = byPath(builtInTypes);
  storage.subscribe(({ bucket, now, before }) => {
    if (bucket !== DEFINITIONS || (now && now.spec === before?.spec)) return;
    kinds = byPath([...builtInTypes, ...storage.list(DEFINITIONS).flatMap(typesOf)]);
  });
  return {
    find: (group, version, plural) => kinds.get(`${group}/${version}/${plural}`),
    all: () => [...kinds.values()],
  };
}

export function authenticate(tokens: ReadonlyMap<string, User>, { user, headers }: ApiRequest): User {
  const token = /^Bearer\s+(.+)$/i.exec(headers.authorization ?? "")?.[1];
  if (user) return user;
  if (!token) return ANONYMOUS;
  const known = tokens.get(token);
  if (!known) throw new ApiFailure(401, "Unauthorized", "Unauthorized");
  return known;
}

const doorOf = ({ resource, subresource }: Target) => (subresource ? `${resource}/${subresource}` : resource);

function forbidden(user: User, target: Target) {
  const { group, resource, namespace, name, verb, pathname } = target;
  const what = doorOf(target);
  const subject = `${group ? `${resource}.${group}` : resource}${name ? ` "${name}"` : ""} is forbidden`;
  const where = namespace ? `in the namespace "${namespace}"` : "at the cluster scope";
  const message = resource
    ? `${subject}: User "${user.name}" cannot ${verb} resource "${what}" in API group "${group}" ${where}`
    : `forbidden: User "${user.name}" cannot ${verb} path "${pathname}"`;
  const details = { ...(name && { name }), ...(group && { group }), ...(resource && { kind: resource }) };
  return new ApiFailure(403, "Forbidden", message, details);
}

function answerTo(engine: Engine, request: ApiRequest, target: Target, seen: { user: User; warnings: string[] }): Bare {
  if (!engine.allows(seen.user, target)) throw forbidden(seen.user, target);
  if (!target.resource) {
    const found = discover(engine.kinds.all(), target.pathname);
    if (found === undefined) throw pageNotFound();
    return { code: 200, body: found };
  }
  const deal = readDeal(engine, request, target, seen.user);
  try {
    return serve(deal, request.headers.accept);
  } finally {
    seen.warnings.push(...deal.warnings);
  }
}

export function refusal(problem: unknown): Bare {
  if (!(problem instanceof ApiFailure)) throw problem;
  return {
    code: problem.code,
    body: problem.reason === "" && problem.code === 404 ? problem.message : statusOf(problem),
  };
}

function headersOf(auditID: string, { body }: Bare, warnings: readonly string[]): Answer["headers"] {
  const seconds = typeof body === "string" ? undefined : jsonOf(body.details).retryAfterSeconds;
  return {
    "audit-id": auditID,
    "cache-control": "no-cache, private",
    "content-type": typeof body === "string" ? "text/plain; charset=utf-8" : "application/json",
    ...(warnings.length > 0 && { warning: warnings.map((text) => `299 - ${JSON.stringify(text)}`) }),
    ...(typeof seconds === "number" && seconds > 0 && { "retry-after": String(seconds) }),
  };
}

/** How a request reads in the list of calls: "PATCH nodes", "POST pods/eviction", "WATCH pods". */
export function callOf(method: string, target: Target): Pick<Call, "what" | "target"> {
  const { resource, namespace, name, verb, pathname } = target;
  const what = resource ? doorOf(target) : pathname;
  const place = namespace && name && resource !== "namespaces" ? `${namespace}/${name}` : name;
  return { what: `${verb === "watch" ? "WATCH" : method} ${what}`, target: place };
}

export function createKubernetesApi({ clock, name, audit, ...options }: KubernetesApiOptions): KubernetesApi {
  const storage = createStorage();
  const tokens = new Map(options.tokens ?? []);
  const calls: Call[] = [];
  const allows = createAuthorizer(options.authorize ?? "all", storage);
  const engine: Engine = { clock, storage, kinds: createKinds(storage), allows };

  const answer = (request: ApiRequest, target: Target, seen: { user: User; warnings: string[] }): Bare => {
    try {
      seen.user = authenticate(tokens, request);
      return answerTo(engine, request, target, seen);
    } catch (problem) {
      return refusal(problem);
    }
  };
  const handle = async (request: ApiRequest): Promise<Answer> => {
    const received = clock.now();
    const target = readTarget(request.method, request.path);
    const seen = { user: ANONYMOUS, warnings: [] };
    const given = answer(request, target, seen);
    const { user } = seen;
    const auditID = randomUUID();
    const call = callOf(request.method, target);
    calls.push({ at: received, server: `kubernetes:${name}`, who: user.name, ...call, code: given.code });
    if (audit) {
      const happened = { request, target, user, answer: given, auditID, received, now: clock.now() };
      for (const record of auditEvents(happened)) audit(record);
    }
    return { ...given, headers: headersOf(auditID, given, seen.warnings) };
  };
  for (const namespace of NAMESPACES) {
    const request = {
      method: "POST",
      path: "/api/v1/namespaces",
      headers: {},
      body: { metadata: { name: namespace } },
    };
    answer({ ...request, user: ADMIN }, readTarget(request.method, request.path), { user: ADMIN, warnings: [] });
  }
  return { name, clock, handle, calls, tokens };
}
