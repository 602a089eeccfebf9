/** The local AWS without sockets: one account in one region, every service's operations, and what a story can make happen. */
import type { Clock } from "../clock.ts";
import { createFaults } from "../faults.ts";
import { createIds } from "../ids.ts";
import { createQueues } from "../queues.ts";
import type { Answer } from "./action.ts";
import { createBuckets } from "./buckets.ts";
import { type Bus, createBus, type EventTrouble } from "./bus.ts";
import { AwsError, noSuchQueue } from "./errors.ts";
import { createFleet, type Place, type Timing } from "./fleet.ts";
import { createHappenings } from "./happenings.ts";
import { createImages } from "./images.ts";
import { createRefreshes } from "./refreshes.ts";
import { createResourceTags } from "./resource-tags.ts";
import { createRoles } from "./roles.ts";
import { createScaling } from "./scaling.ts";
import { createHandle } from "./services.ts";
import { createTemplates } from "./templates.ts";

export interface AwsSetup {
  readonly clock: Clock;
  readonly region: string;
  /** Twelve digits. */
  readonly accountId: string;
  /** Other seeds give other ids. */
  readonly seed?: string;
  /** Subnet id -> availability zone; default subnet-a, subnet-b, subnet-c. */
  readonly subnets?: Readonly<Record<string, string>>;
  /** Security group id -> name; default sg-node, sg-lb, sg-extra. */
  readonly securityGroups?: Readonly<Record<string, string>>;
  readonly timing?: Partial<Timing>;
}

export type AwsCloud = ReturnType<typeof createAwsCloud>;

/** What is there before anybody makes a group. */
function createAccount({ region, clock, seed = "local", ...setup }: AwsSetup, place: Place) {
  return {
    subnets: setup.subnets ?? { "subnet-a": `${region}a`, "subnet-b": `${region}b`, "subnet-c": `${region}c` },
    securityGroups: setup.securityGroups ?? { "sg-node": "node", "sg-lb": "lb", "sg-extra": "extra" },
    // Ids of their own: others keep theirs whatever images there are.
    images: createImages(clock, createIds(`${seed}-images`)),
    resourceTags: createResourceTags(),
    roles: createRoles(place),
    buckets: createBuckets(clock, region),
  };
}

function createTroubles(bus: Bus) {
  const disturb = (trouble: EventTrouble["trouble"]) => (spec: Omit<EventTrouble, "trouble">) =>
    bus.disturb({ ...spec, trouble });
  return {
    dropEvents: disturb("drop"),
    duplicateEvents: disturb("duplicate"),
    delayEvents: disturb("delay"),
    reorderEvents: disturb("reorder"),
  };
}

export function createAwsCloud(setup: AwsSetup) {
  const { clock, region, accountId } = setup;
  const timing = { bootSeconds: 20, shutdownSeconds: 5, healthCheckSeconds: 15, ...setup.timing };
  const ids = createIds(setup.seed ?? "local");
  const bus = createBus({ clock, region, accountId, ids });
  const place: Place = { clock, region, accountId, ids, bus, timing };
  const fleet = createFleet(place);
  const queues = createQueues(clock, ids, noSuchQueue);
  const templates = createTemplates(place);
  const account = createAccount(setup, place);
  const { images, roles, buckets, subnets } = account;
  const scaling = createScaling({ place, fleet, queues, templates, images });
  const faults = createFaults<Answer>(
    clock,
    ({ code, status, message }) => new AwsError(code, message ?? `Injected fault ${code}.`, status),
  );
  const reading = { lagSeconds: 0, pageSize: Number.POSITIVE_INFINITY };
  const api = { ...account, place, scaling, fleet, templates, refreshes: createRefreshes(place, scaling), reading };

  return {
    region,
    accountId,
    subnets,
    /**
     * Runs an operation as the SDK's command would: `service` is its signing name, parameters and answer have the SDK's shape.
     * @throws AwsError with the code on the wire; ConnectionDropped
     */
    handle: createHandle({ api, queues, buckets, roles, faults }),
    inject: faults.inject,
    queues,
    /** What machine images there are; a story may publish and withdraw some. */
    images,
    /** IAM roles that may be assumed: none until a story trusts one. */
    roles,
    /** Of S3: none until a story makes one. */
    buckets,
    onEvent: bus.onEvent,
    /** Any event, also in the name of AWS. */
    emit: bus.emit,
    ...createTroubles(bus),
    /** Every instance of the last hour, terminated ones too. */
    instances: fleet.all,
    onInstance: fleet.onChange,
    /** Who waits for which hook. */
    waiting: scaling.hooks.waiting,
    /** Told how each wait for a hook ended; the answer ends it. */
    onHookEnd: scaling.hooks.onEnd,
    /** Describe calls show what was true so many seconds ago (at most 300). */
    lagDescribes: (seconds: number) => {
      reading.lagSeconds = seconds;
    },
    /** No describe page is longer. */
    limitPages: (size: number) => {
      reading.pageSize = size;
    },
    ...createHappenings(place, fleet, scaling),
  };
}
