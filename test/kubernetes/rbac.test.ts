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
const functions = ["drain-continued", "overdue-swept", "pool-continued", "termination-recorder"];

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

/** resource[.group] -> verbs, of everything that the API serves or our roles name. */
type Rights = Readonly<Record<string, string>>;
const expected: Readonly<Record<"management" | "workload", Readonly<Record<string, Rights>>>> = {
  management: {
    "termination-recorder": {
      "instanceterminations.lifecycle.cluster.x-k8s.io": "create delete get list patch",
      "machinepools.cluster.x-k8s.io": "get",
      "machines.cluster.x-k8s.io": "list",
      "awsmachinepools.infrastructure.cluster.x-k8s.io": "list",
      secrets: "get",
    },
    "drain-continued": {
      "instanceterminations.lifecycle.cluster.x-k8s.io": "delete get list patch",
      "instanceterminations/status.lifecycle.cluster.x-k8s.io": "patch",
      "clusters.cluster.x-k8s.io": "get",
      "machinepools.cluster.x-k8s.io": "get",
      "machines.cluster.x-k8s.io": "get",
      "machinedrainrules.cluster.x-k8s.io": "list",
      events: "create",
      secrets: "get",
    },
    "overdue-swept": {
      "instanceterminations.lifecycle.cluster.x-k8s.io": "create delete get list patch",
      "machinepools.cluster.x-k8s.io": "get list",
      "machines.cluster.x-k8s.io": "list",
      "awsmachinepools.infrastructure.cluster.x-k8s.io": "list",
      secrets: "get",
    },
    "pool-continued": {
      "instanceterminations.lifecycle.cluster.x-k8s.io": "create delete get list patch",
      "clusters.cluster.x-k8s.io": "get",
      "machinepools.cluster.x-k8s.io": "get list patch",
      "machinepools/status.cluster.x-k8s.io": "patch",
      "machinepools/finalizers.cluster.x-k8s.io": "update",
      "machines.cluster.x-k8s.io": "create delete get list patch",
      "machines/status.cluster.x-k8s.io": "patch",
      "kubeadmconfigs.bootstrap.cluster.x-k8s.io": "delete get patch",
      "eksconfigs.bootstrap.cluster.x-k8s.io": "delete get patch",
      "nodeadmconfigs.bootstrap.cluster.x-k8s.io": "delete get patch",
      "customresourcedefinitions.apiextensions.k8s.io": "get",
      "awsmachinepools.infrastructure.cluster.x-k8s.io": "delete get patch",
      "awsmachinepools/status.infrastructure.cluster.x-k8s.io": "patch",
      "awsmachinepools/finalizers.infrastructure.cluster.x-k8s.io": "update",
      "awsmachines.infrastructure.cluster.x-k8s.io": "create delete list patch",
      "awsmachines/status.infrastructure.cluster.x-k8s.io": "patch",
      "awsclusters.infrastructure.cluster.x-k8s.io": "get",
      "awsclustercontrolleridentities.infrastructure.cluster.x-k8s.io": "get",
      "awsclusterroleidentities.infrastructure.cluster.x-k8s.io": "get",
      "awsclusterstaticidentities.infrastructure.cluster.x-k8s.io": "get",
      "awsmanagedcontrolplanes.controlplane.cluster.x-k8s.io": "get",
      events: "create",
      namespaces: "get",
      secrets: "get",
    },
  },
  workload: {
    "termination-recorder": { nodes: "get list patch" },
    "drain-continued": {
      nodes: "delete get list patch",
      pods: "delete list",
      "pods/eviction": "create",
      namespaces: "list",
      persistentvolumes: "list",
      "daemonsets.apps": "list",
      "volumeattachments.storage.k8s.io": "list",
    },
    "overdue-swept": { nodes: "get list patch" },
    "pool-continued": { nodes: "delete list patch" },
  },
};
const VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
const asked = new Set([
  ...Object.values(expected).flatMap((of) => Object.values(of).flatMap((rights) => Object.keys(rights))),
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

for (const cluster of ["management", "workload"] as const) {
  test(`in the ${cluster} cluster each function may do exactly what it does`, async (t) => {
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
    for (const document of files.filter((file) => file.startsWith(cluster)).flatMap(documentsOf)) {
      const resource = kinds.find(({ kind }) => kind === document.kind);
      ok(resource, `${document.kind} is not for this folder`);
      await admin.create(resource, document);
    }
    for (const name of functions) {
      const rights = await rightsOf(server.kubeconfig(`somebody-for-${name}`, [`lifeguard:${name}`]));
      deepStrictEqual(rights, expected[cluster][name], name);
    }
    deepStrictEqual(await rightsOf(server.kubeconfig("nobody")), {});
    if (cluster === "management") {
      const account = server.kubeconfig("system:serviceaccount:lifeguard-system:drain-continued");
      deepStrictEqual(await rightsOf(account), expected.management["drain-continued"]);
    }
  });
}

interface Policy {
  readonly rules: readonly { readonly level: string; readonly users?: readonly string[] }[];
}
test("the audit policy leaves out every way in which a function signs in, and nobody else", () => {
  const { rules } = yamlFile("infra/kubernetes/audit-policy.yaml") as Policy;
  const [own] = rules;
  strictEqual(own?.level, "None");
  const accounts = documentsOf("management-cluster.yaml").filter(({ kind }) => kind === "ServiceAccount");
  deepStrictEqual(
    [...(own?.users ?? [])].sort(),
    [
      ...accounts.map(({ metadata }) => `system:serviceaccount:${metadata.namespace}:${metadata.name}`),
      ...functions.map((name) => `lifeguard:${name}`),
    ].sort(),
  );
});
