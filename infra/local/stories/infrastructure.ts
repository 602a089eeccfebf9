/** What stories need to know of the cloud under a pool, whichever it is. */
import type { Resource } from "../../../lib/api/kubernetes/meta.ts";
import type { Call } from "../calls.ts";
import type { Timeline } from "../timeline.ts";
import type { HoldEnd } from "../verdict.ts";

export interface StoryInstance {
  /** As InstanceTerminations and people name it. */
  readonly id: string;
  /** Name of its Node. */
  readonly node: string;
  readonly providerID: string;
  /** Runs, and is not about to go. */
  readonly serves: boolean;
}

export interface StoryHold {
  readonly instanceId: string;
  readonly hook: string;
}

export interface Infrastructure {
  /** For people. */
  readonly name: "AWS" | "Azure";
  readonly poolKind: Resource;
  readonly machineKind: Resource;
  readonly calls: readonly Call[];
  /** Of the story's pool; those that are gone are not in it. */
  readonly instances: () => readonly StoryInstance[];
  /** In the cloud, whether of a pool or not. */
  readonly isThere: (id: string) => boolean;
  readonly onInstance: (listener: (instance: StoryInstance, state: string) => void) => void;
  /** Instance id of a Node or Machine. */
  readonly idOf: (providerID: string) => string;
  /** How each wait for us ended, by the cloud's own books. */
  readonly onHoldEnd: (listener: (hold: StoryHold & { readonly how: HoldEnd }) => void) => void;
  readonly openHolds: () => readonly StoryHold[];
  readonly deadLetters: () => number;
  /** Groups, templates and instances that still exist. */
  readonly leftOver: () => Promise<readonly string[]>;
  /** Of a successful call to the cloud: does it change anything a user would care for? */
  readonly isWrite: (call: Call) => boolean;
  /** Says what the cloud does, from now on. */
  readonly say: (timeline: Timeline) => void;
}
