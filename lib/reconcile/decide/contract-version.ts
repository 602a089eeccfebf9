/** Which version of a kind fulfils Cluster API's contract: read off the labels of its CRD, the way upstream does. */

/** Newest contract first (cluster-api internal/contract/version.go). */
const CONTRACTS = ["v1beta2", "v1beta1"];

/**
 * @param labels of the CRD, e.g. `cluster.x-k8s.io/v1beta2: v1beta1_v1beta2`
 * @returns      the newest version of the newest contract; undefined: the kind declares none
 */
export function contractVersion(labels: Readonly<Record<string, string>> | undefined): string | undefined {
  for (const contract of CONTRACTS) {
    const versions = labels?.[`cluster.x-k8s.io/${contract}`]?.split("_").filter(Boolean) ?? [];
    const [newest] = [...versions].sort((a, b) => compareVersions(b, a));
    if (newest) return newest;
  }
  return undefined;
}

const STAGES: Readonly<Record<string, number>> = { alpha: 0, beta: 1, "": 2 };

/** Kubernetes' order: GA before beta before alpha, then by number (apimachinery pkg/version/helpers.go). */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [weight(a), weight(b)];
  for (const index of [0, 1, 2] as const) {
    const difference = left[index] - right[index];
    if (difference !== 0) return difference;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

function weight(version: string): readonly [number, number, number] {
  const [, major, stage = "", minor = "0"] = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version) ?? [];
  return major === undefined ? [-1, 0, 0] : [STAGES[stage] ?? -1, Number(major), Number(minor)];
}

/** The plural that a CRD of this kind must have (gobuffalo/flect, for the endings that kinds have). */
export function pluralOf(kind: string): string {
  const word = kind.toLowerCase();
  if (/(s|x|z|ch|sh)$/.test(word)) return `${word}es`;
  return /[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}ies` : `${word}s`;
}
