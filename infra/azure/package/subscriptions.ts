/** Which events Event Grid brings to a function, and what becomes of those that it cannot bring. */
import { type Code, concat, expression, parameter, quoted, resourceId, variable } from "./expressions.ts";
import { assignmentId, CONTAINER, grant, LETTERS, namesOf, SITE, STORAGE, siteId } from "./names.ts";
import { type ArmResource, type AzureService, type EventGridEvent, eventGridsOf, type FunctionApp } from "./service.ts";

const TOPIC = "Microsoft.EventGrid/systemTopics";
const VERSION = "2022-06-15";
/** 30 is what Azure allows; the time to live ends most of them. */
const MOST_ATTEMPTS = 30;

const topicId = (service: string, topic: string): Code => resourceId(TOPIC, quoted(`${service}-${topic}`));
const lettersAccount = resourceId(STORAGE, variable("lettersName"));
const letters = resourceId(CONTAINER, variable("lettersName"), "'default'", quoted(LETTERS));

export const subscriptionResources = (service: AzureService, app: FunctionApp): readonly ArmResource[] =>
  eventGridsOf(app).flatMap((event) => [mayWriteLetters(service.name, event), subscription(service.name, app, event)]);

function mayWriteLetters(service: string, { topic, when }: EventGridEvent) {
  const id = topicId(service, topic);
  return grant({
    to: `topic-${topic}`,
    role: "letters",
    principal: `reference(${id}, '${VERSION}', 'full').identity.principalId`,
    on: letters,
    ...(when ? { condition: parameter(when) } : {}),
    dependsOn: [id, letters],
  });
}

function subscription(service: string, app: FunctionApp, event: EventGridEvent): ArmResource {
  const { topic, when, minutes, types, filters } = event;
  const wanted = parameter("eventSubscriptions");
  return {
    type: `${TOPIC}/eventSubscriptions`,
    apiVersion: VERSION,
    name: expression(concat(quoted(`${service}-${topic}/`), quoted(app.name))),
    condition: expression(when ? `and(${wanted}, ${parameter(when)})` : wanted),
    dependsOn: [
      topicId(service, topic),
      letters,
      assignmentId(mayWriteLetters(service, event)),
      resourceId(SITE, namesOf(service, app.name).site),
    ].map(expression),
    properties: {
      eventDeliverySchema: "CloudEventSchemaV1_0",
      destination: {
        endpointType: "AzureFunction",
        properties: {
          resourceId: expression(concat(siteId(service, app.name), quoted(`/functions/${app.name}`))),
          // One by one: what fails is tried again alone.
          maxEventsPerBatch: 1,
          preferredBatchSizeInKilobytes: 64,
        },
      },
      filter: {
        ...(types.length > 0 && { includedEventTypes: types }),
        advancedFilters: filters.map(({ key, operator, values }) => ({ key, operatorType: operator, values })),
      },
      retryPolicy: { maxDeliveryAttempts: MOST_ATTEMPTS, eventTimeToLiveInMinutes: minutes },
      deadLetterWithResourceIdentity: {
        identity: { type: "SystemAssigned" },
        deadLetterDestination: {
          endpointType: "StorageBlob",
          properties: { resourceId: expression(lettersAccount), blobContainerName: LETTERS },
        },
      },
    },
  };
}
