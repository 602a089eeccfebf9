/** Alarms: what nobody looks at by itself calls somebody. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import type { PackagedService } from "./packaged-service.ts";
import { at, idOf, ofType, sorted } from "./template.ts";

export function alarmTests(service: () => PackagedService): void {
  const alarms = () => ofType(service().template, "AWS::CloudWatch::Alarm");

  test("watches the depth of every dead letter queue", () => {
    const letters = ofType(service().template, "AWS::SQS::Queue").filter(({ id }) => id.endsWith("DeadLetters"));
    const watched = alarms()
      .filter(({ properties }) => properties.MetricName === "ApproximateNumberOfMessagesVisible")
      .map(({ properties }) => idOf(at(properties, "Dimensions", 0, "Value")));
    assert.deepEqual(sorted(watched), sorted(letters.map(({ id }) => id)));
  });

  test("watches that the sweep runs and does not fail", () => {
    const lambda = ofType(service().template, "AWS::Lambda::Function").find(({ id }) => id.startsWith("Overdue"));
    const watched = alarms().filter(
      ({ properties }) => at(properties, "Dimensions", 0, "Value") === lambda?.properties.FunctionName,
    );
    assert.deepEqual(
      sorted(
        watched.map(({ properties }) => `${String(properties.MetricName)} ${String(properties.TreatMissingData)}`),
      ),
      ["Errors notBreaching", "Invocations breaching"],
    );
  });

  test("watches holds that will end before their Nodes are drained, by a metric that a function emits", () => {
    const alarm = alarms().find(({ properties }) => properties.Namespace === "Lifeguard");
    const metric = String(alarm?.properties.MetricName);
    const counter = `${metric.charAt(0).toLowerCase()}${metric.slice(1)}`;
    const emitting = service().functions.filter(({ bundle }) => bundle.includes(counter));
    assert.ok(emitting.length > 0, `no function counts ${counter}, so the alarm can never ring`);
    const variables = ofType(service().template, "AWS::Lambda::Function").map(({ properties }) =>
      at(properties, "Environment", "Variables", "POWERTOOLS_SERVICE_NAME"),
    );
    const [dimension] = z.array(z.object({ Name: z.string(), Value: z.string() })).parse(alarm?.properties.Dimensions);
    assert.equal(dimension?.Name, "service");
    assert.deepEqual([...new Set(variables)], [dimension?.Value]);
  });

  test("tells the topic of the settings, if there is one, and says what to do", () => {
    for (const { id, properties } of alarms()) {
      assert.equal(at(properties, "AlarmActions", "Fn::If", 0), "HasAlarmTopic", id);
      assert.match(String(properties.AlarmDescription), /\w+ .*\. .+[.?]$/, id);
    }
    assert.notEqual(service().template.Conditions.HasAlarmTopic, undefined);
  });
}
