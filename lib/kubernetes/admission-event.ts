/** Reads an AdmissionReview as the audit event of the same request: for control planes that have webhooks and no audit backend. */

export interface AdmissionReview {
  /** To be given back in the answer. */
  readonly uid: string;
  /** What the audit backend would have sent of it (audit.k8s.io/v1, level Metadata). */
  readonly event: unknown;
}

type Fields = Readonly<Record<string, unknown>>;
const isRecord = (value: unknown): value is Fields => typeof value === "object" && value !== null;

const VERBS: Readonly<Record<string, string>> = { CREATE: "create", UPDATE: "update", DELETE: "delete" };

/**
 * @returns undefined when the body is something else
 * @source  kubernetes staging/src/k8s.io/api/admission/v1/types.go
 */
export function admissionReviewOf(body: unknown): AdmissionReview | undefined {
  if (!isRecord(body) || body.kind !== "AdmissionReview" || body.apiVersion !== "admission.k8s.io/v1") return undefined;
  const { request } = body;
  if (!isRecord(request) || typeof request.uid !== "string") return undefined;
  const { uid, resource, subResource, name, namespace, operation, userInfo, dryRun, object } = request;
  if (!isRecord(resource)) return undefined;
  const objectRef = {
    resource: resource.resource,
    apiGroup: resource.group,
    apiVersion: resource.version,
    ...(subResource ? { subresource: subResource } : {}),
    ...(namespace ? { namespace } : {}),
    ...(name ? { name } : {}),
  };
  const event = {
    stage: "ResponseComplete",
    verb: VERBS[String(operation)] ?? "connect",
    user: userInfo,
    objectRef,
    requestURI: dryRun === true ? "/?dryRun=All" : "/",
    // With generateName only the object has its name.
    ...(name ? {} : { responseObject: object }),
  };
  return { uid, event };
}

/** The only answer there is: nothing is ever refused here. */
export const allowed = (uid: string): object => ({
  apiVersion: "admission.k8s.io/v1",
  kind: "AdmissionReview",
  response: { uid, allowed: true },
});
