/** What a request to Azure makes true of a scale set or a machine, as far as another could make it untrue. */
import type { Input } from "../clouds/simulated-cloud.ts";
import type { Claims } from "./contradictions.ts";

interface Body {
  readonly sku?: { readonly capacity?: number };
  readonly properties?: object;
}

/** A resize says nothing but the number; deletions are by name, and ask for the same whoever asks. */
export function azureClaims(action: string, { path, body }: Input): Claims {
  const subject = `${path as string}`.split("/").at(-1) ?? "";
  const { sku, properties } = (body ?? {}) as Body;
  switch (action.replace("Microsoft.Compute/", "")) {
    case "virtualMachineScaleSets/write":
      return [
        [`capacity of ${subject}`, JSON.stringify(sku?.capacity)],
        ...(properties ? [[`model of ${subject}`, JSON.stringify(properties)] as const] : []),
      ];
    case "virtualMachineScaleSets/virtualMachines/write":
      return [[`machine ${subject}`, JSON.stringify(properties)]];
    default:
      return [];
  }
}
