/** The writes to Azure by which a pool is brought to its wish, each with all that its call needs. */
import type { Tags } from "../../applied-tags.ts";
import type { PoolChange } from "../../pool-provider.ts";
import type { Parameters } from "./parameters.ts";
import type { RoleAssignmentWish } from "./sight.ts";

interface Inputs {
  readonly CreateScaleSet: { readonly parameters: Parameters; readonly asked: string };
  readonly UpdateScaleSet: { readonly parameters: Parameters; readonly asked: string; readonly etag?: string };
  /** The same number again: Azure failed to make all of them. */
  readonly AskAgain: { readonly capacity: number; readonly size: string; readonly asked: string };
  readonly DeleteScaleSet: Record<never, never>;
  readonly TagScaleSet: { readonly tags: Tags };
  /** With their values: Azure takes away what is exactly so. */
  readonly UntagScaleSet: { readonly tags: Tags };
  readonly AssignRole: { readonly role: RoleAssignmentWish; readonly principalId: string };
  readonly UnassignRole: { readonly role: RoleAssignmentWish };
  /** Numbers of Uniform instances. */
  readonly ProtectInstances: { readonly numbers: readonly string[]; readonly location: string };
}

/** `because` is stable, for the log. */
export type AzureChange = {
  [Name in keyof Inputs]: { readonly do: Name; readonly because: string; readonly input: Inputs[Name] };
}[keyof Inputs];

export const toPoolChange = (change: AzureChange): PoolChange => ({
  do: change.do,
  because: change.because,
  detail: change,
});
