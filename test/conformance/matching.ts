/** Compares an answer with what a case expects: objects in part, lists item by item, some values by their form only. */

const FORMS: Readonly<Record<string, (value: unknown) => boolean>> = {
  $uuid: (value) => typeof value === "string" && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value),
  $time: (value) => typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value),
  $number: (value) => typeof value === "number" || (typeof value === "string" && /^\d+$/.test(value)),
  $absent: (value) => value === undefined || value === null,
  $any: (value) => value !== undefined,
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const shown = (value: unknown) => JSON.stringify(value) ?? "nothing";

function objectDifferences(expected: Record<string, unknown>, actual: unknown, path: string): string[] {
  if (typeof expected.$match === "string") {
    const fits = typeof actual === "string" && new RegExp(expected.$match, "s").test(actual);
    return fits ? [] : [`${path}: ${shown(actual)} does not match /${expected.$match}/`];
  }
  if (typeof expected.$length === "number") {
    const length = Array.isArray(actual) ? actual.length : -1;
    return length === expected.$length ? [] : [`${path}: has ${length} items, expected ${expected.$length}`];
  }
  if (isObject(expected.$contains)) {
    const found = Array.isArray(actual) && actual.some((item) => differences(expected.$contains, item).length === 0);
    return found ? [] : [`${path}: no item is like ${shown(expected.$contains)}`];
  }
  if (!isObject(actual)) return [`${path}: ${shown(actual)} is no object`];
  return Object.entries(expected).flatMap(([key, value]) => differences(value, actual[key], `${path}.${key}`));
}

/** One sentence per difference; empty when the answer is as expected. */
export function differences(expected: unknown, actual: unknown, path = "body"): string[] {
  const form = typeof expected === "string" ? FORMS[expected] : undefined;
  if (form) return form(actual) ? [] : [`${path}: ${shown(actual)} is not ${String(expected)}`];
  if (isObject(expected)) return objectDifferences(expected, actual, path);
  if (!Array.isArray(expected))
    return expected === actual ? [] : [`${path}: ${shown(actual)}, expected ${shown(expected)}`];
  if (!Array.isArray(actual) || actual.length !== expected.length)
    return [`${path}: ${shown(actual)}, expected a list of ${expected.length}`];
  return expected.flatMap((item, index) => differences(item, actual[index], `${path}[${index}]`));
}
