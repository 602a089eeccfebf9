/** Event Grid: which events reach which function, how long they are tried, and where they end. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { lastOf, ofType, type PackagedAzure, SUBSCRIPTION, siteOf } from "./packaged-azure.ts";

const topicBody = z.object({
  location: z.literal("global"),
  properties: z.object({ source: z.string(), topicType: z.string() }),
});
const subscriptionBody = z.object({
  properties: z.object({
    eventDeliverySchema: z.string(),
    destination: z.object({ endpointType: z.string(), properties: z.looseObject({ resourceId: z.string() }) }),
    filter: z.object({
      includedEventTypes: z.array(z.string()).optional(),
      advancedFilters: z.array(z.object({ key: z.string(), operatorType: z.string(), values: z.array(z.string()) })),
    }),
    retryPolicy: z.object({ maxDeliveryAttempts: z.number(), eventTimeToLiveInMinutes: z.number() }),
    deadLetterWithResourceIdentity: z.object({
      deadLetterDestination: z.object({ properties: z.object({ blobContainerName: z.string() }) }),
    }),
  }),
});

const written = ["Write", "Delete", "Action"].flatMap((verb) =>
  ["Success", "Failure", "Cancel"].map((end) => `Microsoft.Resources.Resource${verb}${end}`),
);
const COMPUTE = ["Microsoft.Compute/virtualMachineScaleSets", "Microsoft.Compute/virtualMachines"];
const NOTIFICATIONS = "Microsoft.ResourceNotifications";

/** Event Grid's own spelling (Azure subscription, Health Resources and Maintenance Resources as event sources). */
const WANTED: Readonly<
  Record<string, { topicType: string; types: readonly string[] | undefined; filter: string | undefined }>
> = {
  "resource-changed": { topicType: "Microsoft.Resources.Subscriptions", types: written, filter: "data.operationName" },
  "health-changed": {
    topicType: `${NOTIFICATIONS}.HealthResources`,
    types: [
      `${NOTIFICATIONS}.HealthResources.AvailabilityStatusChanged`,
      `${NOTIFICATIONS}.HealthResources.ResourceAnnotated`,
    ],
    filter: "data.resourceInfo.properties.targetResourceType",
  },
  "scheduled-event-emitted": {
    topicType: `${NOTIFICATIONS}.MaintenanceResources`,
    // Its own name is spelled in three ways: all that the topic has is taken.
    types: undefined,
    filter: undefined,
  },
};

export function eventTests(service: () => PackagedAzure): void {
  const subscriptions = () =>
    ofType(service(), "Microsoft.EventGrid/systemTopics/eventSubscriptions").map(({ id, body }) => {
      const topic = ofType(service(), "Microsoft.EventGrid/systemTopics").find((one) => id.startsWith(`${one.id}/`));
      return { app: lastOf(id), topic: topicBody.parse(topic?.body), ...subscriptionBody.parse(body).properties };
    });

  test("starts each function by the events it is there for", () => {
    const found = subscriptions().map(({ app, topic, filter }) => [
      app,
      {
        topicType: topic.properties.topicType,
        types: filter.includedEventTypes,
        filter: filter.advancedFilters[0]?.key,
      },
    ]);
    assert.deepEqual(Object.fromEntries(found), WANTED);
  });

  test("listens to the whole subscription, and there to scale sets and machines only", () => {
    for (const { app, topic, filter } of subscriptions()) {
      assert.equal(topic.properties.source, `/subscriptions/${SUBSCRIPTION}`, app);
      for (const { operatorType, values } of filter.advancedFilters)
        assert.deepEqual([operatorType, values], ["StringBeginsWith", COMPUTE], app);
    }
  });

  test("brings each event to the function of that name, one by one, as CloudEvents", () => {
    for (const { app, destination, eventDeliverySchema } of subscriptions()) {
      assert.equal(eventDeliverySchema, "CloudEventSchemaV1_0", app);
      assert.equal(destination.endpointType, "AzureFunction", app);
      assert.equal(destination.properties.resourceId, `${siteOf(service(), app).id}/functions/${app}`);
      assert.equal(destination.properties.maxEventsPerBatch, 1, app);
    }
  });

  test("ends the tries of every event and keeps what could not be delivered", () => {
    const containers = ofType(service(), "Microsoft.Storage/storageAccounts/blobServices/containers").map(({ id }) =>
      lastOf(id),
    );
    for (const { app, retryPolicy, deadLetterWithResourceIdentity } of subscriptions()) {
      assert.ok(retryPolicy.eventTimeToLiveInMinutes <= 60, app);
      const { blobContainerName } = deadLetterWithResourceIdentity.deadLetterDestination.properties;
      assert.ok(containers.includes(blobContainerName), app);
    }
  });

  test("subscribes to the preview of scheduled events only when asked", () => {
    const conditional = service()
      .plans.flatMap(({ resources }) => resources)
      .filter(({ id }) => /lifeguard-maintenance/.test(id) || lastOf(id) === "scheduled-event-emitted")
      .filter(({ type }) => type.startsWith("Microsoft.EventGrid") || type.startsWith("Microsoft.Insights"));
    assert.equal(conditional.length, 3);
    for (const { id, source } of conditional)
      assert.match(String(source.condition), /parameters\('scheduledEvents'\)/, id);
    assert.equal(service().template.parameters.scheduledEvents?.defaultValue, false);
  });
}
