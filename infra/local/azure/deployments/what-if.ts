/** What a deployment would change, compared resource by resource and property by property; nothing is changed. */
import { z } from "zod";
import type { DeploymentProperties } from "./engine.ts";
import { propertiesSchema } from "./engine.ts";
import { type Knowledge, workedOut } from "./expression-value.ts";
import { type Planned, planOf, type Scope } from "./plan.ts";
import type { Stock, Stored } from "./stock.ts";

interface PropertyChange {
  readonly path: string;
  readonly propertyChangeType: "Create" | "Delete" | "Modify" | "Array";
  readonly before?: unknown;
  readonly after?: unknown;
  readonly children?: readonly PropertyChange[];
}

export interface Change {
  readonly resourceId: string;
  readonly changeType: "Create" | "Modify" | "NoChange";
  readonly after: unknown;
  readonly delta?: readonly PropertyChange[];
}

/** @throws ArmError, as validation would */
export function changesOf(
  { template, parameters }: DeploymentProperties,
  scope: Scope,
  stock: Stock,
): readonly Change[] {
  const given = Object.fromEntries(Object.entries(parameters).map(([name, { value }]) => [name, value]));
  const plan = planOf(template, given, scope);
  const knows: Knowledge = { ...plan.knows, reference: (id) => ({ ...known(stock.get(id), id) }) };
  return plan.resources
    .filter(({ wanted }) => wanted)
    .flatMap((planned) =>
      planned.resourceGroup === undefined ? [changeOf(planned, knows, stock)] : inside(planned, knows, stock),
    );
}

function inside({ source, resourceGroup = "" }: Planned, knows: Knowledge, stock: Stock): readonly Change[] {
  const { parameters, ...rest } = z.looseObject({ parameters: z.unknown() }).parse(source.properties);
  const properties = propertiesSchema.parse({ ...rest, parameters: workedOut(parameters, knows) });
  return changesOf(properties, { subscriptionId: knows.subscriptionId, resourceGroup }, stock);
}

function known(found: Stored | undefined, id: string) {
  if (!found) throw new Error(`${id} is not there yet`);
  return {
    ...z.looseObject({}).parse(found.body.properties ?? {}),
    ...found.added.properties,
    identity: found.added.identity,
  };
}

function changeOf({ id, source }: Planned, knows: Knowledge, stock: Stock): Change {
  const { condition: _, dependsOn: __, ...body } = source;
  const after = foreseen(body, knows);
  const before = stock.get(id)?.body;
  if (!before) return { resourceId: id, changeType: "Create", after };
  const delta = differences("", before, after);
  return { resourceId: id, changeType: delta.length > 0 ? "Modify" : "NoChange", after, delta };
}

/** What cannot be worked out before something exists stays an expression. */
function foreseen(value: unknown, knows: Knowledge): unknown {
  if (Array.isArray(value)) return value.map((one) => foreseen(one, knows));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [String(foreseen(key, knows)), foreseen(one, knows)]),
    );
  try {
    return workedOut(value, knows);
  } catch {
    return value;
  }
}

const isTree = (value: unknown): value is object => typeof value === "object" && value !== null;

function differences(path: string, before: unknown, after: unknown): readonly PropertyChange[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (before === undefined) return [{ path, propertyChangeType: "Create", after }];
  if (after === undefined) return [{ path, propertyChangeType: "Delete", before }];
  if (!isTree(before) || !isTree(after) || Array.isArray(before) !== Array.isArray(after))
    return [{ path, propertyChangeType: "Modify", before, after }];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const isList = Array.isArray(before);
  const children = keys.flatMap((key) =>
    differences(isList || path === "" ? key : `${path}.${key}`, Reflect.get(before, key), Reflect.get(after, key)),
  );
  return isList ? [{ path, propertyChangeType: "Array", children }] : children;
}
