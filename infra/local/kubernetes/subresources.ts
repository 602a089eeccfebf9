/** /scale, /eviction, /binding and /finalize: the doors of an object that are not the object. */
import type { LabelSelector } from "../../../lib/api/kubernetes/meta.ts";
import { type Deal, keyOf, noSuchResource, type Reply, storedOf } from "./deal.ts";
import { viewOf } from "./definitions.ts";
import { type Removal, readRemoval, remove } from "./deleting.ts";
import { ApiFailure, badRequest, invalid, success } from "./failure.ts";
import { isJson, type Json, jsonOf, listOf, type Stored, textOf, timestamp, valueAt } from "./object.ts";
import { applyPatch } from "./patches.ts";
import { selectorMatches } from "./selectors.ts";
import { negativeReplicas, store, update } from "./writing.ts";

const BUILT_IN_SCALE = { spec: ".spec.replicas", status: ".status.replicas" };

function scaleOf({ type }: Deal, object: Stored): Json {
  const paths = type.custom?.scale ?? { ...BUILT_IN_SCALE, selector: undefined };
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = valueAt(object, paths.spec);
  if (replicas === undefined && type.custom) {
    const message = `the spec replicas field "${paths.spec}" does not exist`;
    throw new ApiFailure(500, "InternalError", `Internal error occurred: ${message}`, { causes: [{ message }] });
  }
  const selector = paths.selector ? valueAt(object, paths.selector) : undefined;
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, ...(namespace && { namespace }), uid, resourceVersion, creationTimestamp },
    spec: { replicas: replicas ?? 0 },
    status: { replicas: valueAt(object, paths.status) ?? 0, ...(typeof selector === "string" && { selector }) },
  };
}

const setAt = (object: Json, path: readonly string[], value: unknown): Json => {
  const [field = "", ...rest] = path;
  return { ...object, [field]: rest.length > 0 ? setAt(jsonOf(object[field]), rest, value) : value };
};

export function scale(deal: Deal): Reply {
  const { type, target } = deal;
  const before = viewOf(type, storedOf(deal));
  const shown = scaleOf(deal, target.verb === "get" ? before : withReplicas(deal, before));
  if (target.verb === "get") return { code: 200, body: shown };
  const wish = target.verb === "patch" ? applyPatch(shown, deal.body, deal.contentType, false) : jsonOf(deal.body);
  const replicas = jsonOf(wish.spec).replicas ?? 0;
  if (typeof replicas !== "number" || replicas < 0) throw invalid(type, target.name, [negativeReplicas(replicas)]);
  const path = (type.custom?.scale?.spec ?? BUILT_IN_SCALE.spec).split(".").slice(1);
  const { resourceVersion } = jsonOf(wish.metadata);
  const object = setAt(before, path, replicas) as Stored;
  const asked = typeof resourceVersion === "string" ? { resourceVersion } : {};
  return {
    code: 200,
    body: scaleOf(deal, update(deal, before, { ...object, metadata: { ...object.metadata, ...asked } }, "")),
  };
}

// A scale that is written may meet an object that never had the field.
const withReplicas = ({ type }: Deal, object: Stored): Stored => {
  const path = type.custom?.scale?.spec ?? BUILT_IN_SCALE.spec;
  return valueAt(object, path) === undefined ? (setAt(object, path.split(".").slice(1), 0) as Stored) : object;
};

const TOO_MANY = "Cannot evict pod as it would violate the pod's disruption budget.";
function budgetRefusal(message: string, retryAfterSeconds?: number) {
  const causes = [{ reason: "DisruptionBudget", message }];
  return new ApiFailure(429, "TooManyRequests", TOO_MANY, { causes, ...(retryAfterSeconds && { retryAfterSeconds }) });
}

const numberIn = (value: unknown) => (typeof value === "number" ? value : 0);
const readyPod = (pod: Stored) =>
  listOf(pod.status?.conditions).some(({ type, status }) => type === "Ready" && status === "True");

/** Spends one disruption of the budget. Throws 429 or 403 as kubernetes pkg/registry/core/pod/storage/eviction.go does. */
function spend(deal: Deal, budget: Stored, pod: Stored) {
  const { name, generation } = budget.metadata;
  const status = jsonOf(budget.status);
  const allowed = numberIn(status.disruptionsAllowed);
  if (numberIn(status.observedGeneration) < numberIn(generation))
    throw budgetRefusal(`The disruption budget ${name} is still being processed by the server.`, 10);
  const disrupted = jsonOf(status.disruptedPods);
  if (allowed < 0 || Object.keys(disrupted).length > 2000)
    throw new ApiFailure(
      403,
      "Forbidden",
      `poddisruptionbudgets.policy "${name}" is forbidden: pdb disruptions allowed is negative`,
    );
  if (allowed === 0)
    throw budgetRefusal(
      `The disruption budget ${name} needs ${numberIn(status.desiredHealthy)} healthy pods and has ${numberIn(status.currentHealthy)} currently`,
    );
  const disruptedPods = { ...disrupted, [pod.metadata.name]: timestamp(deal.engine.clock.now()) };
  const next = {
    ...budget,
    metadata: { ...budget.metadata },
    status: { ...status, disruptionsAllowed: allowed - 1, disruptedPods },
  };
  deal.engine.storage.put("policy/poddisruptionbudgets", keyOf(budget.metadata.namespace, name), next);
}

