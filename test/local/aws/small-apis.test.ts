/** Secrets, parameters, identity and the event bus's own API through their SDKs. */
import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import test from "node:test";
import { ListRulesCommand, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateSecretCommand, GetSecretValueCommand, PutSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { CreateQueueCommand } from "@aws-sdk/client-sqs";
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

test("a rule carries matching events to its queue, those of AWS too, but nobody may speak in the name of AWS", async (context) => {
  const rig = await startRig(context);
  const { eventbridge } = rig;
  const EventPattern = JSON.stringify({ source: [{ prefix: "team." }, "aws.ec2"], detail: { size: ["big"] } });
  await rig.sqs.send(new CreateQueueCommand({ QueueName: "events" }));
  await eventbridge.send(new PutRuleCommand({ Name: "big-things", EventPattern }));
  await eventbridge.send(
    new PutTargetsCommand({
      Rule: "big-things",
      Targets: [{ Id: "q", Arn: "arn:aws:sqs:eu-west-1:210987654321:events" }],
    }),
  );
  const entry = (Source: string, Detail: string) => ({ Source, DetailType: "thing", Detail });
  const Entries = [
    entry("team.a", '{"size":"big"}'),
    entry("team.a", '{"size":"small"}'),
    entry("aws.ec2", '{"size":"big"}'),
    entry("team.b", "no json"),
  ];
  const answer = await eventbridge.send(new PutEventsCommand({ Entries }));
  strictEqual(answer.FailedEntryCount, 2);
  deepStrictEqual(
    answer.Entries?.map(({ ErrorCode }) => ErrorCode),
    [undefined, undefined, "NotAuthorizedForSourceException", "MalformedDetail"],
  );
  rig.cloud.emit({ source: "aws.ec2", detailType: "thing", detail: { size: "big" } });
  const sources = rig.cloud.queues
    .receive("events", 10)
    .map(({ body }) => (JSON.parse(body) as { readonly source: string }).source);
  deepStrictEqual(sources, ["team.a", "aws.ec2"]);
  const { Rules } = await eventbridge.send(new ListRulesCommand({ NamePrefix: "big" }));
  deepStrictEqual(
    Rules?.map(({ Name, EventPattern: pattern }) => [Name, pattern]),
    [["big-things", EventPattern]],
  );
});
