/** The local Azure without sockets: one subscription in one region, ARM's operations, and what a story can make happen. */
import type { Clock } from "../clock.ts";
import { createFaults, type Fault } from "../faults.ts";
import { createIds } from "../ids.ts";
import type { Reply } from "../listen.ts";
import type { Trouble } from "../troubles.ts";
import { createHandle } from "./arm.ts";
import { createDepartures } from "./departures.ts";
import { createDirectory } from "./directory.ts";
import { ArmError } from "./errors.ts";
import { createEventGrid, type GridEvent } from "./event-grid.ts";
import { createFleet, type Instance } from "./fleet.ts";
import { createHappenings } from "./happenings.ts";
import { createOperations } from "./operations.ts";
import { type Place, TIMING, type Timing } from "./place.ts";
import { createResourceGroups } from "./resource-groups.ts";
import { instanceResourceId, providerIdOf } from "./resource-id.ts";
import { createRoles } from "./roles.ts";
import type { ArmReply } from "./route.ts";
import { createScaleSets } from "./scale-sets.ts";
import { createScheduledEvents } from "./scheduled-events.ts";
import { createServiceBus, type SendRequest, sendMessage } from "./service-bus.ts";
import { createStock } from "./stock.ts";
import { createThrottle } from "./throttle.ts";
import { createTokens } from "./tokens.ts";

export interface AzureSetup {
  readonly clock: Clock;
  readonly subscriptionId?: string;
  readonly tenantId?: string;
  readonly location?: string;
  /** Resource groups that are there; default "edge-pools". */
  readonly resourceGroups?: readonly string[];
  /** Other seeds give other ids. */
  readonly seed?: string;
  readonly timing?: Partial<Timing>;
}

export type AzureCloud = ReturnType<typeof createAzureCloud>;

const SUBSCRIPTION = "11111111-2222-3333-4444-555555555555";
const TENANT = "99999999-8888-7777-6666-555555555555";

function createPlace({ clock, seed = "local", ...setup }: AzureSetup): Place {
  const ids = createIds(seed);
  const { subscriptionId = SUBSCRIPTION, tenantId = TENANT, location = "westeurope" } = setup;
  const grid = createEventGrid(clock, createIds(`${seed}-events`), `/subscriptions/${subscriptionId}`);
  return { clock, subscriptionId, tenantId, location, ids, grid, timing: { ...TIMING, ...setup.timing } };
}

function createCompute(place: Place) {
  const fleet = createFleet(place);
  const events = createScheduledEvents(place);
  const departures = createDepartures(fleet, events);
  const operations = createOperations(place);
  const stock = createStock(fleet);
  const scaleSets = createScaleSets({ place, fleet, departures, operations, stock });
  const happenings = createHappenings({ place, fleet, events, scaleSets });
  return { fleet, events, departures, operations, stock, scaleSets, happenings };
}

function createTroubles(place: Place) {
  const disturb = (trouble: Trouble<GridEvent>["trouble"]) => (spec: Omit<Trouble<GridEvent>, "trouble">) =>
    place.grid.disturb({ ...spec, trouble });
  return {
    dropEvents: disturb("drop"),
    duplicateEvents: disturb("duplicate"),
    delayEvents: disturb("delay"),
    reorderEvents: disturb("reorder"),
  };
}

const injected = ({ code, status = 400, message, retryAfterSeconds }: Fault & { readonly code: string }) => {
  const headers = retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
  return new ArmError(code, message ?? `Injected fault ${code}.`, status, headers);
};

/** What a story sees of it all, and can make happen beside what ARM offers. */
const createViews = (
  { subscriptionId }: Place,
  { fleet, events, stock, operations, scaleSets, departures, happenings }: ReturnType<typeof createCompute>,
) => ({
  /** The next matching long-running operation is accepted and fails at its end. */
  failLater: operations.doom,
  operations: operations.list,
  onOperation: operations.onEnd,
  /** Hardware that is not there, and the cores that the subscription may use. */
  runOut: stock.runOut,
  limitCores: stock.limitCores,
  scheduledEvents: events,
  oneEventPerOperation: departures.setOneEventPerOperation,
  scaleSets: scaleSets.list,
  /** Oldest first; those that are gone are not in it. */
  instances: fleet.all,
  onInstance: fleet.onChange,
  resourceIdOf: (instance: Instance) => instanceResourceId(subscriptionId, instance),
  providerIdOf: (instance: Instance) => providerIdOf(subscriptionId, instance),
  ...happenings,
});

export function createAzureCloud(setup: AzureSetup) {
  const { clock } = setup;
  const place = createPlace(setup);
  const compute = createCompute(place);
  const groups = createResourceGroups(place, setup.resourceGroups ?? ["edge-pools"]);
  const reading = { pageSize: Number.POSITIVE_INFINITY };
  const tokens = createTokens(clock, place.tenantId);
  const roles = createRoles();
  const faults = createFaults<ArmReply>(clock, injected);
  const busFaults = createFaults<Reply>(clock, injected);
  const bus = createServiceBus(clock, createIds(`${setup.seed ?? "local"}-messages`));
  const parts = { place, groups, reading, ...compute };

  return {
    subscriptionId: place.subscriptionId,
    tenantId: place.tenantId,
    location: place.location,
    tokens,
    /** Applications and managed identities; a story registers what it needs. */
    directory: createDirectory(tokens),
    /** `grant` binds an identity to a role; `needed` is every action that was asked of roles. */
    roles,
    /**
     * Runs an operation as a request over the wire would: method, path with query, body, and who calls.
     * @throws ArmError with the code on the wire; ConnectionDropped
     */
    handle: createHandle({ parts, roles, throttle: createThrottle(clock), faults }),
    /** Queues and their dead letters. */
    bus,
    /** A message by REST, token and all. @throws ArmError; ConnectionDropped */
    send: (request: SendRequest) => sendMessage({ bus, clock, tokens, roles, faults: busFaults }, request),
    /** A fault that names no service hits Resource Manager. */
    inject: (fault: Fault) => (fault.service === "servicebus" ? busFaults : faults).inject(fault),
    /** Event Grid: hears every event; `emit` says any, also in the name of Azure. */
    onEvent: place.grid.onEvent,
    emit: place.grid.emit,
    ...createTroubles(place),
    ...createViews(place, compute),
    /** No page of a list is longer. */
    limitPages: (size: number) => {
      reading.pageSize = size;
    },
  };
}
