/** Tokens through the real credential classes: managed identity, secret, certificate, federation; and what is refused. */
import "reflect-metadata";
import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { webcrypto } from "node:crypto";
import test from "node:test";
import { ComputeManagementClient } from "@azure/arm-compute";
import {
  ClientAssertionCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
  ManagedIdentityCredential,
  type TokenCredential,
} from "@azure/identity";
import * as x509 from "@peculiar/x509";
import { GROUP, type Rig, SET, startRig, startSet } from "./rig.ts";

const SCOPE = "https://management.azure.com/.default";
const signIn = ({ azure }: Rig) => ({
  authorityHost: azure.loginEndpoint,
  disableInstanceDiscovery: true,
  retryOptions: { maxRetries: 0 },
});
const readWith = ({ azure, cloud }: Rig, credential: TokenCredential) =>
  new ComputeManagementClient(credential, cloud.subscriptionId, {
    endpoint: azure.endpoint,
    retryOptions: { maxRetries: 0 },
  }).virtualMachineScaleSets.get(GROUP, SET);

/** As App Service sets it, for the whole of this process. */
function managedIdentity({ azure }: Rig, clientId: string): ManagedIdentityCredential {
  Object.assign(process.env, azure.identityEnvironment);
  return new ManagedIdentityCredential({ clientId, retryOptions: { maxRetries: 0 } });
}

test("a managed identity reads with a token of its own endpoint, and the log knows who it was", async (context) => {
  const rig = await startRig(context);
  await startSet(rig);
  const { clientId } = rig.cloud.directory.register({ name: "the-function" });
  await readWith(rig, managedIdentity(rig, clientId));
  strictEqual(rig.azure.calls.at(-1)?.who, "the-function");
});

test("an application reads with its secret, and not with another", async (context) => {
  const rig = await startRig(context);
  await startSet(rig);
  const { clientId } = rig.cloud.directory.register({ secret: "right" });
  const with_ = (secret: string) => new ClientSecretCredential(rig.cloud.tenantId, clientId, secret, signIn(rig));
  await readWith(rig, with_("right"));
  await rejects(with_("wrong").getToken(SCOPE), /AADSTS7000215/);
});

async function certificateOf(name: string): Promise<{ readonly certificate: string; readonly key: string }> {
  x509.cryptoProvider.set(webcrypto);
  const algorithm = {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength: 2048,
  };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: `CN=${name}`,
    notBefore: new Date("2020-01-01"),
    notAfter: new Date("2099-01-01"),
    signingAlgorithm: algorithm,
    keys,
  });
  const key = x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");
  return { certificate: made.toString("pem"), key };
}

test("an application reads with its certificate, and not with a stranger's", async (context) => {
  const rig = await startRig(context);
  await startSet(rig);
  const [own, strange] = [await certificateOf("own"), await certificateOf("strange")];
  const { clientId } = rig.cloud.directory.register({ certificate: own.certificate });
  const with_ = ({ certificate, key }: typeof own) =>
    new ClientCertificateCredential(
      rig.cloud.tenantId,
      clientId,
      { certificate: `${certificate}\n${key}` },
      signIn(rig),
    );
  await readWith(rig, with_(own));
  await rejects(with_(strange).getToken(SCOPE), /AADSTS700027/);
});

test("an application takes a token of the managed identity that it trusts, and no other's", async (context) => {
  const rig = await startRig(context);
  await startSet(rig);
  const [trusted, other] = [rig.cloud.directory.register(), rig.cloud.directory.register()];
  const { clientId } = rig.cloud.directory.register({ trusts: trusted.principalId });
  const through = (identity: string) => {
    const assertion = managedIdentity(rig, identity);
    const take = async () => (await assertion.getToken("api://AzureADTokenExchange/.default")).token;
    return new ClientAssertionCredential(rig.cloud.tenantId, clientId, take, signIn(rig));
  };
  await readWith(rig, through(trusted.clientId));
  await rejects(through(other.clientId).getToken(SCOPE), /AADSTS700027/);
});

const token = (text: string): TokenCredential => ({
  getToken: () => Promise.resolve({ token: text, expiresOnTimestamp: Date.now() + 3_600_000 }),
});

test("tokens that are made up, of another service or too old are refused", async (context) => {
  const rig = await startRig(context);
  await startSet(rig);
  const known = rig.cloud.directory.register();
  const refused = (text: string, code: string) => rejects(readWith(rig, token(text)), { statusCode: 401, code });
  await refused("made-up", "InvalidAuthenticationToken");
  await refused(rig.cloud.tokens.issue(known, "https://servicebus.azure.net"), "InvalidAuthenticationTokenAudience");
  const old = rig.cloud.tokens.issue(known, "https://management.azure.com");
  await rig.pass(2 * 86_400);
  await refused(old, "ExpiredAuthenticationToken");
});

test("whoever does not show the endpoint's header gets no token", async (context) => {
  const rig = await startRig(context);
  const { clientId } = rig.cloud.directory.register();
  const { IDENTITY_ENDPOINT = "" } = rig.azure.identityEnvironment;
  const answer = await fetch(
    `${IDENTITY_ENDPOINT}?api-version=2019-08-01&resource=https://vault.azure.net&client_id=${clientId}`,
  );
  deepStrictEqual([answer.status, Object.keys(Object(await answer.json()))], [401, ["statusCode", "message"]]);
});

test("a second Azure in one process has identities of its own", async (context) => {
  for (const rig of [await startRig(context), await startRig(context)]) {
    await startSet(rig);
    await readWith(rig, managedIdentity(rig, rig.cloud.directory.register().clientId));
  }
});
