/** The webhook for control planes without an audit backend: the same hints as the audit policy, and it never stands in the way. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { yamlFile } from "./support/any-api-server.ts";

interface Webhook {
  readonly name: string;
  readonly clientConfig: { readonly url: string };
  readonly failurePolicy: string;
  readonly timeoutSeconds: number;
  readonly sideEffects: string;
  readonly matchConditions: readonly { readonly expression: string }[];
  readonly rules: readonly { readonly apiGroups: readonly string[]; readonly resources: readonly string[] }[];
}
interface Policy {
  readonly rules: readonly {
    readonly level: string;
    readonly users?: readonly string[];
    readonly resources?: readonly { readonly group: string; readonly resources: readonly string[] }[];
  }[];
}
const { webhooks } = yamlFile("infra/kubernetes/validating-webhook.yaml") as { webhooks: readonly Webhook[] };
const policy = yamlFile("infra/kubernetes/audit-policy.yaml") as Policy;
const named = (group: string, resources: readonly string[]) => resources.map((resource) => `${group}/${resource}`);

test("it asks for what the audit policy tells, but for Secrets, whose contents it would be sent", () => {
  const asked = webhooks.flatMap(({ rules }) =>
    rules.flatMap(({ apiGroups, resources }) => named(apiGroups[0] ?? "", resources)),
  );
  const told = policy.rules.flatMap(({ resources = [] }) =>
    resources.flatMap((one) => named(one.group, one.resources)),
  );
  deepStrictEqual(asked.sort(), told.filter((one) => one !== "/secrets").sort());
});

test("Secrets are told with metadata only", () => {
  const rule = policy.rules.find(({ resources = [] }) =>
    resources.some(({ resources: names }) => names.includes("secrets")),
  );
  strictEqual(rule?.level, "Metadata");
});

test("a function that does not answer keeps nobody waiting and refuses nothing", () => {
  for (const { failurePolicy, timeoutSeconds, sideEffects, clientConfig } of webhooks) {
    strictEqual(failurePolicy, "Ignore");
    ok(timeoutSeconds <= 1);
    strictEqual(sideEffects, "NoneOnDryRun");
    match(clientConfig.url, /^https:\/\/[^?#@]+\/admission\/FILL-IN$/);
  }
});

test("our own users are left out, every one of the audit policy", () => {
  for (const { matchConditions } of webhooks) {
    const prefixes = [
      ...(matchConditions[0]?.expression ?? "").matchAll(/!request\.userInfo\.username\.startsWith\("([^"]+)"\)/g),
    ].map(([, prefix = ""]) => prefix);
    ok(prefixes.length > 0);
    for (const user of policy.rules[0]?.users ?? [])
      ok(
        prefixes.some((prefix) => user.startsWith(prefix)),
        user,
      );
  }
});
