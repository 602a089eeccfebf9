/** core/v1 Event: what we tell people about an object beside its status. */
import type { KubernetesObject, Resource } from "./meta.ts";

export const events: Resource = { apiVersion: "v1", plural: "events", kind: "Event" };

export interface Event extends KubernetesObject {
  readonly involvedObject: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespace?: string;
    readonly name: string;
    readonly uid?: string;
  };
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
  readonly source: { readonly component: string };
  readonly firstTimestamp: string;
  readonly lastTimestamp: string;
  readonly count: number;
}