// Whether an unhealthy pod may go without the budget (unhealthyPodEvictionPolicy).
function freeToGo(budget: Stored, pod: Stored) {
  if (readyPod(pod)) return false;
  if (budget.spec?.unhealthyPodEvictionPolicy === "AlwaysAllow") return true;
  const { currentHealthy, desiredHealthy } = jsonOf(budget.status);
  return numberIn(desiredHealthy) > 0 && numberIn(currentHealthy) >= numberIn(desiredHealthy);
}

function disruptionTarget(deal: Deal, pod: Stored): Stored {
  const now = timestamp(deal.engine.clock.now());
  const others = listOf(pod.status?.conditions).filter(({ type }) => type !== "DisruptionTarget");
  const condition = {
    type: "DisruptionTarget",
    status: "True",
    reason: "EvictionByEvictionAPI",
    message: "Eviction API: evicting",
    lastTransitionTime: now,
  };
  return store(deal, {
    ...pod,
    metadata: { ...pod.metadata },
    status: { ...pod.status, conditions: [...others, condition] },
  });
}

export function evict(deal: Deal): Reply {
  const { engine, target } = deal;
  const eviction = jsonOf(deal.body);
  const named = textOf(jsonOf(eviction.metadata).name);
  if (named && named !== target.name) throw badRequest("name in URL does not match name in Eviction object");
  const removal = readRemoval(deal, eviction.deleteOptions);
  const pod = storedOf(deal);
  const done = { code: 201, body: success(undefined, 201) };
  const phase = textOf(pod.status?.phase);
  if (["Succeeded", "Failed", "Pending"].includes(phase) || pod.metadata.deletionTimestamp) {
    remove(deal, pod, removal);
    return done;
  }
  const budgets = engine.storage
    .list("policy/poddisruptionbudgets")
    .filter(
      ({ metadata, spec }) =>
        metadata.namespace === target.namespace && selectorMatches(selectorOf(spec), pod.metadata.labels ?? {}),
    );
  if (budgets.length > 1)
    throw new ApiFailure(
      500,
      "",
      "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
    );
  const [budget] = budgets;
  if (budget && !freeToGo(budget, pod)) {
    if (removal.dryRun) return done;
    spend(deal, budget, pod);
  }
  if (!removal.dryRun) remove(deal, disruptionTarget(deal, pod), withoutVersion(removal));
  return done;
}

const selectorOf = (spec: Json | undefined) => (isJson(spec?.selector) ? (spec.selector as LabelSelector) : undefined);
// The DisruptionTarget condition has just moved the version that the caller may have named.
const withoutVersion = ({ uid, gracePeriodSeconds, dryRun }: Removal): Removal => ({
  dryRun,
  ...(uid !== undefined && { uid }),
  ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
});

function bind(deal: Deal): Reply {
  const pod = storedOf(deal);
  const nodeName = textOf(jsonOf(jsonOf(deal.body).target).name);
  if (pod.spec?.nodeName)
    throw new ApiFailure(
      409,
      "Conflict",
      `pod ${pod.metadata.name} is already assigned to node "${textOf(pod.spec.nodeName)}"`,
    );
  store(deal, { ...pod, metadata: { ...pod.metadata }, spec: { ...pod.spec, nodeName } });
  return { code: 201, body: success(undefined, 201) };
}

function finalize(deal: Deal): Reply {
  const { engine, type, target } = deal;
  const namespace = storedOf(deal);
  const finalizers = jsonOf(jsonOf(deal.body).spec).finalizers;
  const left = Array.isArray(finalizers) ? finalizers : [];
  const next = { ...namespace, metadata: { ...namespace.metadata }, spec: { ...namespace.spec, finalizers: left } };
  const gone = left.length === 0 && namespace.metadata.deletionTimestamp;
  return {
    code: 200,
    body: gone ? engine.storage.remove(type.bucket, keyOf("", target.name), next) : store(deal, next),
  };
}

export function subresource(deal: Deal): Reply {
  const { subresource: name, verb } = deal.target;
  if (name === "scale") return scale(deal);
  if (name === "eviction" && verb === "create") return evict(deal);
  if (name === "binding" && verb === "create") return bind(deal);
  if (name === "finalize" && verb === "update") return finalize(deal);
  throw noSuchResource();
}
