/** The shipped Kubernetes grants, each split until nothing is left to remove: verb x resource of a role that an identity has. */
import { z } from "zod";
import { ROLES, roleUser } from "../../../infra/local/local-cloud.ts";
import { readManifests } from "../../../infra/local/manifests.ts";
import type { Side } from "./uses.ts";

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

function grantsOf(side: Side, files: readonly string[]): Grant[] {
  const objects = readManifests(...files);
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

/** Of one cloud's deployment. @param files  below infra/kubernetes */
export const readGrants = (files: Readonly<Record<Side, readonly string[]>>): readonly Grant[] => [
  ...grantsOf("management", files.management),
  ...grantsOf("workload", files.workload),
];
