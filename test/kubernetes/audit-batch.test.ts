/** Audit events as a real API server and the embedded one send them (fixtures: apiserver 1.36 with our policy, then with bodies). */
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { load } from "js-yaml";
import { realClock } from "../../infra/local/clock.ts";
import type { AuditPolicy } from "../../infra/local/kubernetes/audit.ts";
import { startKubernetes } from "../../infra/local/kubernetes/start.ts";
import { createAuthority } from "../../infra/local/tls.ts";
import { type InstanceTermination, instanceTerminations } from "../../lib/api/lifecycle/instance-termination.ts";
import { auditEventsOf, auditHints } from "../../lib/kubernetes/audit-event.ts";
import { connect } from "../../lib/kubernetes/connection.ts";
import { readKubeconfig } from "../../lib/kubernetes/kubeconfig.ts";
import { installDefinition, yamlFile } from "./support/any-api-server.ts";
import { CRD_FILE, named } from "./support/sample-termination.ts";
import { scriptedServer } from "./support/scripted-server.ts";

const options = { ownUsers: ["lifeguard:drain-continued"], kinds: [instanceTerminations] };
const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), "utf8"));
const hintsOf = (body: unknown) => auditHints(auditEventsOf(body) ?? [], options);
const iterm = (name: string) => ({ kind: "InstanceTermination", namespace: "default", name });
const everywhere = { kind: "InstanceTermination", namespace: "default" };
const counts = (counted: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(counted).filter(([, count]) => count > 0));

test("a real batch under our policy: edits, a generated name, a dry run, a refusal, deletions", () => {
  const { keys, everywhereIn, counted } = hintsOf(fixture("audit-shipped-policy"));
  deepStrictEqual(keys, [iterm("workers-i-0abc")]);
  deepStrictEqual(everywhereIn, [everywhere]);
  // create twice, patch twice, delete, the patch that drops the finalizer, deletecollection
  deepStrictEqual(counts(counted), { hint: 7, failed: 1, dryRun: 1 });
});

test("a real batch with reads, status writes and bodies: the generated name is found in the answer", () => {
  const { keys, everywhereIn, counted } = hintsOf(fixture("audit-request-response"));
  deepStrictEqual(keys, [iterm("workers-i-0abc"), iterm("workers-qz87s")]);
  deepStrictEqual(everywhereIn, [everywhere]);
  deepStrictEqual(counts(counted), { hint: 7, read: 3, statusOnly: 1, failed: 1, dryRun: 1 });
});

/** The embedded API under our policy, and whoever its webhook posts to. */
async function auditedApi(t: TestContext) {
  const receiver = await scriptedServer(t, () => ({}));
  const server = await startKubernetes({
    clock: realClock(),
    name: "management",
    authority: await createAuthority(),
    audit: {
      url: `${receiver.url}/audit`,
      token: "audit-token",
      caPem: receiver.authority.caPem,
      policy: yamlFile("infra/kubernetes/audit-policy.yaml") as AuditPolicy,
      batchMaxWaitSeconds: 0,
    },
  });
  const as = (user: string) =>
    connect(async () => server.kubeconfig(user), { name: user, origin: "a test" }).client(undefined);
  await installDefinition(as("admin"), CRD_FILE, instanceTerminations);
  return { receiver, server, as };
}

test("from an edit to its key, through the embedded API's webhook under our policy", { timeout: 20_000 }, async (t) => {
  const { receiver, server, as } = await auditedApi(t);
  const admin = as("admin");
  const objectOf = ({ metadata, ...more }: InstanceTermination, name: string) => ({
    ...more,
    metadata: { ...metadata, name },
  });
  const at = (name: string) => ({ namespace: "default", name });
  await as("lifeguard:drain-continued").create(instanceTerminations, objectOf(named({}), "ours"));
  await admin.create(instanceTerminations, objectOf(named({}), "theirs"));
  await admin.patch(
    instanceTerminations,
    at("ours"),
    { type: "merge", body: { status: { phase: "Pending" } } },
    "status",
  );
  await admin.get(instanceTerminations, at("ours"));
  await admin.delete(instanceTerminations, at("ours"));
  while ((server.audit?.delivered() ?? 0) < 2) await new Promise(setImmediate);
  await server.close();
  const events = receiver.asked.flatMap(({ body }) => auditEventsOf(JSON.parse(body)) ?? []);
  const { keys, counted } = auditHints(events, options);
  deepStrictEqual(new Set(keys.map(({ name }) => name)), new Set(["ours", "theirs"]));
  deepStrictEqual(counts(counted), { hint: 2 });
  deepStrictEqual(new Set(receiver.asked.map(({ headers }) => headers.authorization)), new Set(["Bearer audit-token"]));
});

test("the webhook kubeconfig is one, with an https server and a token to fill in", async () => {
  const text = readFileSync(new URL("../../infra/kubernetes/audit-webhook-kubeconfig.yaml", import.meta.url), "utf8");
  const access = readKubeconfig(text, { name: "the webhook", origin: "its file", selfContained: true });
  strictEqual(access.server.protocol, "https:");
  deepStrictEqual((await access.credentials()).headers, { authorization: "Bearer FILL-IN" });
  strictEqual((load(text) as { kind: string }).kind, "Config");
});
