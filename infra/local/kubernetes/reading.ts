/** GET of one object and lists: selectors, pages of one consistent revision, and the revision rules of the API. */
import { type Deal, type Reply, storedOf } from "./deal.ts";
import { viewOf } from "./definitions.ts";
import { ApiFailure, badRequest, optionInvalid } from "./failure.ts";
import { isJson, type Json, type Stored } from "./object.ts";
import { numberOf } from "./request.ts";
import { apiVersionOf } from "./resource-types.ts";
import { queryTest } from "./selectors.ts";

export const read = (deal: Deal): Reply => ({ code: 200, body: viewOf(deal.type, storedOf(deal)) });

interface Page {
  readonly revision: number;
  /** The last key of the page before, "namespace/name" or "name". */
  readonly after?: string;
}

const placeOf = ({ namespace, metadata }: { namespace: string; metadata: Stored["metadata"] }) =>
  namespace || !metadata.namespace ? metadata.name : `${metadata.namespace}/${metadata.name}`;

function readContinue(token: string): Page {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(token, "base64url").toString());
  } catch {
    throw badRequest("invalid continue token: continue key is not valid: it is no token of this server");
  }
  if (
    !isJson(parsed) ||
    parsed.v !== "meta.k8s.io/v1" ||
    typeof parsed.rv !== "number" ||
    typeof parsed.start !== "string"
  )
    throw badRequest(
      "invalid continue token: continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)",
    );
  return { revision: parsed.rv, after: parsed.start.replace(/^\//, "").replace(/\0$/, "") };
}

const writeContinue = (revision: number, place: string) =>
  Buffer.from(JSON.stringify({ v: "meta.k8s.io/v1", rv: revision, start: `/${place}\u0000` })).toString("base64url");

function pageOf({ engine, target }: Deal): Page {
  const { query } = target;
  const token = query.get("continue");
  const asked = query.get("resourceVersion");
  const match = query.get("resourceVersionMatch");
  const revision = engine.storage.revision();
  if (token && asked && asked !== "0")
    throw badRequest("specifying resource version is not allowed when using continue");
  if (match && !asked)
    throw optionInvalid(
      "ListOptions",
      "resourceVersionMatch",
      "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided",
      "FieldValueForbidden",
    );
  if (token) return readContinue(token);
  const wanted = numberOf(query, "resourceVersion") ?? 0;
  if (wanted > revision)
    throw new ApiFailure(504, "Timeout", `Timeout: Too large resource version: ${wanted}, current: ${revision}`, {
      causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
      retryAfterSeconds: 1,
    });
  return { revision: match === "Exact" ? wanted : revision };
}

const TOO_OLD =
  "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.";

function objectsAt(deal: Deal, page: Page): readonly Stored[] {
  const { engine, type, target } = deal;
  const { namespace } = target;
  try {
    const all = engine.storage.list(type.bucket, page.revision);
    return namespace ? all.filter(({ metadata }) => metadata.namespace === namespace) : all;
  } catch (problem) {
    if (!(problem instanceof ApiFailure) || page.after === undefined) throw problem;
    const expired = new ApiFailure(410, "Expired", TOO_OLD);
    expired.metadata = { continue: writeContinue(engine.storage.revision(), page.after) };
    throw expired;
  }
}

// Everything behind the last page's end; keys compare as storage sorts them.
function rest(objects: readonly Stored[], namespace: string, after: string | undefined) {
  if (after === undefined) return objects;
  const order = (place: string) => place.replace("/", "\u0000");
  const first = objects.findIndex(({ metadata }) => order(placeOf({ namespace, metadata })) > order(after));
  return first < 0 ? [] : objects.slice(first);
}

export function list(deal: Deal): Reply {
  const { type, target } = deal;
  const page = pageOf(deal);
  const test = queryTest(type, target.query);
  const left = rest(objectsAt(deal, page), target.namespace, page.after);
  const matching = test ? left.filter(test) : left;
  // resourceVersion=0 is served from the watch cache upstream, which knows no pages.
  const limit = target.query.get("resourceVersion") === "0" ? undefined : numberOf(target.query, "limit");
  const chosen = limit ? matching.slice(0, limit) : matching;
  const last = chosen.at(-1);
  const more = limit && matching.length > chosen.length && last;
  const metadata: Json = {
    ...(type.custom && { continue: "" }),
    resourceVersion: String(page.revision),
    ...(more && {
      continue: writeContinue(page.revision, placeOf({ namespace: target.namespace, metadata: last.metadata })),
    }),
    ...(more && !test && { remainingItemCount: matching.length - chosen.length }),
  };
  const items = chosen.map((object) => viewOf(type, object));
  return { code: 200, body: { kind: type.listKind, apiVersion: apiVersionOf(type), metadata, items } };
}
