/** One repeatable write to an API server, as plain data between decide/ and act/. */
import type { KubernetesObject, Resource } from "../../api/kubernetes/meta.ts";

interface Place {
  readonly namespace?: string;
  readonly name: string;
}

export type ObjectWrite =
  /** "Already there" is success; `status`, where given, is written after it. */
  | {
      readonly do: "create";
      readonly resource: Resource;
      readonly object: KubernetesObject;
      readonly status?: object;
    }
  /** A merge patch; the body carries resourceVersion where it replaces lists. "Gone" is success. */
  | {
      readonly do: "patch";
      readonly resource: Resource;
      readonly at: Place;
      readonly body: object;
      readonly subresource?: "status";
    }
  /** "Gone" and "another one now" are success. */
  | { readonly do: "delete"; readonly resource: Resource; readonly at: Place; readonly uid?: string };
