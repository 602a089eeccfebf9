/** The emitted CloudFormation template as the tests read it: resources by type, references followed. */
import * as z from "zod";

const resource = z.looseObject({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) });

export const templateSchema = z.object({
  Resources: z.record(z.string(), resource),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Outputs: z.record(z.string(), z.unknown()).default({}),
});
export type Template = z.infer<typeof templateSchema>;

export interface Resource {
  readonly id: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

export const ofType = (template: Template, type: string): readonly Resource[] =>
  Object.entries(template.Resources)
    .filter(([, body]) => body.Type === type)
    .map(([id, { Properties }]) => ({ id, properties: Properties }));

const reference = z.union([
  z.object({ "Fn::GetAtt": z.tuple([z.string(), z.string()]) }).transform((it) => it["Fn::GetAtt"][0]),
  z.object({ Ref: z.string() }).transform((it) => it.Ref),
]);

/** The logical id that a `Ref` or `Fn::GetAtt` names; undefined for anything else. */
export const idOf = (value: unknown): string | undefined => reference.safeParse(value).data;

/** Every logical id that a value refers to, at any depth, `Fn::Sub` left aside. */
export function idsIn(value: unknown): readonly string[] {
  const own = idOf(value);
  if (own !== undefined) return [own];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(idsIn) : [];
}

/** A value by path, `at(rule, "Targets", 0, "Arn")`; undefined where the path ends early. */
export const at = (value: unknown, ...steps: readonly (string | number)[]): unknown =>
  steps.reduce<unknown>(
    (inner, step) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, step) : undefined),
    value,
  );

const oneOrMore = z.union([z.string().transform((one) => [one]), z.array(z.string())]);

export const statementSchema = z.object({
  Effect: z.enum(["Allow", "Deny"]),
  Action: oneOrMore,
  Resource: z.unknown().optional(),
  Principal: z.unknown().optional(),
  Condition: z.unknown().optional(),
});
export type Statement = z.infer<typeof statementSchema>;

/** All statements of a role's inline policies. */
export const statementsOf = ({ properties }: Resource): readonly Statement[] =>
  z
    .object({
      Policies: z.array(z.object({ PolicyDocument: z.object({ Statement: z.array(statementSchema) }) })).default([]),
    })
    .parse(properties)
    .Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);

export const roleOf = (template: Template, lambda: Resource): Resource => {
  const id = idOf(lambda.properties.Role);
  const role = ofType(template, "AWS::IAM::Role").find((one) => one.id === id);
  if (!role) throw new Error(`${lambda.id} has no role of this template`);
  return role;
};

/** "lifeguard-production-overdue-swept" -> "overdue-swept". */
export const nameOf = ({ properties }: Resource): string =>
  String(properties.FunctionName).split("-").slice(2).join("-");

/** For comparing lists whose order means nothing. */
export const sorted = (values: readonly unknown[]): readonly string[] =>
  values.map((value) => (typeof value === "string" ? value : JSON.stringify(value))).sort();
