/** Each function's role allows what the function does and nothing else; the audit policy leaves out exactly these users. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { loadAll } from "js-yaml";
import { realClock } from "../../infra/local/clock.ts";
import { startKubernetes } from "../../infra/local/kubernetes/start.ts";
import { createAuthority } from "../../infra/local/tls.ts";
import type { KubernetesObject, Resource } from "../../lib/api/kubernetes/meta.ts";
import { connect } from "../../lib/kubernetes/connection.ts";
import { yamlFile } from "./support/any-api-server.ts";
import { type Cloud, REVIEWED, type Rights } from "./support/reviewed-rights.ts";

const FOLDER = new URL("../../infra/kubernetes/rbac/", import.meta.url);
const RBAC = "rbac.authorization.k8s.io/v1";

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}
interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}
interface Document extends KubernetesObject {
  readonly kind: string;
  readonly rules?: readonly Rule[];
  readonly roleRef?: { readonly name: string };
  readonly subjects?: readonly Subject[];
}
const documentsOf = (file: string) => loadAll(readFileSync(new URL(file, FOLDER), "utf8")) as readonly Document[];
const files = readdirSync(FOLDER).sort();
const CLOUDS = Object.keys(REVIEWED) as Cloud[];
const CLUSTERS = ["management", "workload"] as const;
const functions = [
  "drain-continued",
  "overdue-swept",
  "pool-continued",
  "scheduled-event-emitted",
  "termination-recorder",
];

/** `update` of a finalizers subresource is a permission to be asked for, not a call. */
const isUsed = (verb: string, resources: readonly string[]): boolean =>
  ["create", "delete", "get", "list", "patch"].includes(verb) ||
  (verb === "update" && resources.every((resource) => resource.endsWith("/finalizers")));

for (const file of files) {
  test(`${file}: no wildcard, and verbs only that exist`, () => {
    for (const { rules = [] } of documentsOf(file)) {
      for (const { apiGroups, resources, verbs } of rules) {
        for (const word of [...apiGroups, ...resources, ...verbs]) ok(!word.includes("*"), word);
        ok(verbs.length > 0 && resources.length > 0 && apiGroups.length === 1);
        deepStrictEqual(verbs, [...verbs].sort());
        for (const verb of verbs) ok(isUsed(verb, resources), verb);
      }
    }
  });

  test(`${file}: a binding for every role, to the function's group`, () => {
    const documents = documentsOf(file);
    const roles = documents.filter(({ kind }) => kind === "ClusterRole").map(({ metadata }) => metadata.name);
    const bindings = documents.filter(({ kind }) => kind === "ClusterRoleBinding");
    deepStrictEqual(new Set(bindings.map(({ roleRef }) => roleRef?.name)), new Set(roles));
    for (const { subjects = [] } of bindings) {
      const groups = subjects.filter(({ kind }) => kind === "Group").map(({ name }) => name);
      ok(groups.length > 0);
      for (const name of groups) ok(functions.includes(name.replace("lifeguard:", "")), name);
    }
  });
}

const definitionsOf = (entries: readonly string[], resource: (entry: string) => Resource) => entries.map(resource);
const kinds: readonly Resource[] = definitionsOf(
  [
    "v1/Namespace/namespaces",
    "v1/ServiceAccount/serviceaccounts",
    `${RBAC}/ClusterRole/clusterroles`,
    `${RBAC}/ClusterRoleBinding/clusterrolebindings`,
  ],
  (entry) => {
    const [plural = "", kind = "", ...apiVersion] = entry.split("/").reverse();
    return { plural, kind, apiVersion: apiVersion.reverse().join("/") };
  },
);

const VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
/** Everything that some role names, and a little more. */
const asked = new Set([
  ...Object.values(REVIEWED).flatMap((of) =>
    Object.values(of).flatMap((by) => Object.values(by).flatMap((rights) => Object.keys(rights))),
  ),
  "configmaps",
  "pods/status",
  "nodes/status",
  "serviceaccounts",
  "clusterroles.rbac.authorization.k8s.io",
]);

