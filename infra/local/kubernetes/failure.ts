/** How the API says no: every refusal is thrown as one of these and becomes a Status body. */
import type { Json } from "./object.ts";

export interface Cause {
  readonly reason?: string;
  readonly message: string;
  readonly field?: string;
}

export interface Named {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
}

export class ApiFailure extends Error {
  override readonly name = "ApiFailure";
  readonly code: number;
  readonly reason: string;
  readonly details: Json | undefined;
  /** Of the Status: carries a fresh continue token when a page has expired. */
  metadata: Json = {};
  constructor(code: number, reason: string, message: string, details?: Json) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }
}

export const statusOf = (failure: ApiFailure): Json => ({
  kind: "Status",
  apiVersion: "v1",
  metadata: failure.metadata,
  status: "Failure",
  message: failure.message,
  ...(failure.reason && { reason: failure.reason }),
  ...(failure.details && { details: failure.details }),
  code: failure.code,
});

export const success = (details?: Json, code?: number): Json => ({
  kind: "Status",
  apiVersion: "v1",
  metadata: {},
  status: "Success",
  ...(details && { details }),
  ...(code && { code }),
});

const qualified = (plural: string, group: string) => (group ? `${plural}.${group}` : plural);
const detailsOf = (type: Named, name: string, kind = type.plural): Json => ({
  ...(name && { name }),
  ...(type.group && { group: type.group }),
  kind,
});

export const badRequest = (message: string) => new ApiFailure(400, "BadRequest", message);
export const notFound = (type: Named, name: string) =>
  new ApiFailure(404, "NotFound", `${qualified(type.plural, type.group)} "${name}" not found`, detailsOf(type, name));
export const alreadyExists = (type: Named, name: string) =>
  new ApiFailure(
    409,
    "AlreadyExists",
    `${qualified(type.plural, type.group)} "${name}" already exists`,
    detailsOf(type, name),
  );
export const conflict = (type: Named, name: string, why: string) =>
  new ApiFailure(
    409,
    "Conflict",
    `Operation cannot be fulfilled on ${qualified(type.plural, type.group)} "${name}": ${why}`,
    detailsOf(type, name),
  );
export const modified = (type: Named, name: string) =>
  conflict(type, name, "the object has been modified; please apply your changes to the latest version and try again");

/** 422 with its causes; details.kind is the Kind here, the plural everywhere else. */
export function invalid(
  type: { readonly group: string; readonly kind: string },
  name: string,
  causes: readonly Cause[],
) {
  const lines = causes.map((cause) => `${cause.field}: ${cause.message}`);
  const said = lines.length === 1 ? lines[0] : `[${lines.join(", ")}]`;
  return new ApiFailure(422, "Invalid", `${qualified(type.kind, type.group)} "${name}" is invalid: ${said}`, {
    ...detailsOf({ ...type, plural: "" }, name, type.kind),
    causes,
  });
}

export const optionInvalid = (kind: string, field: string, message: string, reason = "FieldValueInvalid") =>
  invalid({ group: "meta.k8s.io", kind }, "", [{ reason, message, field }]);

const PATCHES = ["application/json-patch+json", "application/merge-patch+json"];
export const unsupportedPatch = (typed: boolean) =>
  unsupportedMedia([
    ...PATCHES,
    ...(typed ? ["application/strategic-merge-patch+json"] : []),
    "application/apply-patch+yaml",
  ]);
export const unsupportedMedia = (accepted: readonly string[]) =>
  new ApiFailure(
    415,
    "UnsupportedMediaType",
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`,
  );
