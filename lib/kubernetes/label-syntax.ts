/** What may stand in a label's key and value (apimachinery pkg/util/validation/validation.go). */

const NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** What is wrong with a label key, as the end of a sentence; undefined when nothing is. */
export function labelKeyFault(key: unknown): string | undefined {
  if (typeof key !== "string") return "the label key must be a string";
  const slash = key.indexOf("/");
  const prefix = slash < 0 ? undefined : key.slice(0, slash);
  const name = key.slice(slash + 1);
  if (prefix !== undefined && (prefix.length > 253 || !SUBDOMAIN.test(prefix)))
    return `the label key ${JSON.stringify(key)} must have a lower-case DNS subdomain before the slash`;
  if (!NAME.test(name))
    return `the label key ${JSON.stringify(key)} must have 1 to 63 letters, digits, "-", "_" or "." after its prefix, a letter or digit at both ends`;
  return undefined;
}

/** The same for a label value, which may be empty. */
export function labelValueFault(value: unknown): string | undefined {
  if (typeof value !== "string") return "the label value must be a string";
  if (value === "" || NAME.test(value)) return undefined;
  return `the label value ${JSON.stringify(value)} must have at most 63 letters, digits, "-", "_" or ".", a letter or digit at both ends`;
}
