/** From a read request to the verb that serves it, and back to the shape that the client accepts. */
import { load } from "js-yaml";
import { review } from "./access.ts";
import { type Deal, type Engine, noSuchResource, type Reply, storedOf } from "./deal.ts";
import { viewOf } from "./definitions.ts";
import { deleteCollection, deleteOne } from "./deleting.ts";
import { ApiFailure, badRequest, unsupportedMedia } from "./failure.ts";
import { textOf } from "./object.ts";
import { applyPatch } from "./patches.ts";
import { list, read } from "./reading.ts";
import { type ApiRequest, readWriteOptions, type Target, type User } from "./request.ts";
import { builtInTypes, type ResourceType } from "./resource-types.ts";
import { subresource } from "./subresources.ts";
import { type Shape, shaped, shapedEvents } from "./tables.ts";
import { watch } from "./watching.ts";
import { create, objectOf, replace, update } from "./writing.ts";

const MEDIA = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];
const READABLE = ["application/json", "application/yaml"];

/** Paths of CRD groups that do not exist are answered by the HTTP router upstream, in plain text. */
export const pageNotFound = () => new ApiFailure(404, "", "404 page not found");

function patch(deal: Deal): Reply {
  const { type, target } = deal;
  const before = viewOf(type, storedOf(deal));
  const patched = applyPatch(before, deal.body, deal.contentType, !type.custom);
  const part = target.subresource === "status" ? "status" : "";
  return { code: 200, body: update(deal, before, objectOf(deal, patched), part) };
}

const VERBS: Readonly<Record<string, (deal: Deal) => Reply>> = {
  get: read,
  list,
  watch: (deal) => ({ code: 200, body: {}, watch: watch(deal) }),
  create,
  update: replace,
  patch,
  delete: deleteOne,
  deletecollection: deleteCollection,
};

function act(deal: Deal): Reply {
  const { type, target } = deal;
  const { subresource: door, verb } = target;
  if (type.custom?.deprecated) deal.warnings.push(type.custom.deprecated);
  if (door && !type.subresources.includes(door)) throw noSuchResource();
  if (type.virtual) return { code: 201, body: review(deal) };
  if (door && door !== "status") return subresource(deal);
  const verbOf = VERBS[verb];
  if (!verbOf || (door && !["get", "update", "patch"].includes(verb))) throw noSuchResource();
  return verbOf(deal);
}

/** The answer's body, or the stream of a watch, in the shape that Accept asks for. */
export function serve(deal: Deal, accept: string | undefined): Reply {
  const shape = shapeWanted(accept);
  const { type, target, engine } = deal;
  const wanted = { type, include: target.query.get("includeObject") ?? "Metadata" };
  const { code, body, watch: stream } = act(deal);
  if (!stream) return { code, body: shaped(shape, { ...wanted, now: engine.clock.now() }, body) };
  const convert = shapedEvents(shape, wanted, () => engine.clock.now());
  return { code, body, watch: { start: (send, end) => stream.start((event) => send(convert(event)), end) } };
}

function parseBody({ body, method }: ApiRequest, type: ResourceType, contentType: string): unknown {
  if (typeof body !== "string") return body;
  if (body === "") return undefined;
  try {
    return contentType === "application/yaml" ? load(body) : JSON.parse(body);
  } catch (problem) {
    const why = problem instanceof Error ? problem.message : String(problem);
    if (method === "PATCH") throw badRequest(`error decoding patch: ${why}`);
    throw badRequest(
      `the object provided is unrecognized (must be of type ${type.kind}): couldn't get version/kind; json parse error: ${why}`,
    );
  }
}

function shapeWanted(accept: string | undefined): Shape {
  if (!accept) return "object";
  for (const part of accept.split(",")) {
    const [media = "", ...parameters] = part.split(";").map((text) => text.trim());
    if (!["application/json", "*/*", "application/*"].includes(media)) continue;
    const as = parameters.find((parameter) => parameter.startsWith("as="))?.slice("as=".length);
    if (as === "Table") return "table";
    if (as?.startsWith("PartialObjectMetadata")) return "partial";
    if (!as) return "object";
  }
  throw new ApiFailure(406, "NotAcceptable", `only the following media types are accepted: ${MEDIA.join(", ")}`);
}

/** Throws 404 for what is not served, 415 for a body we cannot read, 422 for options that make no sense. */
export function readDeal(engine: Engine, request: ApiRequest, target: Target, user: User): Deal {
  const type = engine.kinds.find(target.group, target.version, target.resource);
  if (!type) {
    const known = target.group === "" || builtInTypes.some(({ group }) => group === target.group);
    throw known ? noSuchResource() : pageNotFound();
  }
  const placed = target.namespace !== "" || !(target.name || target.verb === "create");
  if (type.namespaced && !placed && !type.virtual) throw noSuchResource();
  const contentType = textOf(request.headers["content-type"]).split(";")[0]?.trim() || "application/json";
  const writes = target.verb === "create" || target.verb === "update";
  if (writes && request.body !== undefined && !READABLE.includes(contentType)) throw unsupportedMedia(MEDIA);
  const options = readWriteOptions(target);
  const body = parseBody(request, type, contentType);
  return { engine, target, type, user, options, body, contentType, warnings: [] };
}
