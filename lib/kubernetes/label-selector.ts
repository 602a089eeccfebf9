/** Label selectors as the API machinery reads them: matched here, or rendered for the server to match. */
import type { LabelSelector, LabelSelectorRequirement } from "../api/kubernetes/meta.ts";
import { labelKeyFault, labelValueFault } from "./label-syntax.ts";

type Labels = Readonly<Record<string, string>> | undefined;

/** A selector that the API machinery would refuse too; the message names the field and what is allowed there. */
export class LabelSelectorError extends Error {
  override readonly name = "LabelSelectorError";
}

interface Requirement {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  readonly values: readonly string[];
}

/**
 * Whether `labels` satisfy every requirement. Absent or empty selectors match everything; NotIn also matches a missing
 * key (apimachinery pkg/labels/selector.go).
 * @throws LabelSelectorError
 */
export function matchesSelector(selector: LabelSelector | undefined, labels: Labels): boolean {
  return requirementsOf(selector).every((requirement) => holds(requirement, labels ?? {}));
}

/**
 * The selector as a `labelSelector` query value; "" matches everything.
 * @throws LabelSelectorError
 */
export function toSelectorQuery(selector: LabelSelector | undefined): string {
  return requirementsOf(selector).map(render).join(",");
}

/** Throws LabelSelectorError when the API machinery could not read it (LabelSelectorAsSelector). */
export function requirementsOf(selector: LabelSelector | undefined): readonly Requirement[] {
  const labels = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => {
    const at = `matchLabels[${JSON.stringify(key)}]`;
    refuse(at, labelKeyFault(key) ?? labelValueFault(value));
    return { key, operator: "In" as const, values: [value] };
  });
  const expressions = (selector?.matchExpressions ?? []).map(toRequirement);
  return [...labels, ...expressions].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

function toRequirement(expression: LabelSelectorRequirement, index: number): Requirement {
  const at = `matchExpressions[${index}]`;
  const values = expression.values ?? [];
  refuse(`${at}.key`, labelKeyFault(expression.key));
  const { key, operator } = expression;
  switch (operator) {
    case "In":
    case "NotIn":
      if (values.length === 0) refuse(`${at}.values`, `must not be empty with operator ${operator}`);
      for (const value of values) refuse(`${at}.values`, labelValueFault(value));
      return { key, operator, values };
    case "Exists":
    case "DoesNotExist":
      if (values.length > 0) refuse(`${at}.values`, `must be empty with operator ${operator}`);
      return { key, operator, values };
    default:
      throw new LabelSelectorError(
        `${at}.operator: ${JSON.stringify(operator)} is unknown: use In, NotIn, Exists or DoesNotExist`,
      );
  }
}

function refuse(at: string, fault: string | undefined): void {
  if (fault !== undefined) throw new LabelSelectorError(`${at}: ${fault}`);
}

function holds({ key, operator, values }: Requirement, labels: Readonly<Record<string, string>>): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
  }
}

function render({ key, operator, values }: Requirement): string {
  const sorted = [...values].sort();
  switch (operator) {
    case "In":
      return sorted.length === 1 ? `${key}=${sorted[0]}` : `${key} in (${sorted.join(",")})`;
    case "NotIn":
      return sorted.length === 1 ? `${key}!=${sorted[0]}` : `${key} notin (${sorted.join(",")})`;
    case "Exists":
      return key;
    case "DoesNotExist":
      return `!${key}`;
  }
}
