/** Which parsers each deployed function uses; the first that knows an event reads it. */
import { parseHealthChanged } from "./health-changed.ts";
import { parseManagedClusterEvent } from "./managed-cluster.ts";
import { firstThatKnows, type Parser } from "./parser.ts";
import { parseResourceChanged } from "./resource-changed.ts";
import { parseScheduledEventEmitted } from "./scheduled-event-emitted.ts";

export const readScheduledEvents: Parser = firstThatKnows(parseScheduledEventEmitted, parseManagedClusterEvent);
export const readResourceChanges: Parser = parseResourceChanged;
export const readHealthChanges: Parser = parseHealthChanged;