async function rightsOf(kubeconfig: string): Promise<Rights> {
  const client = connect(async () => kubeconfig, { name: "the test's API server", origin: "a test" }).client(undefined);
  const reviews: Resource = {
    apiVersion: "authorization.k8s.io/v1",
    plural: "selfsubjectaccessreviews",
    kind: "SelfSubjectAccessReview",
  };
  const allowed: Record<string, string> = {};
  for (const name of asked) {
    const [what = "", ...group] = name.split(".");
    const [resource, subresource] = what.split("/");
    const verbs: string[] = [];
    for (const verb of VERBS) {
      const resourceAttributes = {
        verb,
        resource,
        subresource,
        group: group.join("."),
        namespace: "team-a",
        name: "x",
      };
      const body = {
        apiVersion: reviews.apiVersion,
        kind: reviews.kind,
        metadata: { name: "" },
        spec: { resourceAttributes },
      };
      const { status } = await client.create<KubernetesObject & { status?: { allowed: boolean } }>(reviews, body);
      if (status?.allowed) verbs.push(verb);
    }
    if (verbs.length > 0) allowed[name] = verbs.join(" ");
  }
  return allowed;
}

/** What all deployments share, and what one cloud has besides. */
const filesOf = (cloud: Cloud, cluster: "management" | "workload") =>
  [`${cluster}-cluster.yaml`, `${cluster}-cluster-${cloud}.yaml`].filter((file) => files.includes(file));

test("every file is for all clouds, or for one that is reviewed here", () => {
  const known = CLOUDS.flatMap((cloud) => CLUSTERS.flatMap((cluster) => filesOf(cloud, cluster)));
  deepStrictEqual(new Set(known), new Set(files));
});

for (const cloud of CLOUDS)
  for (const cluster of CLUSTERS)
    test(`in the ${cluster} cluster each function on ${cloud} may do exactly what it does`, async (t) => {
      const server = await startKubernetes({
        clock: realClock(),
        name: cluster,
        authority: await createAuthority(),
        authorize: "rbac",
      });
      t.after(() => server.close());
      const admin = connect(async () => server.kubeconfig("admin"), { name: cluster, origin: "a test" }).client(
        undefined,
      );
      for (const document of filesOf(cloud, cluster).flatMap(documentsOf)) {
        const resource = kinds.find(({ kind }) => kind === document.kind);
        ok(resource, `${document.kind} is not for this folder`);
        await admin.create(resource, document);
      }
      const expected = REVIEWED[cloud][cluster];
      for (const name of functions) {
        const rights = await rightsOf(server.kubeconfig(`somebody-for-${name}`, [`lifeguard:${name}`]));
        deepStrictEqual(rights, expected[name] ?? {}, name);
      }
      deepStrictEqual(await rightsOf(server.kubeconfig("nobody")), {});
      if (cluster === "workload") return;
      const account = server.kubeconfig("system:serviceaccount:lifeguard-system:drain-continued");
      deepStrictEqual(await rightsOf(account), expected["drain-continued"]);
    });

interface Policy {
  readonly rules: readonly { readonly level: string; readonly users?: readonly string[] }[];
}
test("the audit policy leaves out every way in which a function signs in, and nobody else", () => {
  const { rules } = yamlFile("infra/kubernetes/audit-policy.yaml") as Policy;
  const [own] = rules;
  strictEqual(own?.level, "None");
  const accounts = files.flatMap(documentsOf).filter(({ kind }) => kind === "ServiceAccount");
  deepStrictEqual(
    [...(own?.users ?? [])].sort(),
    [
      ...accounts.map(({ metadata }) => `system:serviceaccount:${metadata.namespace}:${metadata.name}`),
      ...functions.map((name) => `lifeguard:${name}`),
    ].sort(),
  );
});
