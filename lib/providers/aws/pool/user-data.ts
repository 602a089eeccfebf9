/** Turns bootstrap data into what a launch template takes: as it is, or gzip where it is too long for EC2's 16 KB. */
import { gzipSync } from "node:zlib";
import type { AwsIgnition } from "../../../api/aws/aws-machine-pool.ts";
import type { BootstrapData } from "../../pool-provider.ts";
import type { Problem } from "./sight.ts";

/** EC2's limit, before base64. */
const MOST_BYTES = 16_384;

export const refused = (message: string): { readonly problem: Problem } => ({
  problem: { condition: "LaunchTemplateReady", reason: "LaunchTemplateReconcileFailed", message },
});

/** The template only names it. A cloud-config cannot be named, whatever the pool says about ignition. */
export const isStored = ({ format }: BootstrapData, ignition: AwsIgnition | undefined): boolean =>
  format === "ignition" && ignition?.storageType === "ClusterObjectStore";

/** @returns base64, or what a person has to mend */
export function userDataOf({
  secretName,
  format,
  value,
}: BootstrapData): { readonly userData: string } | { readonly problem: Problem } {
  if (value.length <= MOST_BYTES) return { userData: Buffer.from(value).toString("base64") };
  const size = `the bootstrap data in Secret ${secretName} has ${value.length} bytes, EC2 takes ${MOST_BYTES}`;
  // Ignition reads no gzip from user data; cloud-init does.
  if (format === "ignition") {
    return refused(`${size}: make it shorter, or set spec.ignition.storageType to ClusterObjectStore`);
  }
  const packed = gzipSync(value, { level: 9 });
  if (packed.length <= MOST_BYTES) return { userData: packed.toString("base64") };
  return refused(`${size}, and gzip leaves ${packed.length}: take files out of the bootstrap config`);
}
