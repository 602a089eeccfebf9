/** Queues and the alerts that watch them and everything else that nobody looks at by itself. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { lastOf, ofType, type PackagedAzure } from "./packaged-azure.ts";

const queueBody = z.object({
  properties: z.object({
    maxDeliveryCount: z.number(),
    lockDuration: z.string(),
    deadLetteringOnMessageExpiration: z.boolean(),
    defaultMessageTimeToLive: z.string(),
  }),
});
const metricBody = z.object({
  properties: z.looseObject({
    description: z.string(),
    enabled: z.literal(true),
    scopes: z.array(z.string()).length(1),
    criteria: z.looseObject({ allOf: z.array(z.looseObject({ metricName: z.string() })) }),
    actions: z.unknown(),
  }),
});
const queryBody = z.object({
  properties: z.looseObject({
    description: z.string(),
    enabled: z.literal(true),
    criteria: z.object({ allOf: z.array(z.looseObject({ query: z.string() })) }),
    actions: z.object({ actionGroups: z.unknown() }),
  }),
});

export function queueTests(service: () => PackagedAzure): void {
  const metrics = () =>
    ofType(service(), "Microsoft.Insights/metricAlerts").map(({ body }) => metricBody.parse(body).properties);
  const queries = () =>
    ofType(service(), "Microsoft.Insights/scheduledQueryRules").map(({ body }) => queryBody.parse(body).properties);

  test("has the two queues, each with an end to tries and a place for what failed", () => {
    const queues = ofType(service(), "Microsoft.ServiceBus/namespaces/queues");
    assert.deepEqual(queues.map(({ id }) => lastOf(id)).sort(), ["looks", "pool-looks"]);
    for (const { id, body } of queues)
      assert.deepEqual(
        queueBody.parse(body).properties,
        {
          maxDeliveryCount: 5,
          lockDuration: "PT1M",
          deadLetteringOnMessageExpiration: true,
          defaultMessageTimeToLive: "P1D",
        },
        id,
      );
  });

  test("opens the queues with identities only", () => {
    const [namespace] = ofType(service(), "Microsoft.ServiceBus/namespaces");
    assert.deepEqual(namespace?.body.properties, { disableLocalAuth: true, minimumTlsVersion: "1.2" });
  });

  test("has a sender and exactly one receiver of each queue", () => {
    const receiving = service().apps.filter(({ bundle }) => /\bqueueName:/.test(bundle));
    assert.deepEqual(receiving.map(({ name }) => name).sort(), ["drain-continued", "pool-continued"]);
  });

  test("watches dead letters of queues and of every topic, and what the functions themselves say", () => {
    assert.deepEqual(
      metrics()
        .map(
          ({ scopes, criteria }) =>
            `${lastOf(scopes[0] ?? "").replace(/-[a-z0-9]{13}$/, "")} ${criteria.allOf[0]?.metricName}`,
        )
        .sort(),
      [
        "lifeguard DeadletteredMessages",
        "lifeguard-health DeadLetteredCount",
        "lifeguard-maintenance DeadLetteredCount",
        "lifeguard-resources DeadLetteredCount",
      ],
    );
    assert.equal(queries().length, 4);
  });

  test("names in a query only functions and counters that exist", () => {
    const text = queries()
      .flatMap(({ criteria }) => criteria.allOf.map(({ query }) => query))
      .join("\n");
    for (const [, name] of text.matchAll(/operation_Name [!=]= '([\w-]+)'/g))
      assert.ok(
        service().apps.some((app) => app.name === name),
        name,
      );
    const [, counter = "?"] = /counted\.(\w+)/.exec(text) ?? [];
    assert.ok(
      service().apps.some(({ bundle }) => bundle.includes(counter)),
      `no function counts ${counter}, so the alert can never ring`,
    );
  });

  test("says in every alert what to do", () => {
    for (const { description } of [...metrics(), ...queries()]) assert.match(description, /\w+ .*[.;] .+[.?]$/);
  });

  test("tells nobody when there is no action group", () => {
    for (const { actions } of metrics()) assert.deepEqual(actions, []);
    for (const { actions } of queries()) assert.deepEqual(actions.actionGroups, []);
  });
}
