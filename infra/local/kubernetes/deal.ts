/** One request in work, and the parts of the server that every verb needs. */
import type { Clock } from "../clock.ts";
import { ApiFailure, notFound } from "./failure.ts";
import type { Json, Stored } from "./object.ts";
import type { Target, User, WriteOptions } from "./request.ts";
import type { ResourceType } from "./resource-types.ts";
import type { Storage } from "./storage.ts";
import type { WatchStream } from "./watching.ts";

export interface Kinds {
  find(group: string, version: string, plural: string): ResourceType | undefined;
  all(): readonly ResourceType[];
}

export interface Engine {
  readonly clock: Clock;
  readonly storage: Storage;
  readonly kinds: Kinds;
  /** Whether a user may do something. */
  readonly allows: (
    user: User,
    target: Omit<Target, "pathname" | "query" | "version"> & { pathname?: string },
  ) => boolean;
}

export interface Deal {
  readonly engine: Engine;
  readonly target: Target;
  readonly type: ResourceType;
  readonly user: User;
  readonly options: WriteOptions;
  /** Parsed body; undefined without one. */
  readonly body: unknown;
  readonly contentType: string;
  /** One `Warning` header each. */
  readonly warnings: string[];
}

export interface Reply {
  readonly code: number;
  readonly body: Json;
  readonly watch?: WatchStream;
}

export const keyOf = (namespace: string | undefined, name: string) => `${namespace ?? ""}/${name}`;

/** The stored object that the URL names. Throws 404. */
export function storedOf({ engine, type, target }: Deal): Stored {
  const stored = engine.storage.get(type.bucket, keyOf(type.namespaced ? target.namespace : "", target.name));
  if (stored) return stored;
  throw notFound(type, target.name);
}

export const noSuchResource = () =>
  new ApiFailure(404, "NotFound", "the server could not find the requested resource", {});
