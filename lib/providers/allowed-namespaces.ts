/** Whether an identity may be used from a namespace (CAPA pkg/cloud/scope/session.go, isClusterPermittedToUsePrincipal). */
import type { AllowedNamespaces } from "../api/core/allowed-namespaces.ts";
import type { LabelSelector, LabelSelectorRequirement } from "../api/kubernetes/meta.ts";

type Labels = Readonly<Record<string, string>>;

/**
 * @param allowed  absent: nobody. Empty: everybody. A list and a selector are ORed; an empty selector matches nothing.
 * @param labels   reads the namespace's labels, when they matter
 */
export async function isNamespaceAllowed(
  allowed: AllowedNamespaces | null | undefined,
  namespace: string,
  labels: () => Promise<Labels | undefined>,
): Promise<boolean> {
  if (!allowed) return false;
  const { list, selector } = allowed;
  if (list === undefined && selector === undefined) return true;
  if (list?.includes(namespace)) return true;
  if (!selector || isEmpty(selector)) return false;
  return matches(selector, (await labels()) ?? {});
}

const isEmpty = ({ matchLabels = {}, matchExpressions = [] }: LabelSelector) =>
  Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;

const matches = ({ matchLabels = {}, matchExpressions = [] }: LabelSelector, labels: Labels) =>
  Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
  matchExpressions.every((one) => fits(one, labels));

function fits({ key, operator, values = [] }: LabelSelectorRequirement, labels: Labels): boolean {
  const value = labels[key];
  if (operator === "Exists") return value !== undefined;
  if (operator === "DoesNotExist") return value === undefined;
  if (operator === "In") return value !== undefined && values.includes(value);
  // An operator of the future must not open a door.
  return operator === "NotIn" && (value === undefined || !values.includes(value));
}
