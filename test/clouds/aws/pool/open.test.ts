/** What must be there before AWS is asked anything, and with whose credentials it is asked. */
import assert from "node:assert/strict";
import test from "node:test";
import type { AwsIdentity } from "../../../../lib/api/aws/aws-identities.ts";
import { ProviderError } from "../../../../lib/providers/errors.ts";
import { anInfrastructure, type Overrides } from "./objects.ts";
import { converge, type PoolRig, startPoolRig } from "./rig.ts";

const waits: { name: string; overrides: Overrides; type: string; reason: string }[] = [
  {
    name: "an old failureReason",
    overrides: { status: { failureReason: "CreateError" } },
    type: "Ready",
    reason: "FailureReasonSet",
  },
  { name: "no bootstrap data", overrides: { bootstrap: "none" }, type: "ASGReady", reason: "WaitingForBootstrapData" },
  {
    name: "no infrastructure cluster",
    overrides: { cluster: { infrastructureRef: { apiGroup: "x", kind: "AWSCluster", name: "nowhere" } } },
    type: "ASGReady",
    reason: "WaitingForClusterInfrastructure",
  },
  {
    name: "no infrastructure named",
    overrides: { cluster: {}, namespace: "nowhere" },
    type: "ASGReady",
    reason: "WaitingForClusterInfrastructure",
  },
];
for (const { name, overrides, type, reason } of waits) {
  test(`waiting: ${name} is a condition, and AWS is not asked`, async (context) => {
    const rig = await startPoolRig(context);
    const opened = await rig.provider.open(rig.request(overrides));
    assert.ok("waiting" in opened);
    assert.deepEqual([opened.waiting.type, opened.waiting.status, opened.waiting.reason], [type, "False", reason]);
    assert.equal(rig.aws.calls.length, 0);
  });
}

test("deletion needs no bootstrap data", async (context) => {
  const rig = await startPoolRig(context);
  assert.ok("observe" in (await rig.provider.open(rig.request({ deleting: true, bootstrap: "none" }))));
});

const ROLE = "arn:aws:iam::123456789012:role/pools";
const identity = (spec: AwsIdentity["spec"], name = "id"): AwsIdentity => ({
  metadata: { name, uid: `uid-${name}`, resourceVersion: "1" },
  ...(spec && { spec }),
});
const data = (fields: Record<string, string>) =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, Buffer.from(value).toString("base64")]));
const put = {
  role: (rig: PoolRig, spec: AwsIdentity["spec"]) =>
    rig.put("AWSClusterRoleIdentity", identity({ allowedNamespaces: {}, roleARN: ROLE, ...spec })),
  static: (rig: PoolRig, name = "id") => {
    rig.put("AWSClusterStaticIdentity", identity({ allowedNamespaces: {}, secretRef: "keys" }, name));
    const secret = { metadata: { name: "keys", namespace: "capa-system", resourceVersion: "7" } };
    rig.put("Secret", { ...secret, data: data({ AccessKeyID: "AKIASTATIC", SecretAccessKey: "s" }) });
  },
};
const named = (rig: PoolRig, kind: string) =>
  rig.put("AWSCluster", anInfrastructure({ identityRef: { kind, name: "id" } }));
const callers = (rig: PoolRig, server: string) => [
  ...new Set(rig.aws.calls.filter((call) => call.server === server).map(({ who }) => who)),
];

test("without an identity the function's own credentials are used", async (context) => {
  const rig = await startPoolRig(context);
  await converge(rig);
  assert.deepEqual(callers(rig, "autoscaling"), ["AKIAOWN"]);
});

test("a controller identity is the function's own too", async (context) => {
  const rig = await startPoolRig(context);
  rig.put("AWSClusterControllerIdentity", identity({ allowedNamespaces: {} }));
  named(rig, "AWSClusterControllerIdentity");
  await converge(rig);
  assert.deepEqual(callers(rig, "ec2"), ["AKIAOWN"]);
});

test("a static identity brings its keys", async (context) => {
  const rig = await startPoolRig(context);
  put.static(rig);
  named(rig, "AWSClusterStaticIdentity");
  await converge(rig);
  assert.deepEqual(callers(rig, "autoscaling"), ["AKIASTATIC"]);
});

test("a role is assumed with its external id, once for many passes", async (context) => {
  const rig = await startPoolRig(context);
  rig.cloud.roles.trust({ arn: ROLE, externalId: "42" });
  put.role(rig, {
    externalID: "42",
    sessionName: "lifeguard",
    durationSeconds: 3600,
    policyARNs: ["arn:aws:iam::aws:policy/x"],
  });
  named(rig, "AWSClusterRoleIdentity");
  await converge(rig);
  await converge(rig);
  const [key = "", ...others] = callers(rig, "autoscaling");
  assert.deepEqual(others, []);
  assert.equal(rig.cloud.roles.roleOf(key), ROLE);
  assert.equal(rig.aws.calls.filter(({ what }) => what === "AssumeRole").length, 1);
  rig.clock.advance(3400);
  await converge(rig);
  assert.equal(rig.aws.calls.filter(({ what }) => what === "AssumeRole").length, 2);
});

test("a role is assumed with the keys of its source", async (context) => {
  const rig = await startPoolRig(context);
  rig.cloud.roles.trust({ arn: ROLE });
  put.static(rig, "source");
  put.role(rig, { sourceIdentityRef: { kind: "AWSClusterStaticIdentity", name: "source" } });
  named(rig, "AWSClusterRoleIdentity");
  await converge(rig);
  assert.deepEqual(callers(rig, "sts"), ["AKIASTATIC"]);
});

