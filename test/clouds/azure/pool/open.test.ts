/** Before the cloud is looked at: the cluster's infrastructure, whose credentials, and who may use them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AzureClusterIdentity, AzureIdentityType } from "../../../../lib/api/azure/azure-cluster-identity.ts";
import type { KubernetesObject, Resource } from "../../../../lib/api/kubernetes/meta.ts";
import type { Secret } from "../../../../lib/api/kubernetes/secret.ts";
import { chooseCredential } from "../../../../lib/providers/azure/pool/credentials.ts";
import { findCredential } from "../../../../lib/providers/azure/pool/identities.ts";
import { readSurroundings } from "../../../../lib/providers/azure/pool/surroundings.ts";
import { aCluster, anAzureCluster, type Overrides } from "./objects.ts";
import { CLIENT, startPoolRig } from "./rig.ts";

const TENANT = "99999999-8888-7777-6666-555555555555";
const APP = "0a4b8f0e-2d0c-4b79-9d43-7e2a0e6b51c2";
const own = { getToken: async () => ({ token: "own", expiresOnTimestamp: Date.now() + 3_600_000 }) };

const anIdentity = (
  type: AzureIdentityType,
  more: Partial<AzureClusterIdentity["spec"]> = {},
): AzureClusterIdentity => ({
  metadata: { name: "robot", namespace: "team", uid: "u", resourceVersion: "1" },
  spec: {
    type,
    tenantID: TENANT,
    clientID: APP,
    allowedNamespaces: {},
    clientSecret: { name: "robot-secret" },
    ...more,
  },
});
const aSecret = (data: Readonly<Record<string, string>>, resourceVersion = "1"): Secret => ({
  metadata: { name: "robot-secret", namespace: "team", resourceVersion },
  data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString("base64")])),
});
const namespace = { metadata: { name: "team", labels: { tier: "prod" } } };

const reading = (...objects: readonly (readonly [string, KubernetesObject])[]) => {
  const read = async <T extends KubernetesObject>({ kind }: Resource, { name }: { readonly name: string }) =>
    objects.find(([wanted, { metadata }]) => wanted === kind && metadata.name === name)?.[1] as T | undefined;
  return { read, own, authorityHost: "https://login.invalid" };
};
const find = (identity: AzureClusterIdentity, secret?: KubernetesObject) =>
  findCredential(
    { name: "robot" },
    "team",
    reading(
      ["AzureClusterIdentity", identity],
      ["Namespace", namespace],
      ...(secret ? [["Secret", secret] as const] : []),
    ),
  );
const refusalOf = async (identity: AzureClusterIdentity, secret?: KubernetesObject) => {
  const found = await find(identity, secret);
  return "refusal" in found ? found.refusal : undefined;
};

test("a cluster that names no identity is managed with the function's own", async () => {
  const found = await findCredential(undefined, "team", reading());
  assert.ok("credential" in found);
  assert.equal(found.credential(), own);
});

test("an identity that is not there is said", async () => {
  const found = await findCredential({ name: "robot" }, "team", reading());
  assert.ok("refusal" in found);
  assert.match(found.refusal.message, /no AzureClusterIdentity team\/robot/);
});

const spaces: { name: string; allowed: AzureClusterIdentity["spec"]["allowedNamespaces"]; may: boolean }[] = [
  { name: "nobody is named: nobody may", allowed: null, may: false },
  { name: "an empty object: everybody may", allowed: {}, may: true },
  { name: "a list with it", allowed: { list: ["team"] }, may: true },
  { name: "a list without it", allowed: { list: ["other"] }, may: false },
  { name: "a selector that fits", allowed: { selector: { matchLabels: { tier: "prod" } } }, may: true },
  { name: "a selector that does not", allowed: { selector: { matchLabels: { tier: "test" } } }, may: false },
  { name: "an empty selector fits nobody", allowed: { selector: {} }, may: false },
];
for (const { name, allowed, may } of spaces)
  test(`allowed namespaces: ${name}`, async () => {
    const refusal = await refusalOf(anIdentity("UserAssignedMSI", { allowedNamespaces: allowed ?? null }));
    assert.equal(refusal?.reason, may ? undefined : "NamespaceNotAllowedByIdentity");
  });

const PEM =
  "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\ny\n-----END CERTIFICATE-----\n";
const kinds: { type: AzureIdentityType; secret?: Readonly<Record<string, string>>; want: string | RegExp }[] = [
  { type: "UserAssignedMSI", want: "ManagedIdentityCredential" },
  { type: "WorkloadIdentity", want: "ClientAssertionCredential" },
  { type: "ServicePrincipal", secret: { clientSecret: "s" }, want: "ClientSecretCredential" },
  { type: "ManualServicePrincipal", secret: { clientSecret: "s" }, want: "ClientSecretCredential" },
  { type: "ServicePrincipal", want: /robot-secret is not there, or has no key clientSecret/ },
  { type: "ServicePrincipal", secret: { other: "s" }, want: /no key clientSecret/ },
  { type: "ServicePrincipalCertificate", secret: { certificate: PEM }, want: "ClientCertificateCredential" },
  { type: "ServicePrincipalCertificate", secret: { certificate: "0\u0082binary" }, want: /must be PEM/ },
  { type: "ServicePrincipalCertificate", want: /no key certificate/ },
  { type: "UserAssignedIdentityCredential", want: /UserAssignedMSI or WorkloadIdentity/ },
];
for (const { type, secret, want } of kinds)
  test(`${type}${secret ? ` with ${Object.keys(secret).join()}` : ""} is ${want}`, () => {
    const choice = chooseCredential({
      identity: anIdentity(type),
      secret: secret && ((key) => secret[key]),
      authorityHost: "https://login.invalid",
      own,
    });
    if (typeof want === "string") {
      assert.ok("credential" in choice);
      assert.equal(choice.credential().constructor.name, want);
    } else {
      assert.ok("refused" in choice);
      assert.match(choice.refused, want);
    }
  });

test("a changed identity or a rotated secret has another key, and no key holds a secret", async () => {
  const key = async (identity: AzureClusterIdentity, secret: KubernetesObject) => {
    const found = await find(identity, secret);
    assert.ok("key" in found);
    return found.key;
  };
  const identity = anIdentity("ServicePrincipal");
  const before = await key(identity, aSecret({ clientSecret: "hush" }));
  assert.equal(await key(identity, aSecret({ clientSecret: "hush" })), before);
  assert.notEqual(await key(identity, aSecret({ clientSecret: "hush" }, "2")), before);
  assert.notEqual(
    await key(
      { ...identity, metadata: { ...identity.metadata, resourceVersion: "2" } },
      aSecret({ clientSecret: "hush" }),
    ),
    before,
  );
  assert.doesNotMatch(before, /hush/);
});

test("a service principal's secret gets a token and a look at Azure; a wrong one is said without the secret", async (t) => {
  const rig = await startPoolRig();
  t.after(rig.close);
  const { clientId } = rig.cloud.directory.register({ secret: "right-secret" });
  rig.put("AzureCluster", anAzureCluster({ identityRef: { kind: "AzureClusterIdentity", name: "robot" } }));
  rig.put("AzureClusterIdentity", anIdentity("ServicePrincipal", { clientID: clientId, tenantID: rig.cloud.tenantId }));
  rig.put("Secret", aSecret({ clientSecret: "right-secret" }));
  assert.equal((await (await rig.open()).observe()).group, undefined);
  assert.equal(rig.azure.calls.length, 2, "the set and the sizes");
  rig.put("Secret", aSecret({ clientSecret: "wrong-secret" }, "2"));
  const session = await rig.open();
  await assert.rejects(session.observe(), (error: Error & { kind?: string }) => {
    assert.equal(error.kind, "denied");
    assert.match(error.message, /AzureClusterIdentity/);
    assert.doesNotMatch(error.message, /wrong-secret/);
    return true;
  });
});

test("a workload identity that trusts the function's own gets a token with it, and one that does not is refused", async (t) => {
  const rig = await startPoolRig();
  t.after(rig.close);
  const { directory, tenantId } = rig.cloud;
  const functionApp = directory.find(CLIENT) ?? directory.register({ clientId: CLIENT });
  rig.put("AzureCluster", anAzureCluster({ identityRef: { kind: "AzureClusterIdentity", name: "robot" } }));
  const identityOf = (clientID: string) => anIdentity("WorkloadIdentity", { clientID, tenantID: tenantId });
  const trusting = directory.register({ trusts: functionApp.principalId });
  rig.put("AzureClusterIdentity", identityOf(trusting.clientId));
  assert.equal((await (await rig.open()).observe()).group, undefined);
  const stranger = identityOf(directory.register({ trusts: "somebody-else" }).clientId);
  rig.put("AzureClusterIdentity", { ...stranger, metadata: { ...stranger.metadata, resourceVersion: "2" } });
  const session = await rig.open();
  await assert.rejects(session.observe(), (error: Error & { kind?: string }) => error.kind === "denied");
});

const waits: {
  name: string;
  prepare: (put: (kind: string, object: KubernetesObject) => void) => void;
  overrides?: Overrides;
  want: RegExp;
}[] = [
  {
    name: "an old failureReason",
    prepare: () => {},
    overrides: { status: { failureReason: "InvalidConfiguration" } },
    want: /FailureReasonSet/,
  },
  { name: "no bootstrap data", prepare: () => {}, overrides: { bootstrap: "none" }, want: /WaitingForBootstrapData/ },
  {
    name: "a cluster of another kind",
    prepare: () => {},
    overrides: { cluster: { infrastructureRef: { apiGroup: "a.b", kind: "OtherCluster", name: "blue" } } },
    want: /WaitingForClusterInfrastructure/,
  },
  {
    name: "a cloud that nobody knows",
    prepare: (put) => put("AzureCluster", anAzureCluster({ azureEnvironment: "AzureMoonCloud" })),
    want: /UnknownEnvironment/,
  },
  {
    name: "an identity that is not there",
    prepare: (put) => put("AzureCluster", anAzureCluster({ identityRef: { name: "robot" } })),
    want: /AzureClusterIdentityNotFound/,
  },
];
for (const { name, prepare, overrides = {}, want } of waits)
  test(`waits and says why: ${name}`, async (t) => {
    const rig = await startPoolRig();
    t.after(rig.close);
    prepare(rig.put);
    const opened = await rig.provider.open(rig.requestOf(overrides));
    assert.ok("waiting" in opened);
    assert.match(JSON.stringify(opened.waiting), want);
    assert.equal(rig.azure.calls.length, 0);
  });

test("a pool of an AKS cluster stands in its node resource group and goes out by AKS's own load balancer", async () => {
  const controlPlane = {
    metadata: { name: "aks", namespace: "team" },
    spec: {
      resourceGroupName: "rg",
      location: "westeurope",
      virtualNetwork: { name: "v", cidrBlock: "10.0.0.0/8", subnet: { name: "s", cidrBlock: "10.0.0.0/16" } },
    },
  };
  const cluster = aCluster({
    cluster: {
      infrastructureRef: { apiGroup: "infrastructure.cluster.x-k8s.io", kind: "AzureManagedCluster", name: "aks" },
      controlPlaneRef: { apiGroup: "infrastructure.cluster.x-k8s.io", kind: "AzureManagedControlPlane", name: "aks" },
    },
  });
  const { read } = reading(["AzureManagedControlPlane", controlPlane]);
  assert.deepEqual(await readSurroundings(cluster, read), {
    location: "westeurope",
    additionalTags: {},
    environment: "AzurePublicCloud",
    resourceGroup: "MC_rg_aks_westeurope",
    network: { resourceGroup: "rg", name: "v", subnets: [{ name: "s", role: "node" }], ipv6: false },
    outbound: { loadBalancer: "kubernetes", pool: "aksOutboundBackendPool" },
  });
});
