/** A small Ignition config that says where the whole one lies (coreos.github.io/ignition/specs, coreos/ignition 2.x and 3.x). */
import type { AwsIgnition } from "../../../api/aws/aws-machine-pool.ts";

/** The CRD's default where the data is kept in the bucket. */
const DEFAULT_VERSION = "2.3";
/** Bit by bit as upstream, so that either finds what the other stored (CAPA pkg/cloud/services/s3/s3.go). */
export const objectPrefix = (poolName: string): string => `machine-pool/${poolName}/`;

const isAppending = (version: string) => version.startsWith("2.");

/** @returns JSON; the source is the first one in it */
export function pointerTo(source: string, { version = DEFAULT_VERSION, proxy, tls }: AwsIgnition): string {
  const sources = [{ source }];
  const authorities = (tls?.certificateAuthorities ?? []).map((one) => ({ source: one }));
  return JSON.stringify({
    ignition: {
      version: `${version}.0`,
      config: isAppending(version) ? { append: sources } : { merge: sources },
      ...(proxy && { proxy }),
      ...(authorities.length > 0 && { security: { tls: { certificateAuthorities: authorities } } }),
    },
  });
}

/** @param userData base64; undefined: it is no such config */
export function sourceOf(userData: string): URL | undefined {
  const [, source = ""] = /"source":"([^"\\]*)"/.exec(Buffer.from(userData, "base64").toString("utf8")) ?? [];
  return URL.canParse(source) ? new URL(source) : undefined;
}

/** Upstream leaves proxy and tls out of a pool's config; Ignition knows both from 3.1 on. */
export const isTooOldFor = ({ version = DEFAULT_VERSION, proxy, tls }: AwsIgnition): boolean =>
  (proxy !== undefined || tls !== undefined) && (isAppending(version) || version === "3.0");
