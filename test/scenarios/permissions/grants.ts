/** The shipped grants, each split until nothing is left to remove: verb x resource of a role, action of an IAM statement. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CORE_SCHEMA, defineScalarTag, defineSequenceTag, load, mergeTag } from "js-yaml";
import { z } from "zod";
import { ROLES, roleUser } from "../../../infra/local/local-cloud.ts";
import { ROOT, readManifests } from "../../../infra/local/manifests.ts";
import type { Side } from "./record.ts";

export interface Grant {
  readonly side: Side;
  /** The Kubernetes identity that has it. */
  readonly identity: string;
  /** The ClusterRole that gives it. */
  readonly role: string;
  readonly rule: {
    readonly apiGroups: readonly [string];
    readonly resources: readonly [string];
    readonly verbs: readonly [string];
  };
}

const FILES = {
  management: ["rbac/management-cluster.yaml", "rbac/management-cluster-aws.yaml"],
  workload: ["rbac/workload-cluster.yaml"],
} as const satisfies Record<Side, readonly string[]>;

const strings = z.array(z.string());
const roleFile = z.object({
  kind: z.literal("ClusterRole"),
  metadata: z.object({ name: z.string() }),
  rules: z.array(z.strictObject({ apiGroups: strings, resources: strings, verbs: strings })),
});
const bindingFile = z.object({
  kind: z.literal("ClusterRoleBinding"),
  roleRef: z.object({ name: z.string() }),
  subjects: z.array(z.object({ kind: z.string(), name: z.string() })),
});

const split = ({ apiGroups, resources, verbs }: z.output<typeof roleFile>["rules"][number]): Grant["rule"][] =>
  apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      verbs.map((verb): Grant["rule"] => ({ apiGroups: [group], resources: [resource], verbs: [verb] })),
    ),
  );

/** The Kubernetes identity of a function. */
export const identityOf = (functionName: string): string => ROLES.find((role) => role === functionName) ?? ROLES[0];

function grantsOf(side: Side): Grant[] {
  const objects = readManifests(...FILES[side]);
  const parse = <T>(schema: z.ZodType<T, unknown>) => objects.flatMap((object) => schema.safeParse(object).data ?? []);
  const roles = parse(roleFile);
  return parse(bindingFile).flatMap(({ roleRef, subjects }) =>
    ROLES.filter((role) => subjects.some(({ kind, name }) => kind === "Group" && name === roleUser(role))).flatMap(
      (identity) =>
        roles
          .filter(({ metadata }) => metadata.name === roleRef.name)
          .flatMap(({ rules }) => rules.flatMap(split))
          .map((rule) => ({ side, identity, role: roleRef.name, rule })),
    ),
  );
}

export const GRANTS: readonly Grant[] = [...grantsOf("management"), ...grantsOf("workload")];

const textTag = { matchByTagPrefix: true, identify: () => false } as const;
/** CloudFormation's short forms are text here: only the actions are of interest. */
const schema = CORE_SCHEMA.withTags(
  mergeTag,
  defineScalarTag("!", { ...textTag, resolve: (source) => source }),
  defineSequenceTag("!", {
    ...textTag,
    create: (): unknown[] => [],
    addItem: (items, item) => void items.push(item),
  }),
);
const statements = z.record(z.string(), z.array(z.object({ Effect: z.literal("Allow"), Action: strings })));

/** Function -> its actions, each once. */
export const IAM: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(statements.parse(load(readFileSync(join(ROOT, "infra/aws/permissions.yml"), "utf8"), { schema }))).map(
    ([name, list]) => [name, [...new Set(list.flatMap(({ Action }) => Action))]],
  ),
);
