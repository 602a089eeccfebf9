/** From which namespaces an identity may be used, as several infrastructure providers spell it. */
import type { LabelSelector } from "../kubernetes/meta.ts";

/** Absent: no namespace. `{}`: every one. Otherwise `list` and `selector` are ORed, and an empty selector matches nothing. */
export interface AllowedNamespaces {
  readonly list?: readonly string[];
  readonly selector?: LabelSelector;
}
