/** How a function gets into its management cluster: a minted EKS token, a secret or a parameter; and what errors keep to themselves. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SSMClient } from "@aws-sdk/client-ssm";
import { mintEksToken } from "../../../lib/providers/aws/eks-token.ts";
import { type ManagementAccess, managementKubeconfig } from "../../../lib/providers/aws/management-kubeconfig.ts";
import { isParameter, nameOfSource } from "../../../lib/providers/aws/secret-source.ts";
import { startAwsRig } from "./rig.ts";

const credentials = async () => ({
  accessKeyId: "AKIATEST",
  secretAccessKey: "the-secret-key",
  sessionToken: "the-session-token",
});
const now = () => new Date("2026-11-20T08:00:00Z");
const identity = { clusterName: "prod-eu", region: "eu-west-1", credentials, now };
const urlIn = (token: string) => new URL(Buffer.from(token.replace("k8s-aws-v1.", ""), "base64url").toString("utf8"));

let rig: Awaited<ReturnType<typeof startAwsRig>>;
let access: ManagementAccess;
before(async () => {
  rig = await startAwsRig();
  const secretsManager = new SecretsManagerClient(rig.options);
  const ssm = new SSMClient(rig.options);
  access = { secretsManager: async () => secretsManager, ssm: async () => ssm, region: "eu-west-1", credentials, now };
  await rig.aws.cloud.handle("secretsmanager", "CreateSecret", { Name: "team/config", SecretString: "apiVersion: v1" });
  await rig.aws.cloud.handle("ssm", "PutParameter", { Name: "/team/config", Value: "kind: Config" });
});
after(() => rig.close());

test("an EKS token is a presigned call to STS in the cluster's region, good for a minute", async () => {
  const token = await mintEksToken(identity);
  assert.match(token, /^k8s-aws-v1\.[A-Za-z0-9_-]+$/);
  const url = urlIn(token);
  assert.equal(url.origin + url.pathname, "https://sts.eu-west-1.amazonaws.com/");
  const given = Object.fromEntries(url.searchParams);
  assert.equal(given.Action, "GetCallerIdentity");
  assert.equal(given.Version, "2011-06-15");
  assert.equal(given["X-Amz-Expires"], "60");
  assert.equal(given["X-Amz-Date"], "20261120T080000Z");
  assert.equal(given["X-Amz-Credential"], "AKIATEST/20261120/eu-west-1/sts/aws4_request");
  assert.equal(given["X-Amz-Security-Token"], "the-session-token");
  assert.match(given["X-Amz-Signature"] ?? "", /^[0-9a-f]{64}$/);
});

test("the cluster's name is a signed header: a token of one cluster is none of another", async () => {
  const [one, same, other] = await Promise.all([
    mintEksToken(identity),
    mintEksToken(identity),
    mintEksToken({ ...identity, clusterName: "prod-us" }),
  ]);
  assert.equal(urlIn(one).searchParams.get("X-Amz-SignedHeaders"), "host;x-k8s-aws-id");
  assert.equal(urlIn(one).searchParams.has("x-k8s-aws-id"), false);
  assert.equal(one, same);
  assert.notEqual(urlIn(one).searchParams.get("X-Amz-Signature"), urlIn(other).searchParams.get("X-Amz-Signature"));
});

test("a token does not contain the secret key", async () => {
  assert.ok(!urlIn(await mintEksToken(identity)).href.includes("the-secret-key"));
});

test("STS of China has its own domain", async () => {
  const token = await mintEksToken({ ...identity, region: "cn-north-1" });
  assert.equal(urlIn(token).hostname, "sts.cn-north-1.amazonaws.com.cn");
});

test("credentials that cannot be had are said without what their source said", async () => {
  const failing = async () => {
    throw Object.assign(new Error("tried with the-secret-key"), { name: "CredentialsProviderError" });
  };
  await assert.rejects(mintEksToken({ ...identity, credentials: failing }), (error: Error) => {
    assert.match(error.message, /CredentialsProviderError/);
    return !error.message.includes("the-secret-key");
  });
});

test("an EKS cluster becomes a kubeconfig with a new token each time it is read", async () => {
  let seconds = 0;
  const later = () => new Date(now().getTime() + 1000 * seconds++);
  const wanted = {
    from: "eks",
    clusterName: "prod-eu",
    endpoint: "https://ABC.gr7.eu-west-1.eks.amazonaws.com",
    certificateAuthority: "Q0E=",
  } as const;
  const source = managementKubeconfig(wanted, { ...access, now: later });
  assert.equal(source.origin, "EKS cluster prod-eu");
  const [first, second] = [JSON.parse(await source.read()), JSON.parse(await source.read())];
  assert.deepEqual(first.clusters[0].cluster, {
    server: wanted.endpoint,
    "certificate-authority-data": wanted.certificateAuthority,
  });
  assert.match(first.users[0].user.token, /^k8s-aws-v1\./);
  assert.notEqual(first.users[0].user.token, second.users[0].user.token);
});

const sources: { name: string; reference: string; want: string; origin: string }[] = [
  {
    name: "a secret by its name",
    reference: "team/config",
    want: "apiVersion: v1",
    origin: "Secrets Manager secret team/config",
  },
  {
    name: "a parameter by its name",
    reference: "/team/config",
    want: "kind: Config",
    origin: "SSM parameter /team/config",
  },
  {
    name: "a parameter by its ARN",
    reference: "arn:aws:ssm:eu-west-1:210987654321:parameter/team/config",
    want: "kind: Config",
    origin: "SSM parameter arn:aws:ssm:eu-west-1:210987654321:parameter/team/config",
  },
];
for (const { name, reference, want, origin } of sources) {
  test(`${name} gives the kubeconfig`, async () => {
    const source = managementKubeconfig({ from: "secret", reference }, access);
    assert.equal(await source.read(), want);
    assert.equal(source.origin, origin);
  });
}

test("a secret's ARN is no parameter", () => {
  const arn = "arn:aws:secretsmanager:eu-west-1:210987654321:secret:team/config-AbCdEf";
  assert.equal(isParameter(arn), false);
  assert.equal(nameOfSource(arn), `Secrets Manager secret ${arn}`);
});

test("what is not there is not found, by its name", async () => {
  for (const reference of ["nowhere", "/nowhere"]) {
    const source = managementKubeconfig({ from: "secret", reference }, access);
    await assert.rejects(source.read(), { kind: "not-found" });
  }
});

test("what the function may not read is denied, with the action it lacks", async () => {
  rig.aws.inject({ service: "secretsmanager", code: "AccessDeniedException", status: 400, times: 1 });
  const source = managementKubeconfig({ from: "secret", reference: "team/config" }, access);
  await assert.rejects(source.read(), /allow secretsmanager:GetSecretValue in this function's role/);
});
