/** Shows every change, answer and ending to the predicates that care, and keeps the first promise that was broken. */

import type { Answer } from "../../../infra/local/kubernetes/api.ts";
import { DELETE_MACHINE_ANNOTATION } from "../../../lib/api/core/labels.ts";
import { machines } from "../../../lib/api/core/machine.ts";
import type { KubernetesObject } from "../../../lib/api/kubernetes/meta.ts";
import { nodes } from "../../../lib/api/kubernetes/node.ts";
import { pods } from "../../../lib/api/kubernetes/pod.ts";
import { type InstanceTermination, instanceTerminations } from "../../../lib/api/lifecycle/instance-termination.ts";
import type { CloudRequest } from "../clouds/simulated-cloud.ts";
import type { Pass } from "../pass.ts";
import type { Scene } from "../scene.ts";
import type { Asked, Change } from "../servers.ts";
import { awsRequests } from "./aws-requests.ts";
import { azureRequests } from "./azure-requests.ts";
import { createContradictions } from "./contradictions.ts";
import type { Court, Violation } from "./court.ts";
import { createPlans, onlyLooked, onlyPlanned } from "./dry-run-promises.ts";
import { endedWell } from "./fault-promises.ts";
import { timedOut } from "./hold-promises.ts";
import { createHooks } from "./hooks.ts";
import { createMemory } from "./memory.ts";
import { nodeTouched } from "./node-promises.ts";
import { podTouched } from "./pod-promises.ts";
import type { PoolCourt } from "./pool-cloud.ts";
import { createPoolMemory } from "./pool-memory.ts";
import { createPoolObjects } from "./pool-objects.ts";
import { poolAtRest, poolUnfinished } from "./pool-rest.ts";
import { type RecordBook, recordChanged } from "./record-promises.ts";
import { createRepeats } from "./repeat-promises.ts";
import { atRest, unfinished } from "./rest-promises.ts";

export interface Judge {
  readonly court: Court;
  violation(): Violation | undefined;
  changed(change: Change): void;
  answered(pass: Pass, request: Asked, answer: Answer): void;
  cloudAsked(pass: Pass, request: CloudRequest): void;
  /** @param error what it threw, or that it died */
  ended(pass: Pass, error: unknown): void;
  /** What keeps a run from its rest. */
  unfinished(): readonly string[];
  /** When all is quiet. */
  atRest(): void;
  /** After every step. */
  look(): void;
}

/** Bad requests, unknown paths and invalid bodies are nobody's fault but ours. */
const OUR_FAULT = [400, 405, 406, 415, 422];

/** @param count  told of every effect of ours, by a word for it */
export function createJudge(scene: Scene, count: (effect: string) => void): Judge {
  let first: Violation | undefined;
  const court: Court = {
    scene,
    memory: createMemory(scene),
    hooks: createHooks(scene),
    broken: (promise, what, detail = "") => {
      first ??= { promise, what, detail };
    },
  };
  const pools: PoolCourt = {
    ...court,
    pools: createPoolMemory(scene),
    takenOut: new Set(),
    marks: new Map(),
    lastRoll: { changedAt: 0, madeAt: 0, isUndone: false },
  };
  const poolObjects = createPoolObjects(pools);
  const ownsPool = scene.plan.pool !== undefined;
  const book: RecordBook = { shown: new WeakMap(), writes: new Map() };
  const repeats = createRepeats(court);
  const plans = createPlans(court);
  const create = scene.cloud.name === "azure" ? azureRequests : awsRequests;
  const contradictions = createContradictions({
    now: () => scene.time.now(),
    isShownLate: () => scene.facts.describeLagSeconds > 0,
    broken: court.broken,
  });
  const requests = create({ court: pools, ownsPool, repeats, contradictions, count });

  return {
    court,
    violation: () => first,
    changed: (change) => {
      const effect = effectOf(change);
      if (effect !== undefined) count(effect);
      onlyPlanned(court, change);
      podTouched(court, change);
      nodeTouched(court, change);
      recordChanged(court, book, change);
      if (ownsPool) poolObjects.changed(change);
      contradictions.hear(change);
      court.memory.hear(change);
      if (ownsPool) pools.pools.hear(change);
      if (ownsPool) noteMark(pools, change);
    },
    answered: (pass, request, answer) => {
      if (OUR_FAULT.includes(answer.code))
        court.broken(
          "P3",
          "a server refuses what a pass sends",
          `${request.method} ${request.path}: ${JSON.stringify(answer.body)}`,
        );
      if (ownsPool) poolObjects.answered(pass, request, answer);
      if (request.path.includes("/eviction")) repeats.evictionAsked(pass, request, answer.code);
      if (!request.path.includes(instanceTerminations.plural)) return;
      const { metadata } = answer.body as Partial<KubernetesObject>;
      if (metadata?.uid === undefined) return;
      const shown = book.shown.get(pass) ?? new Map<string, string>();
      book.shown.set(pass, shown.set(metadata.uid, metadata.resourceVersion ?? ""));
    },
    cloudAsked: (pass, request) => {
      onlyLooked(court, request.action);
      requests.asked(pass, request);
    },
    ended: (pass, error) => {
      endedWell(court, pass, error);
      plans.made(pass);
    },
    atRest: () => {
      atRest(court);
      if (ownsPool) poolAtRest(pools);
    },
    unfinished: () => [...unfinished(court), ...(ownsPool ? poolUnfinished(scene) : [])],
    look: () => {
      if (ownsPool) pools.pools.look();
      for (const wait of court.hooks.look().ended) timedOut(court, wait);
    },
  };
}

function noteMark({ scene, marks }: PoolCourt, { plural, after }: Change): void {
  if (plural !== machines.plural || after?.metadata.annotations?.[DELETE_MACHINE_ANNOTATION] === undefined) return;
  if (!marks.has(after.metadata.name)) marks.set(after.metadata.name, scene.time.now());
}

const isDetaching = (object: Partial<InstanceTermination> | undefined) => object?.status?.phase === "DetachingVolumes";

function effectOf({ by, plural, before, after, request }: Change): string | undefined {
  if (typeof by === "string" || !before) return undefined;
  if (isDetaching(after) && !isDetaching(before)) return "volumes awaited";
  if (plural === nodes.plural && !after) return "node deleted";
  if (plural !== pods.plural) return undefined;
  if (before.metadata.deletionTimestamp !== undefined || (after && after.metadata.deletionTimestamp === undefined))
    return undefined;
  return request?.path.includes("/eviction") ? "pod evicted" : "pod deleted";
}
