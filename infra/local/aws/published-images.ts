/** The public parameters in which EKS names its machine images, as AWS fills them: Amazon Linux 2 ends with Kubernetes 1.32. */

const PREFIX = "/aws/service/eks/optimized-ami";
const VERSIONS = ["1.31", "1.32", "1.33", "1.34", "1.35"];
const AL2_VERSIONS = ["1.31", "1.32"];

const FAMILIES: readonly { readonly path: string; readonly id: string; readonly versions: readonly string[] }[] = [
  { path: "amazon-linux-2", id: "a20", versions: AL2_VERSIONS },
  { path: "amazon-linux-2-arm64", id: "a21", versions: AL2_VERSIONS },
  { path: "amazon-linux-2-gpu", id: "a22", versions: AL2_VERSIONS },
  { path: "amazon-linux-2023/x86_64/standard", id: "a230", versions: VERSIONS },
  { path: "amazon-linux-2023/arm64/standard", id: "a231", versions: VERSIONS },
  { path: "amazon-linux-2023/x86_64/nvidia", id: "a232", versions: VERSIONS },
];

/** Parameter name -> image id. */
export const EKS_IMAGES: readonly (readonly [string, string])[] = FAMILIES.flatMap(({ path, id, versions }) =>
  versions.map((version) => {
    const image = `ami-${id}${version.replace(".", "")}`;
    return [`${PREFIX}/${version}/${path}/recommended/image_id`, image] as const;
  }),
);
