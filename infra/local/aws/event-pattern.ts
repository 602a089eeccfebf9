/** Does an event match an EventBridge pattern? The part of the pattern language that our rules use. */

/** @source https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html */
export type Pattern = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const listed = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

const operators: Readonly<Record<string, (operand: unknown, actual: unknown) => boolean>> = {
  prefix: (operand, actual) => typeof actual === "string" && actual.startsWith(String(operand)),
  suffix: (operand, actual) => typeof actual === "string" && actual.endsWith(String(operand)),
  exists: (operand, actual) => (actual !== undefined) === operand,
  "anything-but": (operand, actual) => actual !== undefined && !listed(operand).some((one) => fits(one, actual)),
};

function fits(candidate: unknown, actual: unknown): boolean {
  if (!isObject(candidate)) return candidate === actual;
  return Object.entries(candidate).every(([name, operand]) => {
    const operator = operators[name];
    if (!operator) throw new Error(`Event pattern operator "${name}" is not known here: add it to event-pattern.ts`);
    return operator(operand, actual);
  });
}

/** @throws Error for an operator that this file does not know, rather than a wrong answer */
export function matchesPattern(pattern: Pattern, event: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(pattern).every(([name, wanted]) => {
    const actual = event[name];
    if (!Array.isArray(wanted)) return isObject(wanted) && isObject(actual) && matchesPattern(wanted, actual);
    const values = Array.isArray(actual) ? actual : [actual];
    return wanted.some((candidate) => values.some((value) => fits(candidate, value)));
  });
}
