/** What a deployment would change, asked from Azure before anything is changed, as lines to read. */
import * as z from "zod";
import { type Arm, runToEnd, type Waiting } from "./arm.ts";
import { DeployError } from "./deploy-error.ts";
import { API_VERSION, type Deployment, deploymentBody, deploymentId, short } from "./deployment.ts";
import { errorLines } from "./error-lines.ts";

interface PropertyChange {
  readonly path: string;
  readonly propertyChangeType: string;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly children?: readonly PropertyChange[] | null | undefined;
}

const propertyChange: z.ZodType<PropertyChange> = z.lazy(() =>
  z.object({
    path: z.string(),
    propertyChangeType: z.string(),
    before: z.unknown(),
    after: z.unknown(),
    children: z.array(propertyChange).nullish(),
  }),
);

const result = z.object({
  status: z.string(),
  error: z.unknown().optional(),
  properties: z
    .object({
      changes: z.array(
        z.object({
          resourceId: z.string().default("?"),
          changeType: z.string(),
          unsupportedReason: z.string().nullish(),
          delta: z.array(propertyChange).nullish(),
        }),
      ),
    })
    .optional(),
});

const SIGNS: Readonly<Record<string, string>> = {
  Create: "+",
  Delete: "-",
  Modify: "~",
  Array: "~",
  Deploy: "!",
  Unsupported: "?",
};
/** Nothing happens to these. */
const QUIET = new Set(["NoChange", "Ignore", "NoEffect"]);

/**
 * @returns  one line per resource that changes, its properties below it, and a count of all
 * @throws   DeployError when Azure finds the template wrong
 */
export async function whatIf(arm: Arm, deployment: Deployment, wait: Waiting["wait"]): Promise<readonly string[]> {
  const body = deploymentBody(deployment);
  const asked = {
    ...body,
    properties: { ...body.properties, whatIfSettings: { resultFormat: "FullResourcePayloads" } },
  };
  const url = `${deploymentId(deployment)}/whatIf?api-version=${API_VERSION}`;
  const ended = await runToEnd(arm, { method: "POST", url, body: asked }, "asking what would change", { wait });
  const { status, error, properties } = result.parse(ended.body);
  if (status !== "Succeeded" || !properties)
    throw new DeployError(["the template would not deploy:", ...errorLines(error ?? ended.body, 1)].join("\n"));
  const { changes } = properties;
  const told = changes.filter(({ changeType }) => !QUIET.has(changeType));
  return [
    ...told.flatMap(({ resourceId, changeType, unsupportedReason, delta }) => [
      `  ${SIGNS[changeType] ?? changeType} ${short(resourceId)}`,
      ...(unsupportedReason ? [`      Azure cannot foresee it: ${unsupportedReason}`] : []),
      ...(delta ?? []).flatMap((one) => propertyLines(one, 3)),
    ]),
    countsOf(changes),
  ];
}

function propertyLines(
  { path, propertyChangeType, before, after, children }: PropertyChange,
  depth: number,
): readonly string[] {
  if (QUIET.has(propertyChangeType)) return [];
  const indent = "  ".repeat(depth);
  const sign = SIGNS[propertyChangeType] ?? propertyChangeType;
  if (children && children.length > 0)
    return [`${indent}${sign} ${path}`, ...children.flatMap((one) => propertyLines(one, depth + 1))];
  const values =
    { Create: shown(after), Delete: shown(before) }[propertyChangeType] ?? `${shown(before)} -> ${shown(after)}`;
  return [`${indent}${sign} ${path}: ${values}`];
}

const shown = (value: unknown): string => JSON.stringify(value) ?? "nothing";

function countsOf(changes: readonly { readonly changeType: string }[]): string {
  const kinds = [...new Set(changes.map(({ changeType }) => changeType))].sort();
  const counts = kinds.map((kind) => `${changes.filter(({ changeType }) => changeType === kind).length} ${kind}`);
  return counts.length > 0 ? counts.join(", ") : "no resource";
}
