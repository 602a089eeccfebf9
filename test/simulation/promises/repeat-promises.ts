/** What was asked once and answered is not asked again too soon, or at all. */
import type { Pass } from "../pass.ts";
import type { Asked } from "../servers.ts";
import type { Court } from "./court.ts";

const SPACING_SECONDS = 5;
const TOO_MANY_REQUESTS = 429;

interface Question {
  readonly pass: Pass;
  readonly at: number;
}

export interface Repeats {
  evictionAsked(pass: Pass, request: Asked, code: number): void;
  releaseAsked(pass: Pass, instanceId: string, isDone: boolean): void;
}

/** A pass that ended well before this one began has left its knowledge in the status. */
export const knewOf = (pass: Pass, earlier: Pass, did: string): boolean =>
  earlier !== pass &&
  !earlier.hurt &&
  earlier.did === did &&
  (earlier.endedAt ?? Number.POSITIVE_INFINITY) <= pass.startedAt;

export function createRepeats({ scene, broken, memory }: Court): Repeats {
  const refused = new Map<string, Question>();
  const released = new Map<string, Question>();
  return {
    evictionAsked: (pass, { body, path }, code) => {
      const uid: string = JSON.parse(body ?? "{}").deleteOptions?.preconditions?.uid ?? path;
      const at = scene.time.now();
      const before = refused.get(uid);
      const spacing = (SPACING_SECONDS - 1 - 2 * scene.plan.skewSeconds) * 1000;
      if (before && knewOf(pass, before.pass, "evicted") && at - before.at < spacing)
        broken("P5", "a refused pod is asked again at once", path);
      if (code === TOO_MANY_REQUESTS) refused.set(uid, { pass, at });
    },
    releaseAsked: (pass, instanceId, isDone) => {
      const before = released.get(instanceId);
      // While another hook holds the instance, all of them are asked again.
      if (scene.cloud.isHeld(instanceId)) return;
      // With the record a person deleted the only memory of the release.
      const isForgotten = before !== undefined && (memory.cancelledAt.get(instanceId) ?? 0) >= before.at;
      if (isDone) released.set(instanceId, { pass, at: scene.time.now() });
      else if (before && !isForgotten && knewOf(pass, before.pass, "released") && scene.facts.describeLagSeconds === 0)
        broken("P1", "an instance is released twice", instanceId);
    },
  };
}
