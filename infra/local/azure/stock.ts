/** What the region has left: cores of the subscription's quota, and hardware that a story may let run out. */
import { ArmError } from "./errors.ts";
import type { Fleet } from "./fleet.ts";
import type { ScaleSet } from "./scale-set.ts";
import { SIZES, sizeNamed } from "./skus.ts";

export interface Shortage {
  /** Absent: of every size. */
  readonly size?: string;
  /** "AllocationFailed", "ZonalAllocationFailed", "OverconstrainedZonalAllocationRequest" ... */
  readonly code: string;
  readonly message?: string;
}

export type Stock = ReturnType<typeof createStock>;

export function createStock(fleet: Fleet) {
  const shortages = new Set<Shortage>();
  let quotaCores = Number.POSITIVE_INFINITY;

  const coresInUse = () => fleet.all().reduce((sum, { size }) => sum + (SIZES[size]?.cores ?? 0), 0);

  return {
    /** Until the answer is called. */
    runOut: (shortage: Shortage) => {
      shortages.add(shortage);
      return () => void shortages.delete(shortage);
    },
    limitCores: (cores: number): void => {
      quotaCores = cores;
    },
    /** @throws ArmError OperationNotAllowed, at the request itself, when the quota does not suffice for so many more */
    checkQuota: ({ sku, location }: ScaleSet, more: number): void => {
      const needed = more * sizeNamed(sku.name, location).cores;
      const used = coresInUse();
      if (more <= 0 || used + needed <= quotaCores) return;
      throw new ArmError(
        "OperationNotAllowed",
        `Operation could not be completed as it results in exceeding approved Total Regional Cores quota. Location: ${location}, Current Limit: ${quotaCores}, Current Usage: ${used}, Additional Required: ${needed}.`,
        409,
      );
    },
    /** Why an accepted operation fails later. */
    refusal: ({ sku }: ScaleSet): { readonly code: string; readonly message: string } | undefined => {
      const found = [...shortages].find(({ size }) => (size ?? sku.name) === sku.name);
      if (!found) return undefined;
      const message =
        found.message ?? `Allocation failed: there is no capacity for size ${sku.name} now. Try another size or zone.`;
      return { code: found.code, message };
    },
  };
}
