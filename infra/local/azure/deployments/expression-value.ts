/** Works out ARM expressions inside of any value, against what a deployment knows: parameters, variables, scope, other resources. */
import { isType, PURE, providerPath } from "./expression-functions.ts";
import { type Expression, parseExpression } from "./expression-parser.ts";

export interface Knowledge {
  readonly subscriptionId: string;
  /** Absent at the scope of a subscription. */
  readonly resourceGroup?: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly variables: Readonly<Record<string, string>>;
  /** @returns the resource's properties, or all of it when `full`; @throws when it is not there */
  reference(id: string, full: boolean): unknown;
}

/** Of a template: "[...]" is an expression, "[[...]" a text, everything else stays. */
export function workedOut(template: unknown, knows: Knowledge): unknown {
  if (typeof template === "string") return textValue(template, knows);
  if (Array.isArray(template)) return template.map((one) => workedOut(one, knows));
  if (typeof template !== "object" || template === null) return template;
  return Object.fromEntries(
    Object.entries(template).map(([key, one]) => [String(textValue(key, knows)), workedOut(one, knows)]),
  );
}

function textValue(value: string, knows: Knowledge): unknown {
  if (!value.startsWith("[") || !value.endsWith("]")) return value;
  if (value.startsWith("[[")) return value.slice(1);
  return evaluate(parseExpression(value.slice(1, -1)), knows);
}

function evaluate(tree: Expression, knows: Knowledge): unknown {
  if (tree.is === "literal") return tree.value;
  if (tree.is === "member") return memberOf(evaluate(tree.of, knows), evaluate(tree.at, knows));
  if (tree.name === "if") return chosen(tree.given, knows);
  return call(
    tree.name,
    tree.given.map((one) => evaluate(one, knows)),
    knows,
  );
}

/** Only the branch that counts is worked out. */
function chosen([condition, yes, no]: readonly Expression[], knows: Knowledge): unknown {
  const branch = condition && evaluate(condition, knows) === true ? yes : no;
  if (!branch) throw new Error("if() takes three arguments");
  return evaluate(branch, knows);
}

function memberOf(value: unknown, key: unknown): unknown {
  const found: unknown =
    typeof value === "object" && value !== null
      ? Reflect.get(value, typeof key === "number" ? key : String(key))
      : undefined;
  if (found === undefined) throw new Error(`there is no "${String(key)}" in ${JSON.stringify(value)}`);
  return found;
}

function call(name: string, given: readonly unknown[], knows: Knowledge): unknown {
  const pure = PURE[name];
  if (pure) return pure(...given);
  const [first, ...rest] = given;
  switch (name) {
    case "parameters":
      return named(knows.parameters, first, "parameter");
    case "variables":
      return workedOut(named(knows.variables, first, "variable"), knows);
    case "subscription":
      return { id: `/subscriptions/${knows.subscriptionId}`, subscriptionId: knows.subscriptionId };
    case "resourceGroup":
      return { id: groupId(knows, knows.resourceGroup), name: knows.resourceGroup };
    case "resourceId":
      return resourceId(given.map(String), knows);
    case "subscriptionResourceId":
      return `/subscriptions/${knows.subscriptionId}/providers/${providerPath(String(first), rest.map(String))}`;
    case "reference":
      return knows.reference(String(first), rest.includes("full"));
    default:
      throw new Error(`the template function '${name}' is not known`);
  }
}

function named(all: Readonly<Record<string, unknown>>, name: unknown, what: string): unknown {
  if (!(String(name) in all)) throw new Error(`the template ${what} '${String(name)}' is not found`);
  return all[String(name)];
}

function groupId({ subscriptionId }: Knowledge, group: string | undefined): string {
  if (group === undefined) throw new Error("resourceGroup() is not there at the scope of a subscription");
  return `/subscriptions/${subscriptionId}/resourceGroups/${group}`;
}

/** [subscription id,] [resource group,] type, names */
function resourceId(given: readonly string[], knows: Knowledge): string {
  const at = given.findIndex(isType);
  const names = given.slice(at + 1);
  const [type = ""] = given.slice(at);
  const [subscriptionId, group] = at === 2 ? given : [knows.subscriptionId, at === 1 ? given[0] : knows.resourceGroup];
  return `${groupId({ ...knows, subscriptionId: subscriptionId ?? "" }, group)}/providers/${providerPath(type, names)}`;
}
