/** DELETE: preconditions, finalizers, propagation, and the grace that a pod is given. */
import { type Deal, keyOf, type Reply, storedOf } from "./deal.ts";
import { DEFINITIONS, viewOf } from "./definitions.ts";
import { badRequest, conflict, optionInvalid, success } from "./failure.ts";
import { isJson, type Json, jsonOf, type Meta, type Stored, textOf, timestamp, valueAt } from "./object.ts";
import { queryTest } from "./selectors.ts";
import { store } from "./writing.ts";

const POLICIES = ["Foreground", "Background", "Orphan"];
const POLICY_FINALIZER: Readonly<Record<string, string>> = { Foreground: "foregroundDeletion", Orphan: "orphan" };

export interface Removal {
  readonly gracePeriodSeconds?: number;
  readonly finalizer?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly dryRun: boolean;
}

/** From the query and from the DeleteOptions in the body, as kubectl, client-go and an Eviction send them. */
export function readRemoval({ target, options }: Deal, body: unknown): Removal {
  const sent = jsonOf(body);
  if (body !== undefined && body !== "" && body !== null && !isJson(body))
    throw badRequest("DeleteOptions must be a JSON object");
  const policy = textOf(sent.propagationPolicy) || target.query.get("propagationPolicy") || "Background";
  if (!POLICIES.includes(policy))
    throw optionInvalid(
      "DeleteOptions",
      "propagationPolicy",
      `Unsupported value: "${policy}": supported values: "Foreground", "Background", "Orphan", "nil"`,
      "FieldValueNotSupported",
    );
  const grace = sent.gracePeriodSeconds ?? target.query.get("gracePeriodSeconds") ?? undefined;
  const finalizer = POLICY_FINALIZER[policy];
  const { uid, resourceVersion } = jsonOf(sent.preconditions);
  const dryRun = options.dryRun || (Array.isArray(sent.dryRun) && sent.dryRun.includes("All"));
  return {
    ...(grace !== undefined && { gracePeriodSeconds: Number(grace) }),
    ...(finalizer && { finalizer }),
    ...(typeof uid === "string" && { uid }),
    ...(typeof resourceVersion === "string" && { resourceVersion }),
    dryRun,
  };
}

