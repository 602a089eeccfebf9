/** core/v1 Secret: where credentials of clusters are kept. */
import type { KubernetesObject, Resource } from "./meta.ts";

export const secrets: Resource = { apiVersion: "v1", plural: "secrets", kind: "Secret" };

/** `data` values are base64. */
export interface Secret extends KubernetesObject {
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
}
