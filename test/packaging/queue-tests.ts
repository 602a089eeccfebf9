/** Queues: each has dead letters, is encrypted, and gives a function six times its timeout. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PackagedService } from "./packaged-service.ts";
import { at, idOf, ofType, statementSchema } from "./template.ts";

const DAY = 86_400;

export function queueTests(service: () => PackagedService): void {
  const queues = () => ofType(service().template, "AWS::SQS::Queue");
  const deadLetters = () => queues().filter(({ id }) => id.endsWith("DeadLetters"));

  test("gives every queue dead letters after at least five tries, except the dead letters themselves", () => {
    const lettersById = new Map(deadLetters().map((queue) => [queue.id, queue]));
    for (const { id, properties } of queues()) {
      if (lettersById.has(id)) continue;
      const target = idOf(at(properties, "RedrivePolicy", "deadLetterTargetArn"));
      assert.ok(target && lettersById.has(target), `${id} has no dead letter queue`);
      assert.ok(Number(at(properties, "RedrivePolicy", "maxReceiveCount")) >= 5, id);
    }
    assert.ok(lettersById.size >= 3);
  });

  test("keeps dead letters for 14 days, longer than the messages lived before", () => {
    for (const { id, properties } of deadLetters()) assert.equal(properties.MessageRetentionPeriod, 14 * DAY, id);
    for (const { id, properties } of queues())
      if (!id.endsWith("DeadLetters")) assert.ok(Number(properties.MessageRetentionPeriod) < 14 * DAY, id);
  });

  test("encrypts every queue with SQS's own key, which rules can write to", () => {
    for (const { id, properties } of queues()) {
      assert.equal(properties.SqsManagedSseEnabled, true, id);
      assert.equal(properties.KmsMasterKeyId, undefined, id);
      assert.notEqual(properties.FifoQueue, true, `${id}: rules and delays need standard queues`);
    }
  });

  test("reports failed records one by one and caps the concurrency of every queue worker", () => {
    const mappings = ofType(service().template, "AWS::Lambda::EventSourceMapping");
    assert.equal(mappings.length, 3);
    for (const { id, properties } of mappings) {
      assert.deepEqual(properties.FunctionResponseTypes, ["ReportBatchItemFailures"], id);
      assert.ok(Number(at(properties, "ScalingConfig", "MaximumConcurrency")) >= 2, id);
      assert.ok(Number(properties.BatchSize) <= 10, id);
    }
  });

  test("keeps a message invisible for at least six times the timeout of its function", () => {
    const lambdas = ofType(service().template, "AWS::Lambda::Function");
    for (const { id, properties } of ofType(service().template, "AWS::Lambda::EventSourceMapping")) {
      const queue = queues().find((one) => one.id === idOf(properties.EventSourceArn));
      const lambda = lambdas.find((one) => one.id === idOf(properties.FunctionName));
      assert.ok(queue && lambda, id);
      const window = Number(properties.MaximumBatchingWindowInSeconds ?? 0);
      assert.ok(Number(queue.properties.VisibilityTimeout) >= 6 * Number(lambda.properties.Timeout) + window, id);
    }
  });

  const statementsOf = (properties: Readonly<Record<string, unknown>>) =>
    statementSchema.array().parse(at(properties, "PolicyDocument", "Statement"));

  test("gives every queue a policy of its own that refuses whoever comes without TLS", () => {
    const policies = ofType(service().template, "AWS::SQS::QueuePolicy");
    for (const { id } of queues()) {
      const own = policies.filter(
        ({ properties }) => Array.isArray(properties.Queues) && idOf(properties.Queues[0]) === id,
      );
      assert.equal(own.length, 1, `${id} has no policy, or several`);
      const denied = own
        .flatMap(({ properties }) => statementsOf(properties))
        .filter(({ Effect }) => Effect === "Deny");
      assert.equal(at(denied[0]?.Condition, "Bool", "aws:SecureTransport"), "false", id);
      assert.equal(idOf(denied[0]?.Resource), id, `${id}: the policy speaks of another queue`);
    }
  });

  test("lets only named senders of this account write to a queue", () => {
    const policies = ofType(service().template, "AWS::SQS::QueuePolicy");
    assert.ok(policies.length > 0);
    for (const { id, properties } of policies) {
      for (const { Action, Principal, Condition } of statementsOf(properties).filter(
        ({ Effect }) => Effect === "Allow",
      )) {
        assert.deepEqual(Action, ["sqs:SendMessage"], id);
        assert.notEqual(at(Principal, "Service"), undefined, `${id}: a service, not everybody`);
        const source =
          at(Condition, "ArnEquals", "aws:SourceArn") ?? at(Condition, "StringEquals", "aws:SourceAccount");
        assert.notEqual(source, undefined, `${id}: a service may be used by others too; name the source`);
      }
    }
  });
}
