/** Merge, JSON and strategic merge patches: the patched object is new, what was stored stays as it was. */
import jsonPatch, { type Operation } from "fast-json-patch";
import { ApiFailure, badRequest, unsupportedPatch } from "./failure.ts";
import { isJson, type Json } from "./object.ts";

/** RFC 7386. Copies only what changes, which the package that tests compare it with does not. */
export function mergePatch(current: unknown, patch: unknown): unknown {
  if (!isJson(patch)) return patch;
  const result: Json = isJson(current) ? { ...current } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}

const OPERATIONS = ["add", "remove", "replace", "move", "copy", "test"];

function applyOperations(current: Json, patch: unknown): unknown {
  if (!Array.isArray(patch))
    throw badRequest(
      "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp",
    );
  const strange = patch.find((operation) => !isJson(operation) || !OPERATIONS.includes(String(operation.op)));
  if (strange !== undefined) throw badRequest(`invalid operation ${JSON.stringify(strange)}: unsupported operation`);
  try {
    return jsonPatch.applyPatch(current, patch as Operation[], true, false).newDocument;
  } catch {
    throw new ApiFailure(422, "Invalid", "the server rejected our request due to an error in our request", {});
  }
}

// patchMergeKey and patchStrategy tags of k8s.io/api core/v1, apps/v1, policy/v1, by field name.
const MERGE_KEYS: Readonly<Record<string, string>> = {
  ownerReferences: "uid",
  conditions: "type",
  addresses: "type",
  containers: "name",
  initContainers: "name",
  ephemeralContainers: "name",
  imagePullSecrets: "name",
  schedulingGates: "name",
  volumes: "name",
  env: "name",
  secrets: "name",
  ports: "containerPort",
  volumeMounts: "mountPath",
  podIPs: "ip",
  hostIPs: "ip",
};
const SETS = new Set(["finalizers", "podCIDRs"]);
const DELETE_FROM = "$deleteFromPrimitiveList/";
const ORDER = "$setElementOrder/";

const withoutDirectives = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutDirectives);
  if (!isJson(value)) return value;
  const kept = Object.entries(value).filter(([key, child]) => !key.startsWith("$") && child !== null);
  return Object.fromEntries(kept.map(([key, child]) => [key, withoutDirectives(child)]));
};

function mergeItems(current: readonly Json[], patch: readonly Json[], key: string): Json[] {
  if (patch.some((item) => item.$patch === "replace" && item[key] === undefined))
    return patch.filter((item) => item.$patch === undefined).map((item) => withoutDirectives(item) as Json);
  const strange = patch.find((item) => item[key] === undefined);
  if (strange) throw badRequest(`map: ${JSON.stringify(strange)} does not contain declared merge key: ${key}`);
  const patched = new Map(patch.map((item) => [item[key], item]));
  const kept = current.flatMap((item) => {
    const change = patched.get(item[key]);
    patched.delete(item[key]);
    if (change?.$patch === "delete") return [];
    return [change ? strategicMerge(item, change) : item];
  });
  const added = [...patched.values()].filter((item) => item.$patch !== "delete");
  return [...added.map((item) => withoutDirectives(item) as Json), ...kept];
}

function inOrder(list: readonly unknown[], order: unknown, key: string | undefined): unknown[] {
  if (!Array.isArray(order)) return [...list];
  const idOf = (item: unknown) => (key && isJson(item) ? item[key] : item);
  const rank = new Map(order.map((item, index) => [idOf(item), index]));
  const ranked = list.filter((item) => rank.has(idOf(item)));
  ranked.sort((a, b) => (rank.get(idOf(a)) ?? 0) - (rank.get(idOf(b)) ?? 0));
  return [...ranked, ...list.filter((item) => !rank.has(idOf(item)))];
}

function mergeField(field: string, current: unknown, patch: unknown): unknown {
  if (isJson(patch))
    return field === "selector" ? withoutDirectives(patch) : strategicMerge(isJson(current) ? current : {}, patch);
  if (!Array.isArray(patch)) return patch;
  const before: unknown[] = Array.isArray(current) ? current : [];
  const key = MERGE_KEYS[field];
  if (key) return mergeItems(before.filter(isJson), patch.filter(isJson), key);
  return SETS.has(field) ? [...new Set([...before, ...patch])] : withoutDirectives(patch);
}

function removeListed(result: Json, patch: Json) {
  for (const [key, value] of Object.entries(patch)) {
    const field = key.startsWith(DELETE_FROM) ? key.slice(DELETE_FROM.length) : "";
    const list = result[field];
    if (Array.isArray(list) && Array.isArray(value)) result[field] = list.filter((item) => !value.includes(item));
  }
}

function orderListed(result: Json, patch: Json) {
  for (const [key, order] of Object.entries(patch)) {
    const field = key.startsWith(ORDER) ? key.slice(ORDER.length) : "";
    const list = result[field];
    if (Array.isArray(list)) result[field] = inOrder(list, order, MERGE_KEYS[field]);
  }
}

/** @source apimachinery pkg/util/strategicpatch/patch.go: directives $patch, $retainKeys, $deleteFromPrimitiveList, $setElementOrder */
export function strategicMerge(current: Json, patch: Json): Json {
  if (patch.$patch === "replace") return withoutDirectives(patch) as Json;
  if (patch.$patch === "delete") return {};
  const retained = patch.$retainKeys;
  const kept = Object.entries(current).filter(([key]) => !Array.isArray(retained) || retained.includes(key));
  const result: Json = Object.fromEntries(kept);
  removeListed(result, patch);
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith("$")) continue;
    if (value === null) delete result[key];
    else result[key] = mergeField(key, result[key], value);
  }
  orderListed(result, patch);
  return result;
}

/** @param typed  built-in kinds take strategic merge patches too */
export function applyPatch(current: Json, patch: unknown, contentType: string, typed: boolean): Json {
  if (contentType === "application/json-patch+json") {
    const patched = applyOperations(current, patch);
    if (isJson(patched)) return patched;
    throw badRequest("error decoding patch: the result is no object");
  }
  const strategic = contentType === "application/strategic-merge-patch+json";
  if (contentType !== "application/merge-patch+json" && !(strategic && typed)) throw unsupportedPatch(typed);
  if (!isJson(patch))
    throw badRequest(
      "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}",
    );
  return strategic ? strategicMerge(current, patch) : (mergePatch(current, patch) as Json);
}
