/** Watches: from stored changes to ADDED, MODIFIED, DELETED and BOOKMARK events, the selector's view of them included. */
import type { Deal } from "./deal.ts";
import { viewOf } from "./definitions.ts";
import { ApiFailure, optionInvalid, statusOf } from "./failure.ts";
import type { Json, Stored } from "./object.ts";
import { numberOf } from "./request.ts";
import { apiVersionOf } from "./resource-types.ts";
import { queryTest } from "./selectors.ts";
import type { Change } from "./storage.ts";

export interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: Json;
}

export interface WatchStream {
  /** Sends what is known already at once and the rest as it comes; `end` is called when the server closes the watch. */
  start(send: (event: WatchEvent) => void, end: () => void): () => void;
}

const BOOKMARK_SECONDS = 60;
const LONGEST_SECONDS = 1800;

// An object that starts to match is ADDED, one that ceases to match DELETED in its old state with the new revision.
function eventFor(
  change: Change,
  matches: (object: Stored) => boolean,
): { type: WatchEvent["type"]; object: Stored } | undefined {
  const { now, before, gone, revision } = change;
  const was = before !== undefined && matches(before);
  if (gone) return was ? { type: "DELETED", object: gone } : undefined;
  const is = now !== undefined && matches(now);
  if (is) return { type: was ? "MODIFIED" : "ADDED", object: now };
  if (!was) return undefined;
  return {
    type: "DELETED",
    object: { ...before, metadata: { ...before.metadata, resourceVersion: String(revision) } },
  };
}

function checkInitial({ target }: Deal) {
  const { query } = target;
  const initial = query.get("sendInitialEvents");
  if (initial !== null && query.get("resourceVersionMatch") !== "NotOlderThan")
    throw optionInvalid(
      "ListOptions",
      "resourceVersionMatch",
      "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
      "FieldValueForbidden",
    );
  return initial === "true";
}

export function watch(deal: Deal): WatchStream {
  const { engine, type, target } = deal;
  const { query, namespace, name } = target;
  const initial = checkInitial(deal);
  const test = queryTest(type, query);
  const matches = ({ metadata }: Stored) =>
    (!namespace || metadata.namespace === namespace) && (!name || metadata.name === name);
  const wanted = (object: Stored) => matches(object) && (!test || test(object));
  const text = query.get("resourceVersion") ?? "";
  if (text && !/^\d+$/.test(text))
    throw new ApiFailure(500, "", `strconv.ParseUint: parsing "${text}": invalid syntax`);
  const from = Number(text || 0);
  const bookmarks = query.get("allowWatchBookmarks") === "true";
  const lasting = numberOf(query, "timeoutSeconds") || LONGEST_SECONDS;
  const shown = (object: Stored): Json => viewOf(type, object);
  const bookmark = (annotations?: Json): WatchEvent => {
    const metadata = { resourceVersion: String(engine.storage.revision()), ...(annotations && { annotations }) };
    return { type: "BOOKMARK", object: { kind: type.kind, apiVersion: apiVersionOf(type), metadata } };
  };

  return {
    start: (send, end) => {
      const pass = (change: Change) => {
        if (change.bucket !== type.bucket || change.revision <= from) return;
        const event = eventFor(change, wanted);
        if (event) send({ type: event.type, object: shown(event.object) });
      };
      try {
        if (initial || from === 0)
          for (const object of engine.storage.list(type.bucket).filter(wanted))
            send({ type: "ADDED", object: shown(object) });
        else for (const change of engine.storage.since(from)) pass(change);
      } catch (problem) {
        if (!(problem instanceof ApiFailure)) throw problem;
        send({ type: "ERROR", object: statusOf(problem) });
        end();
        return () => {};
      }
      if (initial) send(bookmark({ "k8s.io/initial-events-end": "true" }));
      const unsubscribe = engine.storage.subscribe(pass);
      const timers = { bookmark: () => {}, end: () => {} };
      const again = () => {
        timers.bookmark = engine.clock.after(BOOKMARK_SECONDS, () => {
          send(bookmark());
          again();
        });
      };
      if (bookmarks) again();
      const stop = () => {
        unsubscribe();
        timers.bookmark();
        timers.end();
      };
      timers.end = engine.clock.after(lasting, () => {
        if (bookmarks) send(bookmark());
        stop();
        end();
      });
      return stop;
    },
  };
}
