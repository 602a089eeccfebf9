/** Label and field selectors: text of a query, or a LabelSelector object, to a test on objects. */
import type { LabelSelector } from "../../../lib/api/kubernetes/meta.ts";
import { badRequest } from "./failure.ts";
import { type Stored, textOf, valueAt } from "./object.ts";
import type { ResourceType } from "./resource-types.ts";

export type Test = (object: Stored) => boolean;
type Labels = Readonly<Record<string, string>>;

// Commas inside (...) belong to a set.
const split = (text: string) =>
  text
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter(Boolean);
const NAME = "[A-Za-z0-9]([-A-Za-z0-9_./]*[A-Za-z0-9])?";
const VALUE = "([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?";
const SET = new RegExp(`^(?<key>${NAME})\\s+(?<operator>in|notin)\\s*\\((?<values>[^()]*)\\)$`);
const EQUAL = new RegExp(`^(?<key>${NAME})\\s*(?<operator>==|=|!=)\\s*(?<values>${VALUE})$`);
const EXISTS = new RegExp(`^(?<operator>!?)\\s*(?<key>${NAME})$`);

function requirement(operator: string, key: string, values: readonly string[]): (labels: Labels) => boolean {
  const within = (labels: Labels) => Object.hasOwn(labels, key) && values.includes(labels[key] ?? "");
  if (operator === "" || operator === "Exists") return (labels) => Object.hasOwn(labels, key);
  if (operator === "!" || operator === "DoesNotExist") return (labels) => !Object.hasOwn(labels, key);
  return operator === "!=" || operator.toLowerCase() === "notin" ? (labels) => !within(labels) : within;
}

function parseRequirement(text: string) {
  const groups = (SET.exec(text) ?? EQUAL.exec(text) ?? EXISTS.exec(text))?.groups;
  if (!groups) throw badRequest(`unable to parse requirement: ${text}`);
  return requirement(
    groups.operator ?? "",
    groups.key ?? "",
    (groups.values ?? "").split(",").map((value) => value.trim()),
  );
}

export function labelTest(text: string | null): Test | undefined {
  if (!text) return undefined;
  const tests = split(text).map(parseRequirement);
  return (object) => tests.every((test) => test(object.metadata.labels ?? {}));
}

/** policy/v1: an empty selector matches every pod, an absent one none. */
export function selectorMatches(selector: LabelSelector | undefined, labels: Labels): boolean {
  if (!selector) return false;
  const equal = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  return (
    equal &&
    (selector.matchExpressions ?? []).every(({ key, operator, values }) =>
      requirement(operator, key, values ?? [])(labels),
    )
  );
}

export function fieldTest(type: ResourceType, text: string | null): Test | undefined {
  if (!text) return undefined;
  const tests = split(text).map((part): Test => {
    const [, field = "", operator, value = ""] = /^([^=!]+)(==|=|!=)(.*)$/.exec(part) ?? [];
    if (!operator) throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`);
    if (!["metadata.name", "metadata.namespace", ...type.selectable].includes(field))
      throw badRequest(`field label not supported: ${field}`);
    const absent = field === "spec.unschedulable" ? "false" : "";
    return (object) => {
      const found = valueAt(object, field);
      return ((typeof found === "boolean" ? String(found) : textOf(found) || absent) === value) === (operator !== "!=");
    };
  });
  return (object) => tests.every((test) => test(object));
}

/** Both selectors of a query as one test; undefined when there are none. */
export function queryTest(type: ResourceType, query: URLSearchParams): Test | undefined {
  const labels = labelTest(query.get("labelSelector"));
  const fields = fieldTest(type, query.get("fieldSelector"));
  return labels && fields ? (object) => labels(object) && fields(object) : (labels ?? fields);
}
