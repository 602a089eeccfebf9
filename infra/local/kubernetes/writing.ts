/** Create and update: one pipeline from what the client sent to the next revision, for objects, status and scale alike. */
import { randomInt, randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { type Deal, keyOf, type Reply, storedOf } from "./deal.ts";
import { DEFINITIONS, establish, prepareDefinition, viewOf } from "./definitions.ts";
import { ApiFailure, alreadyExists, badRequest, type Cause, conflict, invalid, modified, notFound } from "./failure.ts";
import { metadataCauses } from "./metadata-rules.ts";
import { isJson, type Json, jsonOf, type Meta, type Stored, textOf, timestamp, valueAt, without } from "./object.ts";
import { apiVersionOf, type ResourceType } from "./resource-types.ts";
import { shape } from "./schema.ts";
import { validate, validateStatus } from "./schema-validation.ts";
import { keptStatus, prepareCreate } from "./typed-kinds.ts";

/** The body as an object of the kind that the URL names. Throws 400 or 422. */
export function objectOf({ type, target }: Deal, body: unknown): Stored {
  const expected = apiVersionOf(type);
  if (!isJson(body))
    throw badRequest(`the object provided is unrecognized (must be of type ${type.kind}): no JSON object`);
  const { apiVersion = expected, kind = type.kind } = body;
  if (apiVersion !== expected)
    throw badRequest(
      `the API version in the data (${String(apiVersion)}) does not match the expected API version (${expected})`,
    );
  const metadata = jsonOf(body.metadata);
  if (kind !== type.kind)
    throw invalid({ group: type.group, kind: String(kind) }, textOf(metadata.name), [
      {
        reason: "FieldValueInvalid",
        message: `Invalid value: ${JSON.stringify(kind)}: must be ${type.kind}`,
        field: "kind",
      },
    ]);
  if (type.namespaced && metadata.namespace && metadata.namespace !== target.namespace)
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  const name = textOf(metadata.name);
  if (target.name && name !== target.name)
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${target.name})`);
  const { namespace: _, ...rest } = metadata;
  const placed = { ...rest, name, ...(type.namespaced && { namespace: target.namespace }) } as Meta;
  return { ...body, apiVersion: expected, kind: type.kind, metadata: placed };
}

type Part = "status" | "";

function schemaProblems({ type }: Deal, object: Stored, before: Stored | undefined, part: Part): Cause[] {
  const { custom } = type;
  if (!custom) return [];
  if (part === "status") return validateStatus(custom.schema, object.status);
  const causes = validate(custom.schema, object, before);
  const replicas = custom.scale && valueAt(object, custom.scale.spec);
  if (typeof replicas !== "number" || replicas >= 0) return causes;
  return [...causes, negativeReplicas(replicas)];
}

/** Defaults, prunes and validates; says unknown fields the way the client asked. */
function conform(deal: Deal, object: Stored, before?: Stored, part: Part = ""): Stored {
  const { type, options, warnings } = deal;
  const unknown: string[] = [];
  const shaped = type.custom ? (shape(type.custom.schema, object, "", unknown) as Stored) : object;
  const said = unknown.sort().map((field) => `unknown field "${field}"`);
  if (said.length > 0 && options.fieldValidation === "Strict")
    throw badRequest(
      `${type.kind} in version "${type.version}" cannot be handled as a ${type.kind}: strict decoding error: ${said.join(", ")}`,
    );
  if (options.fieldValidation === "Warn") warnings.push(...said);
  const causes = [...metadataCauses(shaped, before), ...schemaProblems(deal, shaped, before, part)];
  if (causes.length > 0) throw invalid(type, shaped.metadata.name, causes);
  return shaped;
}

export const negativeReplicas = (replicas: unknown): Cause => ({
  reason: "FieldValueInvalid",
  message: `Invalid value: ${JSON.stringify(replicas)}: should be a non-negative integer`,
  field: ".spec.replicas",
});

function requireNamespace({ engine, type, target }: Deal) {
  if (!type.namespaced) return;
  const namespace = engine.storage.get("/namespaces", keyOf("", target.namespace));
  if (!namespace) throw notFound({ group: "", plural: "namespaces", kind: "Namespace" }, target.namespace);
  if (!namespace.metadata.deletionTimestamp) return;
  const title = type.group ? `${type.plural}.${type.group}` : type.plural;
  const why = `unable to create new content in namespace ${target.namespace} because it is being terminated`;
  throw new ApiFailure(403, "Forbidden", `${title} is forbidden: ${why}`, {
    kind: type.plural,
    causes: [
      {
        reason: "NamespaceTerminating",
        message: `namespace ${target.namespace} is being terminated`,
        field: "metadata.namespace",
      },
    ],
  });
}

const LETTERS = "bcdfghjklmnpqrstvwxz2456789";
const suffix = () => Array.from({ length: 5 }, () => LETTERS[randomInt(LETTERS.length)]).join("");

function nameFor({ engine, type, target }: Deal, { name, generateName }: Meta): string {
  if (name || !generateName) return name;
  const tries = Array.from({ length: 8 }, () => `${textOf(generateName)}${suffix()}`);
  return tries.find((made) => !engine.storage.get(type.bucket, keyOf(target.namespace, made))) ?? tries[0] ?? "";
}

const inStorageVersion = (type: ResourceType, object: Stored): Stored =>
  type.custom && type.custom.storageVersion !== type.version
    ? { ...object, apiVersion: `${type.group}/${type.custom.storageVersion}` }
    : object;

/** Stores and answers what is stored, in the version that was asked for. */
export function store(deal: Deal, object: Stored): Stored {
  const { engine, type } = deal;
  const { namespace, name } = object.metadata;
  const kept = inStorageVersion(type, object);
  engine.storage.put(type.bucket, keyOf(namespace, name), kept);
  if (kept === object) type.custom?.views.set(kept, kept);
  return viewOf(type, kept);
}

export function create(deal: Deal): Reply {
  const { engine, type, options } = deal;
  const sent = objectOf(deal, deal.body);
  if (sent.metadata.resourceVersion)
    throw new ApiFailure(500, "", "resourceVersion should not be set on objects to be created");
  requireNamespace(deal);
  const {
    deletionTimestamp: _,
    deletionGracePeriodSeconds: __,
    selfLink: ___,
    generation: ____,
    ...rest
  } = sent.metadata;
  const metadata: Meta = {
    ...rest,
    name: nameFor(deal, sent.metadata),
    uid: randomUUID(),
    creationTimestamp: timestamp(engine.clock.now()),
    ...(type.counted && { generation: 1 }),
  } as Meta;
  const { status, ...body } = sent;
  const keepsStatus = keptStatus(type);
  const made = prepareCreate(type, {
    ...body,
    ...(keepsStatus && status !== undefined && { status }),
    metadata,
  } as Stored);
  const ready = conform(deal, type.bucket === DEFINITIONS ? prepareDefinition(made) : made);
  if (engine.storage.get(type.bucket, keyOf(metadata.namespace, metadata.name)))
    throw alreadyExists(type, metadata.name);
  if (options.dryRun) return { code: 201, body: ready };
  const stored = store(deal, ready);
  if (type.bucket === DEFINITIONS) return { code: 201, body: store(deal, establish(stored, engine.clock.now())) };
  return { code: 201, body: stored };
}

const FROM_SERVER = [
  "uid",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "generation",
  "selfLink",
] as const;

function keepServerFields(before: Stored, wish: Stored): Meta {
  const metadata: Meta = { ...wish.metadata };
  for (const field of FROM_SERVER) {
    delete metadata[field];
    if (before.metadata[field] !== undefined) Object.assign(metadata, { [field]: before.metadata[field] });
  }
  if (!metadata.finalizers?.length) delete metadata.finalizers;
  metadata.resourceVersion = before.metadata.resourceVersion;
  return metadata;
}

function checkVersion(type: ResourceType, before: Stored, asked: unknown) {
  if (asked === undefined || asked === "" || asked === before.metadata.resourceVersion) return;
  if (!/^\d+$/.test(textOf(asked)))
    throw new ApiFailure(500, "", `strconv.ParseUint: parsing ${JSON.stringify(asked)}: invalid syntax`);
  throw modified(type, before.metadata.name);
}

// What of the wish counts: only status on /status, everything but status elsewhere.
function takenPart(type: ResourceType, before: Stored, wish: Stored, part: Part): Stored {
  if (part === "status") return { ...before, ...("status" in wish ? { status: jsonOf(wish.status) } : {}) };
  const metadata = keepServerFields(before, wish);
  if (!type.subresources.includes("status")) return { ...wish, metadata };
  const { status: _, ...rest } = wish;
  return { ...rest, ...(before.status && { status: before.status }), metadata } as Stored;
}

const content = (object: Json, ownStatus: boolean) => without(object, "metadata", ownStatus ? "status" : "");

/**
 * Writes what is different, or nothing.
 * @param wish  the whole object as the client wants it, resourceVersion included when it insists on one
 */
export function update(deal: Deal, before: Stored, wish: Stored, part: Part): Stored {
  const { type, options, engine } = deal;
  checkVersion(type, before, wish.metadata.resourceVersion);
  const { uid, name: title } = wish.metadata;
  if (uid && uid !== before.metadata.uid)
    throw invalid(type, title, [
      { reason: "FieldValueInvalid", message: `Invalid value: "${uid}": field is immutable`, field: "metadata.uid" },
    ]);
  const taken = conform(deal, takenPart(type, before, wish, part), before, part);
  const ready = type.bucket === DEFINITIONS ? prepareDefinition(taken) : taken;
  if (isDeepStrictEqual(ready, before)) return before;
  const ownStatus = type.subresources.includes("status");
  const grown = type.counted && !isDeepStrictEqual(content(ready, ownStatus), content(before, ownStatus));
  const metadata = { ...ready.metadata, ...(grown && { generation: (before.metadata.generation ?? 0) + 1 }) };
  const next: Stored = { ...ready, metadata };
  if (options.dryRun) return next;
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers, namespace, name } = metadata;
  const held = (finalizers?.length ?? 0) > 0 || (deletionGracePeriodSeconds ?? 0) > 0 || type.bucket === "/namespaces";
  if (!deletionTimestamp || held) return store(deal, next);
  return viewOf(type, engine.storage.remove(type.bucket, keyOf(namespace, name), inStorageVersion(type, next)));
}

export function replace(deal: Deal): Reply {
  const { type, target } = deal;
  const part = target.subresource === "status" ? "status" : "";
  const before = viewOf(type, storedOf(deal));
  const wish = objectOf(deal, deal.body);
  const { uid, resourceVersion } = wish.metadata;
  if (uid && uid !== before.metadata.uid)
    throw conflict(
      type,
      target.name,
      `StorageError: invalid object, Precondition failed: UID in precondition: ${uid}, UID in object meta: ${before.metadata.uid}`,
    );
  if (type.custom && !resourceVersion)
    throw invalid({ group: type.group, kind: type.plural }, target.name, [
      {
        reason: "FieldValueInvalid",
        message: "Invalid value: 0: must be specified for an update",
        field: "metadata.resourceVersion",
      },
    ]);
  return { code: 200, body: update(deal, before, wish, part) };
}
