/** Rules and asynchronous invocations: each ends in a dead letter queue that lets it in, and each pattern is ours alone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PackagedService } from "./packaged-service.ts";
import { at, idOf, nameOf, ofType, sorted } from "./template.ts";

const ruleName = (arn: unknown) => String(at(arn, "Fn::Sub")).split(":rule/")[1];

/** Detail types that start each function, letter for letter as AWS sends them (Amazon EventBridge events reference). */
const STARTED_BY: Readonly<Record<string, readonly string[]>> = {
  "asg-instance-terminating": ["EC2 Instance-terminate Lifecycle Action"],
  "asg-instance-launching": ["EC2 Instance-launch Lifecycle Action"],
  "asg-group-changed": [
    "EC2 Instance Launch Successful",
    "EC2 Instance Launch Unsuccessful",
    "EC2 Instance Terminate Successful",
  ],
  "ec2-spot-interrupted": [
    "EC2 Spot Instance Interruption Warning",
    "EC2 Capacity Reservation Instance Interruption Warning",
    "EC2 Interruptible Capacity Reservation Instance Interruption Warning",
  ],
  "ec2-rebalance-recommended": ["EC2 Instance Rebalance Recommendation"],
  "ec2-instance-state-changed": ["EC2 Instance State-change Notification"],
  "ec2-capacity-expiring": ["Capacity Block Reservation Expiration Warning"],
  "health-change-scheduled": ["AWS Health Event"],
  "overdue-swept": [],
};

export function eventTests(service: () => PackagedService): void {
  const rules = () => ofType(service().template, "AWS::Events::Rule");
  const targetName = (rule: { readonly properties: Readonly<Record<string, unknown>> }) => {
    const id = idOf(at(rule.properties, "Targets", 0, "Arn"));
    const lambda = ofType(service().template, "AWS::Lambda::Function").find((one) => one.id === id);
    return lambda && nameOf(lambda);
  };

  test("starts each function by the events it is there for", () => {
    const found = rules().map((rule) => [targetName(rule), at(rule.properties, "EventPattern", "detail-type") ?? []]);
    assert.deepEqual(Object.fromEntries(found), STARTED_BY);
  });

  test("listens to lifecycle hooks with our prefix only", () => {
    for (const name of ["asg-instance-terminating", "asg-instance-launching"]) {
      const rule = rules().find((one) => targetName(one) === name);
      assert.deepEqual(at(rule?.properties, "EventPattern", "detail"), {
        LifecycleHookName: [{ prefix: "lifeguard-" }],
      });
    }
  });

  test("sweeps every minute", () => {
    const rule = rules().find((one) => targetName(one) === "overdue-swept");
    assert.equal(rule?.properties.ScheduleExpression, "rate(1 minute)");
    assert.equal(rule?.properties.State, "ENABLED");
  });

  test("keeps every pattern within the 2,048 characters that a rule may have", () => {
    for (const { id, properties } of rules())
      assert.ok(JSON.stringify(properties.EventPattern ?? "").length < 2048, id);
  });

  test("bounds the retries of every rule and sends what it gives up on to dead letters", () => {
    for (const { id, properties } of rules()) {
      assert.ok(Number(at(properties, "Targets", 0, "RetryPolicy", "MaximumEventAgeInSeconds")) <= 3600, id);
      assert.ok(Number(at(properties, "Targets", 0, "RetryPolicy", "MaximumRetryAttempts")) >= 1, id);
      assert.equal(idOf(at(properties, "Targets", 0, "DeadLetterConfig", "Arn")), "EventDeadLetters", id);
    }
  });

  test("opens the dead letter queue to exactly these rules", () => {
    const policy = ofType(service().template, "AWS::SQS::QueuePolicy").find(
      ({ id }) => id === "EventDeadLettersPolicy",
    );
    const arns = at(policy?.properties, "PolicyDocument", "Statement", 0, "Condition", "ArnEquals", "aws:SourceArn");
    assert.ok(Array.isArray(arns));
    assert.deepEqual(sorted(arns.map(ruleName)), sorted(rules().map(({ properties }) => properties.Name)));
  });

  test("lets exactly its own rule start a function", () => {
    const allowed = ofType(service().template, "AWS::Lambda::Permission")
      .filter(({ properties }) => properties.Principal === "events.amazonaws.com")
      .map(({ properties }) => [
        idOf(properties.FunctionName),
        at(properties, "SourceArn", "Fn::Join", 1, 5, "Fn::Join", 1, 1),
      ]);
    const asked = rules().map(({ properties }) => [idOf(at(properties, "Targets", 0, "Arn")), properties.Name]);
    assert.deepEqual(sorted(allowed), sorted(asked));
  });

  test("bounds every asynchronous invocation and sends what fails for good to dead letters", () => {
    const configured = ofType(service().template, "AWS::Lambda::EventInvokeConfig");
    const lambdas = ofType(service().template, "AWS::Lambda::Function");
    const invoked = rules().map((rule) => idOf(at(rule.properties, "Targets", 0, "Arn")));
    assert.deepEqual(sorted(configured.map(({ properties }) => idOf(properties.FunctionName))), sorted(invoked));
    for (const { id, properties } of configured) {
      assert.equal(idOf(at(properties, "DestinationConfig", "OnFailure", "Destination")), "EventDeadLetters", id);
      assert.ok(Number(properties.MaximumEventAgeInSeconds) <= 3600, id);
      assert.ok(
        lambdas.some((one) => one.id === idOf(properties.FunctionName)),
        id,
      );
    }
  });
}
