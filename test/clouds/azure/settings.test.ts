/** What a function app is told, and how a wrong word is refused: by its variable, never with its value. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readAuditSettings, readLogLevel, readWorkerSettings } from "../../../functions/azure/runtime/settings.ts";

const worker = {
  AZURE_CLIENT_ID: "66666666-7777-4888-9999-aaaaaaaaaaaa",
  LIFEGUARD_SUBSCRIPTION_ID: "11111111-2222-3333-4444-555555555555",
  LIFEGUARD_SERVICE_BUS: "https://looks.servicebus.windows.net",
  LIFEGUARD_KUBECONFIG: "apiVersion: v1",
};
const audit = { ...worker, LIFEGUARD_AUDIT_TOKENS: "s3cret" };

test("what is not said has its default, an empty variable too", () => {
  const settings = readWorkerSettings({ ...worker, LIFEGUARD_MAINTENANCE_POLICY: "", LIFEGUARD_ARM_ENDPOINT: "" });
  assert.equal(settings.armEndpoint, "https://management.azure.com");
  assert.deepEqual(settings.policies, { redeploy: "Drain", reboot: "Ignore", freeze: "Ignore" });
  assert.equal(settings.publishScheduledEvents, false);
  assert.deepEqual(settings.assignableRoles, []);
  assert.equal(settings.reconcilesPools, false);
  assert.equal(settings.reconcile.surge, 1);
  assert.equal(readLogLevel({}), "INFO");
});

const wrong: {
  name: string;
  read: (environment: Record<string, string>) => unknown;
  but: Record<string, string>;
  variable: string;
}[] = [
  { name: "no identity", read: readWorkerSettings, but: { AZURE_CLIENT_ID: "" }, variable: "AZURE_CLIENT_ID" },
  {
    name: "a queue without encryption",
    read: readWorkerSettings,
    but: { LIFEGUARD_SERVICE_BUS: "http://looks" },
    variable: "LIFEGUARD_SERVICE_BUS",
  },
  {
    name: "a role by its name",
    read: readWorkerSettings,
    but: { LIFEGUARD_ASSIGNABLE_ROLES: "Contributor" },
    variable: "LIFEGUARD_ASSIGNABLE_ROLES",
  },
  {
    name: "an unknown policy",
    read: readWorkerSettings,
    but: { LIFEGUARD_FREEZE_POLICY: "Panic" },
    variable: "LIFEGUARD_FREEZE_POLICY",
  },
  {
    name: "a number that is none",
    read: readWorkerSettings,
    but: { LIFEGUARD_SURGE: "many" },
    variable: "LIFEGUARD_SURGE",
  },
  {
    name: "a secret that the platform could not read",
    read: readAuditSettings,
    but: { LIFEGUARD_AUDIT_TOKENS: "@Microsoft.KeyVault(SecretUri=https://v/secrets/s3cret)" },
    variable: "LIFEGUARD_AUDIT_TOKENS",
  },
  {
    name: "forwards that are no JSON",
    read: readAuditSettings,
    but: { LIFEGUARD_AUDIT_FORWARDS: "s3cret" },
    variable: "LIFEGUARD_AUDIT_FORWARDS",
  },
  {
    name: "forward tokens that are no object",
    read: readAuditSettings,
    but: { LIFEGUARD_AUDIT_FORWARD_TOKENS: '["s3cret"]' },
    variable: "LIFEGUARD_AUDIT_FORWARD_TOKENS",
  },
];
for (const { name, read, but, variable } of wrong) {
  test(`${name} is refused by its variable`, () => {
    assert.throws(
      () => read({ ...audit, ...but }),
      (error: unknown) =>
        error instanceof Error && error.message.includes(variable) && !error.message.includes("s3cret"),
    );
  });
}

test("the audit function needs no kubeconfig, and knows the tokens of others", () => {
  const { LIFEGUARD_KUBECONFIG: _, ...without } = audit;
  const settings = readAuditSettings({
    ...without,
    LIFEGUARD_OWN_USERS: "a, b,",
    LIFEGUARD_AUDIT_FORWARD_TOKENS: '{"other":"t"}',
  });
  assert.deepEqual(settings.ownUsers, ["a", "b"]);
  assert.deepEqual(settings.forwardTokens, { other: "t" });
});
