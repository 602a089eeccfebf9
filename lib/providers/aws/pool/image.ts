/** Finds the machine image of a pool: given by id, published by EKS for its clusters, or looked up by name. */
import type { AwsInfrastructure } from "../../../api/aws/aws-cluster.ts";
import type { AwsLaunchTemplate, EksLookupType } from "../../../api/aws/aws-launch-template.ts";
import type { Lookups } from "./lookups.ts";
import type { VersionFacts } from "./sight.ts";

/** The account that publishes Cluster API's images, and how they are called (CAPA pkg/cloud/services/ec2/ami.go). */
const DEFAULT_ORGANISATION = "819546954734";
const DEFAULT_FORMAT = "capa-ami-{{.BaseOS}}-?{{.K8sVersion}}-*";
const DEFAULT_BASE_OS = "ubuntu-24.04";
const LONGEST_DESCRIPTION = 255;

export type Image = { readonly imageId: string; readonly description: string } | { readonly refused: string };

export interface ImageWish {
  readonly template: AwsLaunchTemplate;
  readonly infrastructure: AwsInfrastructure;
  readonly isEks: boolean;
  /** With a leading v. */
  readonly kubernetesVersion: string | undefined;
}

/**
 * A lookup's answer is kept as long as the question stays the same: an image that is published meanwhile rolls nothing.
 * @param latest  the newest version there is; its description names the question that its image answers
 */
export async function chooseImage(wish: ImageWish, latest: VersionFacts | undefined, lookups: Lookups): Promise<Image> {
  const { template, kubernetesVersion } = wish;
  if (template.ami?.id) return { imageId: template.ami.id, description: `image ${template.ami.id} given by the spec` };
  if (!kubernetesVersion) {
    return {
      refused: "set spec.awsLaunchTemplate.ami.id, or the MachinePool's spec.template.spec.version to look one up by",
    };
  }
  const question = questionOf(wish, kubernetesVersion.replace(/^v/, ""));
  const description = describe(question, template.instanceType);
  const kept = latest?.description === description ? latest.data.ImageId : undefined;
  if (kept) return { imageId: kept, description };
  const architecture = template.instanceType ? await lookups.architecture(template.instanceType) : "x86_64";
  return answer(question, architecture, { description, lookups });
}

type Question =
  | { readonly by: "eks"; readonly family: EksLookupType; readonly release: string }
  | { readonly by: "name"; readonly owner: string; readonly name: string };

function questionOf({ template, infrastructure, isEks }: ImageWish, version: string): Question {
  const { spec } = infrastructure;
  const format = template.imageLookupFormat || spec.imageLookupFormat;
  const owner = template.imageLookupOrg || spec.imageLookupOrg;
  const baseOs = template.imageLookupBaseOS || spec.imageLookupBaseOS;
  if (isEks && !format && !owner && !baseOs) {
    const release = version.split(".").slice(0, 2).join(".");
    return { by: "eks", family: template.ami?.eksLookupType ?? defaultFamily(release), release };
  }
  const name = (format ?? DEFAULT_FORMAT)
    .replace(/{{\s*\.BaseOS\s*}}/g, baseOs ?? DEFAULT_BASE_OS)
    .replace(/{{\s*\.K8sVersion\s*}}/g, version);
  return { by: "name", owner: owner ?? DEFAULT_ORGANISATION, name };
}

/** EKS publishes no Amazon Linux 2 from Kubernetes 1.33 on. */
const defaultFamily = (release: string): EksLookupType => {
  const [major = 0, minor = 0] = release.split(".").map(Number);
  return major > 1 || minor >= 33 ? "AmazonLinux2023" : "AmazonLinux";
};

function describe(question: Question, instanceType: string | undefined): string {
  const asked =
    question.by === "eks" ? `EKS ${question.family} ${question.release}` : `${question.name} by ${question.owner}`;
  return `image looked up: ${asked} for ${instanceType || "x86_64"}`.slice(0, LONGEST_DESCRIPTION);
}

interface Answering {
  readonly description: string;
  readonly lookups: Lookups;
}

async function answer(question: Question, architecture: string, { description, lookups }: Answering): Promise<Image> {
  if (question.by === "name") {
    const found = await lookups.newestImage({ owner: question.owner, name: question.name, architecture });
    if (found) return { imageId: found, description };
    return { refused: `there is no image ${question.name} of owner ${question.owner} for ${architecture}` };
  }
  const parameter = parameterOf(question.family, question.release, architecture);
  const found = await lookups.parameter(parameter);
  return found
    ? { imageId: found, description }
    : { refused: `EKS publishes no image under SSM parameter ${parameter}` };
}

export function parameterOf(family: EksLookupType, release: string, architecture: string): string {
  const paths: Readonly<Record<EksLookupType, string>> = {
    AmazonLinux: architecture === "arm64" ? "amazon-linux-2-arm64" : "amazon-linux-2",
    AmazonLinuxGPU: "amazon-linux-2-gpu",
    AmazonLinux2023: `amazon-linux-2023/${architecture}/standard`,
    AmazonLinux2023GPU: "amazon-linux-2023/x86_64/nvidia",
  };
  return `/aws/service/eks/optimized-ami/${release}/${paths[family]}/recommended/image_id`;
}
