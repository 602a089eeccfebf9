/** What the operations of ARM work on. */
import type { Departures } from "./departures.ts";
import type { Fleet } from "./fleet.ts";
import type { Happenings } from "./happenings.ts";
import type { Operations } from "./operations.ts";
import type { Place } from "./place.ts";
import type { ResourceGroups } from "./resource-groups.ts";
import type { ScaleSets } from "./scale-sets.ts";
import type { ScheduledEvents } from "./scheduled-events.ts";
import type { Stock } from "./stock.ts";

export interface Parts {
  readonly place: Place;
  readonly fleet: Fleet;
  readonly events: ScheduledEvents;
  readonly departures: Departures;
  readonly operations: Operations;
  readonly scaleSets: ScaleSets;
  readonly stock: Stock;
  readonly groups: ResourceGroups;
  readonly happenings: Happenings;
  /** A story may change these at any time. */
  readonly reading: {
    /** No page is longer. */
    pageSize: number;
  };
}
