/** Secrets and parameters through their SDKs. */
import { deepStrictEqual, rejects } from "node:assert/strict";
import test from "node:test";
import { CreateSecretCommand, GetSecretValueCommand, PutSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { GetParameterCommand, PutParameterCommand } from "@aws-sdk/client-ssm";
import { startRig } from "./rig.ts";

test("a secret is found by name and ARN, and shows what was put last", async (context) => {
  const { secrets, clock } = await startRig(context);
  const made = await secrets.send(new CreateSecretCommand({ Name: "lifeguard/kubeconfig", SecretString: "first" }));
  await secrets.send(new PutSecretValueCommand({ SecretId: made.Name, SecretString: "second" }));
  for (const SecretId of [made.Name, made.ARN]) {
    const { SecretString, Name, CreatedDate } = await secrets.send(new GetSecretValueCommand({ SecretId }));
    deepStrictEqual([SecretString, Name, CreatedDate], ["second", "lifeguard/kubeconfig", clock.now()]);
  }
  await rejects(secrets.send(new CreateSecretCommand({ Name: "lifeguard/kubeconfig", SecretString: "x" })), {
    name: "ResourceExistsException",
  });
});

test("a parameter is overwritten only on request", async (context) => {
  const { ssm } = await startRig(context);
  const put = (Value: string, Overwrite = false) =>
    ssm.send(new PutParameterCommand({ Name: "/lifeguard/kubeconfig", Value, Type: "SecureString", Overwrite }));
  await put("first");
  await rejects(put("second"), { name: "ParameterAlreadyExists" });
  await put("second", true);
  const { Parameter } = await ssm.send(
    new GetParameterCommand({ Name: "/lifeguard/kubeconfig", WithDecryption: true }),
  );
  deepStrictEqual([Parameter?.Value, Parameter?.Version], ["second", 2]);
});
