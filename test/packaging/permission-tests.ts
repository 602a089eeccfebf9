/** Roles: one per function, each with exactly the actions that its code can call, on the resources it needs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PackagedService } from "./packaged-service.ts";
import {
  ACTIONS,
  BEHIND_ANOTHER,
  OF_THE_SDK_ITSELF,
  OPERATION_TO_ACTION,
  WITHOUT_RESOURCE_LEVEL,
} from "./permissions.ts";
import { at, idOf, idsIn, nameOf, ofType, type Resource, roleOf, type Statement, statementsOf } from "./template.ts";

const LOGS = ["logs:CreateLogStream", "logs:PutLogEvents"];
const CONSUMING = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];

/** Operations whose commands are in a bundle; minified, their classes still say "extends x(y, z, "DescribeInstances", ...". */
const operationsIn = (bundle: string): readonly string[] => [
  ...new Set([...bundle.matchAll(/\bextends [\w$]+\([\w$]+,[\w$]+,"([A-Z]\w+)",/g)].map((match) => match[1] ?? "")),
];

export function permissionTests(service: () => PackagedService): void {
  const lambdas = () => ofType(service().template, "AWS::Lambda::Function");
  const statements = (lambda: Resource) => statementsOf(roleOf(service().template, lambda));

  test("gives every function a role of its own, and there is no shared one", () => {
    const roles = lambdas().map((lambda) => roleOf(service().template, lambda).id);
    assert.equal(new Set(roles).size, roles.length);
    const others = ofType(service().template, "AWS::IAM::Role").filter(({ id }) => !roles.includes(id));
    assert.deepEqual(
      others.map(({ id }) => id),
      ["NotifyingRole"],
    );
    for (const id of roles) assert.notEqual(id, "IamRoleLambdaExecution");
  });

  test("lets only the service that needs it take a role", () => {
    for (const { id, properties } of ofType(service().template, "AWS::IAM::Role")) {
      const trusted = JSON.stringify(properties.AssumeRolePolicyDocument).match(/\w+\.amazonaws\.com/g);
      assert.deepEqual(trusted, [id === "NotifyingRole" ? "autoscaling.amazonaws.com" : "lambda.amazonaws.com"], id);
      assert.deepEqual(properties.ManagedPolicyArns ?? [], [], `${id} has a policy that is not written here`);
    }
  });

  test("allows no action by wildcard", () => {
    for (const role of ofType(service().template, "AWS::IAM::Role"))
      for (const { Action, Effect } of statementsOf(role)) {
        assert.equal(Effect, "Allow", role.id);
        for (const action of Action) assert.match(action, /^[a-z0-9-]+:[A-Za-z]+$/, `${role.id} allows ${action}`);
      }
  });

  test("names the resource of every action, except where AWS has no resource level", () => {
    for (const role of ofType(service().template, "AWS::IAM::Role"))
      for (const statement of statementsOf(role).filter(({ Resource: on }) => JSON.stringify(on).includes('"*"')))
        for (const action of statement.Action)
          assert.ok(action in WITHOUT_RESOURCE_LEVEL, `${role.id} allows ${action} on everything`);
  });

  test("has no entry in the table of wildcards that is not used", () => {
    const used = new Set(
      lambdas()
        .flatMap(statements)
        .flatMap(({ Action }) => Action),
    );
    for (const action of Object.keys(WITHOUT_RESOURCE_LEVEL)) assert.ok(used.has(action), action);
  });

  test("lets writes reach only groups that Cluster API tagged as nodes, and made only with that tag", () => {
    const role = "sigs.k8s.io/cluster-api-provider-aws/role";
    const writing = lambdas()
      .flatMap(statements)
      .filter(({ Action }) => Action.some((action) => /^autoscaling:(?!Describe)/.test(action)));
    assert.ok(writing.length > 0);
    for (const { Condition, Action } of writing) {
      const tag = Action.includes("autoscaling:CreateAutoScalingGroup") ? "aws:RequestTag" : "autoscaling:ResourceTag";
      assert.deepEqual(Condition, { StringEquals: { [`${tag}/${role}`]: "node" } });
    }
  });

  test("lets S3 be reached only where pools keep bootstrap data, in buckets that Cluster API makes", () => {
    const found = lambdas()
      .flatMap(statements)
      .filter(({ Action }) => Action.some((action) => action.startsWith("s3:")));
    assert.equal(found.length, 2);
    const resource = (on: unknown) => String(at(on, "Fn::Sub")).split(":::").at(-1);
    for (const { Action, Condition, Resource: on } of found) {
      const isList = Action.includes("s3:ListBucket");
      assert.equal(resource(on), `cluster-api-provider-aws-*${isList ? "" : "/machine-pool/*"}`);
      assert.deepEqual(Condition, isList ? { StringLike: { "s3:prefix": "machine-pool/*" } } : undefined);
    }
  });

  test("lets every function write its own log group and nothing else", () => {
    for (const lambda of lambdas()) {
      const found = statements(lambda).filter(({ Action }) => Action.some((action) => action.startsWith("logs:")));
      assert.equal(found.length, 1, lambda.id);
      assert.deepEqual([...(found[0]?.Action ?? [])].sort(), LOGS, lambda.id);
      assert.ok(
        JSON.stringify(found[0]?.Resource).includes(
          `:log-group:/aws/lambda/${String(lambda.properties.FunctionName)}:*`,
        ),
      );
    }
  });

  test("lets exactly the queue workers read, each its own queue", () => {
    const mappings = ofType(service().template, "AWS::Lambda::EventSourceMapping");
    for (const lambda of lambdas()) {
      const found = statements(lambda).filter(({ Action }) => Action.includes("sqs:ReceiveMessage"));
      const queue = mappings.find(({ properties }) => idOf(properties.FunctionName) === lambda.id)?.properties
        .EventSourceArn;
      assert.deepEqual(
        found.flatMap(({ Resource: on }) => idsIn(on)),
        queue ? [idOf(queue)] : [],
        lambda.id,
      );
      for (const { Action } of found) assert.deepEqual([...Action].sort(), CONSUMING, lambda.id);
    }
  });

  test("lets exactly the functions that events start send what failed to the dead letters", () => {
    const configured = ofType(service().template, "AWS::Lambda::EventInvokeConfig");
    for (const lambda of lambdas()) {
      const invoked = configured.some(({ properties }) => idOf(properties.FunctionName) === lambda.id);
      assert.equal(statements(lambda).some(toDeadLetters), invoked, lambda.id);
    }
  });

  test("allows each function the actions that the reviewed table gives it, no more and no fewer", () => {
    const found = lambdas().map((lambda) => [
      nameOf(lambda),
      [
        ...new Set(
          statements(lambda)
            .filter(ofTheCode)
            .flatMap(({ Action }) => Action),
        ),
      ].sort(),
    ]);
    const reviewed = Object.entries(ACTIONS).map(([name, actions]) => [name, [...actions].sort()]);
    assert.deepEqual(Object.fromEntries(found), Object.fromEntries(reviewed));
  });

  test("has in each bundle the command behind every action that it is allowed", () => {
    for (const { name, bundle } of service().functions) {
      const reachable = new Set(operationsIn(bundle).map((operation) => OPERATION_TO_ACTION[operation]));
      for (const action of (ACTIONS[name] ?? []).filter((one) => !(one in BEHIND_ANOTHER)))
        assert.ok(reachable.has(action), `${name} is allowed ${action} but cannot call it`);
    }
  });

  test("knows every command that is in a bundle", () => {
    for (const { name, bundle } of service().functions)
      for (const operation of operationsIn(bundle))
        assert.ok(operation in OPERATION_TO_ACTION || operation in OF_THE_SDK_ITSELF, `${name} can call ${operation}`);
  });
}

const toDeadLetters = ({ Resource: on }: Statement) => idOf(on) === "EventDeadLetters";

/** What is not the platform's: logs, the queue that starts the function, the dead letters of failed invocations. */
const ofTheCode = (statement: Statement) =>
  !toDeadLetters(statement) &&
  !statement.Action.some((action) => action.startsWith("logs:") || action === "sqs:ReceiveMessage");