test("a role that does not trust us is denied, with what to allow and no credential in it", async (context) => {
  const rig = await startPoolRig(context);
  put.role(rig, {});
  named(rig, "AWSClusterRoleIdentity");
  await assert.rejects(converge(rig), (error: unknown) => {
    assert.ok(error instanceof ProviderError);
    assert.equal(error.kind, "denied");
    assert.match(error.message, /AssumeRole/);
    return true;
  });
});

const label = (labels: Record<string, string>) => ({ metadata: { name: "team", labels } });
const access: { name: string; spec: AwsIdentity["spec"]; labels?: Record<string, string>; allowed: boolean }[] = [
  { name: "no word about namespaces allows nobody", spec: {}, allowed: false },
  { name: "null allows nobody", spec: { allowedNamespaces: null }, allowed: false },
  { name: "an empty object allows everybody", spec: { allowedNamespaces: {} }, allowed: true },
  { name: "a list with the namespace", spec: { allowedNamespaces: { list: ["team"] } }, allowed: true },
  { name: "a list without it", spec: { allowedNamespaces: { list: ["other"] } }, allowed: false },
  { name: "an empty selector matches nothing", spec: { allowedNamespaces: { selector: {} } }, allowed: false },
  {
    name: "a label that fits",
    spec: { allowedNamespaces: { selector: { matchLabels: { a: "b" } } } },
    labels: { a: "b" },
    allowed: true,
  },
  {
    name: "a label that does not",
    spec: { allowedNamespaces: { selector: { matchLabels: { a: "b" } } } },
    labels: { a: "c" },
    allowed: false,
  },
  {
    name: "list and selector are ORed",
    spec: { allowedNamespaces: { list: ["team"], selector: { matchLabels: { a: "b" } } } },
    allowed: true,
  },
  {
    name: "an expression that fits",
    spec: {
      allowedNamespaces: {
        selector: {
          matchExpressions: [
            { key: "a", operator: "In", values: ["b"] },
            { key: "z", operator: "DoesNotExist" },
          ],
        },
      },
    },
    labels: { a: "b" },
    allowed: true,
  },
  {
    name: "an expression that does not",
    spec: { allowedNamespaces: { selector: { matchExpressions: [{ key: "a", operator: "NotIn", values: ["b"] }] } } },
    labels: { a: "b" },
    allowed: false,
  },
  {
    name: "an operator of the future opens no door",
    spec: { allowedNamespaces: { selector: { matchExpressions: [{ key: "a", operator: "Like", values: ["b"] }] } } },
    labels: { a: "b" },
    allowed: false,
  },
];
for (const { name, spec, labels = {}, allowed } of access) {
  test(`allowed namespaces: ${name}`, async (context) => {
    const rig = await startPoolRig(context);
    rig.put("AWSClusterControllerIdentity", identity(spec));
    rig.put("Namespace", label(labels));
    named(rig, "AWSClusterControllerIdentity");
    const opened = await rig.provider.open(rig.request());
    assert.equal(
      "waiting" in opened ? opened.waiting.reason : "allowed",
      allowed ? "allowed" : "PrincipalUsageUnauthorized",
    );
  });
}

const broken: { name: string; prepare: (rig: PoolRig) => void; kind: string; want: RegExp }[] = [
  {
    name: "an identity that is not there",
    prepare: () => {},
    kind: "AWSClusterRoleIdentity",
    want: /no AWSClusterRoleIdentity id/,
  },
  {
    name: "a kind of the future",
    prepare: () => {},
    kind: "AWSClusterWebIdentity",
    want: /no AWSClusterWebIdentity id/,
  },
  {
    name: "a role that is its own source",
    prepare: (rig) => put.role(rig, { sourceIdentityRef: { kind: "AWSClusterRoleIdentity", name: "id" } }),
    kind: "AWSClusterRoleIdentity",
    want: /leads back/,
  },
  {
    name: "a role without a name",
    prepare: (rig) => rig.put("AWSClusterRoleIdentity", identity({ allowedNamespaces: {} })),
    kind: "AWSClusterRoleIdentity",
    want: /roleARN/,
  },
  {
    name: "a static identity without its Secret",
    prepare: (rig) => rig.put("AWSClusterStaticIdentity", identity({ allowedNamespaces: {}, secretRef: "keys" })),
    kind: "AWSClusterStaticIdentity",
    want: /capa-system\/keys/,
  },
];
for (const { name, prepare, kind, want } of broken) {
  test(`identity: ${name} is said`, async (context) => {
    const rig = await startPoolRig(context);
    prepare(rig);
    named(rig, kind);
    const opened = await rig.provider.open(rig.request());
    assert.match("waiting" in opened ? (opened.waiting.message ?? "") : "", want);
  });
}

test("a source that may not be used says so in its own words", async (context) => {
  const rig = await startPoolRig(context);
  rig.put("AWSClusterControllerIdentity", identity({}, "source"));
  put.role(rig, { sourceIdentityRef: { kind: "AWSClusterControllerIdentity", name: "source" } });
  named(rig, "AWSClusterRoleIdentity");
  const opened = await rig.provider.open(rig.request());
  assert.equal("waiting" in opened && opened.waiting.reason, "SourcePrincipalUsageUnauthorized");
});
