/** One Event Grid subscription: filters events, delivers each until it is taken, and keeps as dead letters what never was. */
import { asCloudEvent, type GridEvent } from "../../azure/event-grid.ts";
import type { Clock } from "../../clock.ts";
import type { EventSubscription } from "./deployment.ts";

/** Events travel: what caused one has its answer before anybody hears of it. */
const TRAVEL_SECONDS = 1;
/** About; Azure adds some chance. @source Event Grid message delivery and retry */
const RETRY_SECONDS = [10, 30, 60, 300, 600, 1800, 3600, 10_800, 21_600, 43_200];
const MOST_ATTEMPTS = 30;

/** "refused" (400, 413) is never tried again. */
export type Delivered = "taken" | "failed" | "refused";

export interface DeadLetter {
  readonly subscription: string;
  readonly event: unknown;
  readonly reason: "MaxDeliveryAttemptsExceeded" | "TimeToLiveExceeded" | "UndeliverableDueToHttpRequest";
  readonly attempts: number;
}

export interface Subscriber {
  readonly name: string;
  readonly wants: Pick<EventSubscription, "topic" | "types" | "filters" | "minutes">;
  /** Gets a CloudEvent. */
  readonly deliver: (event: unknown) => Promise<Delivered>;
  readonly deadLetter: (letter: DeadLetter) => void;
}

const valueAt = (event: unknown, key: string): unknown =>
  key.split(".").reduce<unknown>((value, name) => new Map(Object.entries(value ?? {})).get(name), event);

/** What each system topic has. */
const OF_TOPIC: Readonly<Record<EventSubscription["topic"], RegExp>> = {
  resources: /^microsoft\.resources\./i,
  health: /^microsoft\.resourcenotifications\.healthresources\./i,
  maintenance: /^microsoft\.(resourcenotifications\.maintenanceresources|maintenance)[./]/i,
};

/** String operators of Event Grid look at no case; any of the values will do, all of the filters must. */
export function passes(event: GridEvent, { topic, types, filters }: Subscriber["wants"]): boolean {
  if (!OF_TOPIC[topic].test(event.eventType)) return false;
  const isOfType = types.length === 0 || types.some((type) => type.toLowerCase() === event.eventType.toLowerCase());
  if (!isOfType) return false;
  return filters.every(({ key, operator, values }) => {
    const value = valueAt(event, key);
    if (typeof value !== "string") return false;
    return values.some((wanted) =>
      operator === "StringBeginsWith"
        ? value.toLowerCase().startsWith(wanted.toLowerCase())
        : value.toLowerCase() === wanted.toLowerCase(),
    );
  });
}

/** Each event on its own; the answer takes one that passes the filters, and says whether it does. */
export function subscribe(
  clock: Clock,
  { name, wants, deliver, deadLetter }: Subscriber,
): (event: GridEvent) => boolean {
  const attempt = async (event: unknown, since: number, attempts: number): Promise<void> => {
    const end = await deliver(event);
    if (end === "taken") return;
    const bury = (reason: DeadLetter["reason"]) => deadLetter({ subscription: name, event, reason, attempts });
    if (end === "refused") return bury("UndeliverableDueToHttpRequest");
    if (attempts >= MOST_ATTEMPTS) return bury("MaxDeliveryAttemptsExceeded");
    const wait = RETRY_SECONDS[Math.min(attempts, RETRY_SECONDS.length) - 1] ?? 0;
    const age = (clock.now().getTime() - since) / 1000 + wait;
    if (age > wants.minutes * 60) return bury("TimeToLiveExceeded");
    clock.after(wait, () => void attempt(event, since, attempts + 1));
  };
  return (event) => {
    if (!passes(event, wants)) return false;
    const since = clock.now().getTime();
    clock.after(TRAVEL_SECONDS, () => void attempt(asCloudEvent(event), since, 1));
    return true;
  };
}