function checkPreconditions({ type }: Deal, stored: Stored, removal: Removal) {
  const { name, uid, resourceVersion } = stored.metadata;
  // Upstream names the Kind here where every other conflict names the plural.
  const named = { ...type, plural: type.kind };
  if (removal.uid !== undefined && removal.uid !== uid)
    throw conflict(
      named,
      name,
      `the UID in the precondition (${removal.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
    );
  if (removal.resourceVersion !== undefined && removal.resourceVersion !== resourceVersion)
    throw conflict(
      named,
      name,
      `the ResourceVersion in the precondition (${removal.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`,
    );
}

// kubernetes pkg/registry/core/pod/strategy.go CheckGracefulDelete
function graceOf({ type }: Deal, stored: Stored, removal: Removal): number {
  if (type.bucket !== "/pods") return 0;
  const phase = textOf(stored.status?.phase);
  if (!stored.spec?.nodeName || phase === "Succeeded" || phase === "Failed") return 0;
  const wish = removal.gracePeriodSeconds ?? Number(stored.spec.terminationGracePeriodSeconds ?? 30);
  return wish < 0 ? 1 : wish;
}

const finalizersOf = ({ metadata }: Stored, removal: Removal) => {
  const before = metadata.finalizers ?? [];
  return removal.finalizer && !before.includes(removal.finalizer) ? [...before, removal.finalizer] : before;
};

function marked(deal: Deal, stored: Stored, grace: number, removal: Removal): Stored {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, generation } = stored.metadata;
  const finalizers = finalizersOf(stored, removal);
  const shorter = deletionTimestamp !== undefined && grace < deletionGracePeriodSeconds;
  if (deletionTimestamp && !shorter && finalizers === stored.metadata.finalizers) return stored;
  // Shortening counts from when the deletion began (apiserver pkg/registry/rest/delete.go).
  const now = deal.engine.clock.now().getTime();
  const began = deletionTimestamp ? Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000 : now;
  const fresh = !deletionTimestamp || shorter;
  const metadata: Meta = {
    ...stored.metadata,
    ...(finalizers.length > 0 && { finalizers }),
    ...(fresh && { deletionTimestamp: timestamp(new Date(began + grace * 1000)), deletionGracePeriodSeconds: grace }),
    ...(!deletionTimestamp && generation !== undefined && { generation: generation + 1 }),
  };
  const namespace = deal.type.bucket === "/namespaces";
  return { ...stored, metadata, ...(namespace && { status: { ...stored.status, phase: "Terminating" } }) };
}

/** Marks or removes one object; answers its last state and whether it is gone. */
export function remove(
  deal: Deal,
  stored: Stored,
  removal: Removal,
): { readonly last: Stored; readonly gone: boolean } {
  checkPreconditions(deal, stored, removal);
  const { engine, type } = deal;
  const grace = graceOf(deal, stored, removal);
  const held =
    finalizersOf(stored, removal).length > 0 ||
    (type.bucket === "/namespaces" && valueAt(stored, ".spec.finalizers[0]") !== undefined);
  const pending = stored.metadata.deletionGracePeriodSeconds ?? 0;
  // Without a period of its own a second DELETE does not shorten what the first one granted.
  const waits = grace > 0 && !(stored.metadata.deletionTimestamp && pending === 0);
  if (held || waits) {
    const next = marked(deal, stored, grace, removal);
    return { last: next === stored || removal.dryRun ? viewOf(type, next) : store(deal, next), gone: false };
  }
  if (removal.dryRun) return { last: viewOf(type, stored), gone: true };
  if (type.bucket === DEFINITIONS) removeInstances(deal, stored);
  const { namespace, name } = stored.metadata;
  // Pods are marked even when they go at once (rest.BeforeDelete): watchers see MODIFIED, then DELETED.
  const last = type.bucket === "/pods" ? marked(deal, stored, 0, removal) : stored;
  if (last !== stored) store(deal, last);
  return { last: viewOf(type, engine.storage.remove(type.bucket, keyOf(namespace, name), last)), gone: true };
}

// The custom resources of a definition go with it (finalizer customresourcecleanup upstream).
function removeInstances({ engine }: Deal, definition: Stored) {
  const spec = jsonOf(definition.spec);
  const bucket = `${textOf(spec.group)}/${textOf(jsonOf(spec.names).plural)}`;
  for (const object of engine.storage.list(bucket))
    engine.storage.remove(bucket, keyOf(object.metadata.namespace, object.metadata.name), object);
}

export function deleteOne(deal: Deal): Reply {
  const { type } = deal;
  const removal = readRemoval(deal, deal.body);
  const stored = storedOf(deal);
  const { last, gone } = remove(deal, stored, removal);
  if (!gone || type.bucket === "/pods") return { code: 200, body: last };
  const { name, uid } = stored.metadata;
  return { code: 200, body: success({ name, ...(type.group && { group: type.group }), kind: type.plural, uid }) };
}

export function deleteCollection(deal: Deal): Reply {
  const { engine, type, target } = deal;
  const removal = readRemoval(deal, deal.body);
  const test = queryTest(type, target.query);
  const chosen = engine.storage
    .list(type.bucket)
    .filter(
      (object) => (!target.namespace || object.metadata.namespace === target.namespace) && (!test || test(object)),
    );
  const items: Json[] = chosen.map((object) => viewOf(type, object));
  for (const object of chosen) remove(deal, object, removal);
  const apiVersion = type.group ? `${type.group}/${type.version}` : type.version;
  const metadata = { resourceVersion: String(engine.storage.revision()) };
  return { code: 200, body: { kind: type.listKind, apiVersion, metadata, items } };
}
