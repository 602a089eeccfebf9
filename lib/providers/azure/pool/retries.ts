/** When something that Azure accepted and then failed is tried again: at once for another wish, later for the same. */
import type { AzureSight, PoolWish } from "./sight.ts";
import { canonical, sha256 } from "./text-of.ts";

const QUOTA_SECONDS = 600;
const ALLOCATION_SECONDS = 300;
const SOON_SECONDS = 15;

const SECONDS: Readonly<Record<string, number>> = {
  AllocationFailed: ALLOCATION_SECONDS,
  OverconstrainedAllocationRequest: ALLOCATION_SECONDS,
  OverconstrainedZonalAllocationRequest: ALLOCATION_SECONDS,
  ZonalAllocationFailed: ALLOCATION_SECONDS,
  OperationPreempted: SOON_SECONDS,
  Canceled: SOON_SECONDS,
  RetryableErrorDueToAnotherOperation: SOON_SECONDS,
};

export const ALLOCATION_CODES: readonly string[] = [
  "AllocationFailed",
  "OverconstrainedAllocationRequest",
  "OverconstrainedZonalAllocationRequest",
  "ZonalAllocationFailed",
  "QuotaExceeded",
  "SkuNotAvailable",
];

/** Tells one wish from another, in a few letters. */
const asked = (wish: unknown): string => sha256(canonical(wish)).slice(0, 16);

export const modelAsked = ({ modelHash, zones, identity }: PoolWish): string => asked({ modelHash, zones, identity });

export const sizeAsked = ({ wish, scaleSet }: Pick<AzureSight, "wish" | "scaleSet">, capacity: number): string =>
  asked({ capacity, size: wish?.size ?? scaleSet?.size ?? "", zones: wish?.zones ?? [] });

export const isWaitingAfterFailure = ({ operation, now }: AzureSight, wanted: string): boolean => {
  if (operation?.status !== "failed" || operation.asked !== wanted) return false;
  const seconds = SECONDS[operation.code ?? ""] ?? QUOTA_SECONDS;
  return now.getTime() < (operation.endTime?.getTime() ?? 0) + seconds * 1000;
};
