/** Turns bootstrap data into what a launch template takes: as it is, or gzip where it is too long for EC2's 16 KB. */
import { gzipSync } from "node:zlib";
import type { AwsIgnition } from "../../../api/aws/aws-machine-pool.ts";
import type { BootstrapData } from "../../pool-provider.ts";
import type { Problem } from "./sight.ts";

/** EC2's limit, before base64. */
const MOST_BYTES = 16_384;

const refused = (message: string): { readonly problem: Problem } => ({
  problem: { condition: "LaunchTemplateReady", reason: "LaunchTemplateReconcileFailed", message },
});

/** @returns base64, or what a person has to mend */
export function userDataOf(
  { secretName, format, value }: BootstrapData,
  ignition: AwsIgnition | undefined,
): { readonly userData: string } | { readonly problem: Problem } {
  if (format === "ignition" && ignition?.storageType === "ClusterObjectStore") {
    return refused(
      "spec.ignition.storageType ClusterObjectStore is not supported here: set it to UnencryptedUserData, " +
        "and the bootstrap data goes into the launch template",
    );
  }
  if (value.length <= MOST_BYTES) return { userData: Buffer.from(value).toString("base64") };
  const size = `the bootstrap data in Secret ${secretName} has ${value.length} bytes, EC2 takes ${MOST_BYTES}`;
  // Ignition reads no gzip from user data; cloud-init does.
  if (format === "ignition") return refused(`${size}: make it shorter, or let it load the rest from elsewhere`);
  const packed = gzipSync(value, { level: 9 });
  if (packed.length <= MOST_BYTES) return { userData: packed.toString("base64") };
  return refused(`${size}, and gzip leaves ${packed.length}: take files out of the bootstrap config`);
}
