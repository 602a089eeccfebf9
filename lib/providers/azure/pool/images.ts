/** The image of a pool's machines: what its spec names, or the community image of its Kubernetes version; and when two are the same. */
import type { ImageReference } from "@azure/arm-compute";
import type { AzureImage, AzureImagePlan } from "../../../api/azure/azure-machine-template.ts";

/** @source CAPZ azure/defaults.go */
const COMMUNITY_GALLERY = "ClusterAPI-f72ceb4f-5159-4c26-a0fe-2ea738f0d019";
const LINUX_IMAGE = "capi-ubun2-2404";
const WINDOWS_YEAR = "2022";

export interface ImageQuestion {
  readonly image: AzureImage | undefined;
  /** "v1.33.2" */
  readonly version: string | undefined;
  readonly isWindows: boolean;
  /** Annotations of the pool: which Windows, which runtime. */
  readonly windowsVersion: string | undefined;
  readonly runtime: string | undefined;
}

export type ImageChoice = { readonly image: AzureImage } | { readonly refused: string };

export function chooseImage(question: ImageQuestion): ImageChoice {
  const { image, version } = question;
  if (image) return { image };
  const release = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version ?? "");
  if (!release)
    return {
      refused: `the Kubernetes version ${version ?? "(none)"} has no default image: name one in spec.template.image`,
    };
  if (isTooOld(release)) {
    return { refused: `there is no community image of Kubernetes ${release[0]}: name one in spec.template.image` };
  }
  const name = question.isWindows ? windowsImage(question) : LINUX_IMAGE;
  if (typeof name !== "string") return name;
  return { image: { computeGallery: { gallery: COMMUNITY_GALLERY, name, version: release[0].replace(/^v/, "") } } };
}

/** The gallery begins with these patches; what came before was on a marketplace that has gone. */
const FIRST_PATCHES: Readonly<Record<string, number>> = { "1.28": 13, "1.29": 8, "1.30": 4 };

function isTooOld([, major = "", minor = "", patch = ""]: RegExpExecArray): boolean {
  const first = FIRST_PATCHES[`${major}.${minor}`];
  return first === undefined ? Number(major) === 1 && Number(minor) < 28 : Number(patch) < first;
}

function windowsImage({ windowsVersion, runtime }: ImageQuestion): string | { readonly refused: string } {
  if (runtime && runtime !== "containerd") {
    return { refused: `the annotation runtime is "${runtime}": only containerd has a default image` };
  }
  const [, year] = /^windows-(\d{4})$/.exec(windowsVersion ?? `windows-${WINDOWS_YEAR}`) ?? [];
  if (year) return `capi-win-${year}-containerd`;
  return { refused: `the annotation windowsServerVersion is "${windowsVersion}": write it as windows-${WINDOWS_YEAR}` };
}

interface GalleryVersion {
  readonly subscriptionID: string;
  readonly resourceGroup: string;
  readonly gallery: string;
  readonly name: string;
  readonly version: string;
}

const galleryId = ({ subscriptionID, resourceGroup, gallery, name, version }: GalleryVersion): string =>
  `/subscriptions/${subscriptionID}/resourceGroups/${resourceGroup}/providers/Microsoft.Compute/galleries/${gallery}` +
  `/images/${name}/versions/${version}`;

/** As Azure is asked for it. */
export function imageReference({ id, marketplace, computeGallery, sharedGallery }: AzureImage): ImageReference {
  if (id !== undefined) return { id };
  if (marketplace) {
    const { publisher, offer, sku, version } = marketplace;
    return { publisher, offer, sku, version };
  }
  if (sharedGallery) return { id: galleryId(sharedGallery) };
  if (!computeGallery) return {};
  const { gallery, name, version, subscriptionID, resourceGroup } = computeGallery;
  if (subscriptionID && resourceGroup) {
    return { id: galleryId({ subscriptionID, resourceGroup, gallery, name, version }) };
  }
  return { communityGalleryImageId: `/CommunityGalleries/${gallery}/Images/${name}/Versions/${version}` };
}

/** What must be bought together with the image; undefined: nothing. */
export function imagePlan({ marketplace, computeGallery, sharedGallery }: AzureImage): AzureImagePlan | undefined {
  if (marketplace?.thirdPartyImage) return planOf(marketplace);
  if (computeGallery?.plan) return planOf(computeGallery.plan);
  const { publisher, offer, sku } = sharedGallery ?? {};
  return publisher && offer && sku ? { publisher, offer, sku } : undefined;
}

const planOf = ({ publisher, offer, sku }: AzureImagePlan): AzureImagePlan => ({ publisher, offer, sku });

/** One text for each image, however Azure spells it; "" for none. */
export function imageKey(reference: ImageReference | undefined): string {
  if (!reference) return "";
  const { id, communityGalleryImageId, sharedGalleryImageId, publisher, offer, sku, version } = reference;
  const named = communityGalleryImageId ?? sharedGalleryImageId ?? id;
  const key = named ?? [publisher, offer, sku, version].filter((one) => one !== undefined).join(":");
  return key.toLowerCase();
}
