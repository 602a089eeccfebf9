/** Images: what a pool names, what it gets where it names none, and which two are the same. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  chooseImage,
  type ImageQuestion,
  imageKey,
  imagePlan,
  imageReference,
} from "../../../../lib/providers/azure/pool/images.ts";

const GALLERY = "ClusterAPI-f72ceb4f-5159-4c26-a0fe-2ea738f0d019";
const question = (more: Partial<ImageQuestion> = {}): ImageQuestion => ({
  image: undefined,
  version: "v1.33.2",
  isWindows: false,
  windowsVersion: undefined,
  runtime: undefined,
  ...more,
});
const community = (name: string, version: string) => ({
  image: { computeGallery: { gallery: GALLERY, name, version } },
});
const own = { image: { id: "/subscriptions/s/images/one" } };

const chosen: { name: string; asked: ImageQuestion; want: unknown }[] = [
  { name: "an image that is named is taken", asked: question(own), want: own },
  {
    name: "the community's image of the Kubernetes version is taken where none is named",
    asked: question(),
    want: community("capi-ubun2-2404", "1.33.2"),
  },
  {
    name: "Windows has its own",
    asked: question({ isWindows: true }),
    want: community("capi-win-2022-containerd", "1.33.2"),
  },
  {
    name: "of the year that an annotation names",
    asked: question({ isWindows: true, windowsVersion: "windows-2019", runtime: "containerd" }),
    want: community("capi-win-2019-containerd", "1.33.2"),
  },
  {
    name: "the first patch that the gallery has",
    asked: question({ version: "1.28.13" }),
    want: community("capi-ubun2-2404", "1.28.13"),
  },
];
for (const { name, asked, want } of chosen) test(name, () => assert.deepEqual(chooseImage(asked), want));

const refused: { name: string; asked: ImageQuestion; said: RegExp }[] = [
  {
    name: "an odd year is refused",
    asked: question({ isWindows: true, windowsVersion: "2019" }),
    said: /windows-2022/,
  },
  { name: "another runtime is refused", asked: question({ isWindows: true, runtime: "docker" }), said: /containerd/ },
  {
    name: "a version before the gallery is refused",
    asked: question({ version: "v1.30.3" }),
    said: /spec.template.image/,
  },
  { name: "a much older one too", asked: question({ version: "v1.19.11" }), said: /spec.template.image/ },
  { name: "no version at all is refused", asked: question({ version: undefined }), said: /spec.template.image/ },
];
for (const { name, asked, said } of refused)
  test(name, () => {
    const choice = chooseImage(asked);
    assert.ok("refused" in choice);
    assert.match(choice.refused, said);
  });

test("each source is asked for in Azure's own way", () => {
  const plan = { publisher: "p", offer: "o", sku: "s" };
  const version = { gallery: "g", name: "n", version: "1.0.0" };
  const id = "/subscriptions/S/resourceGroups/R/providers/Microsoft.Compute/galleries/g/images/n/versions/1.0.0";
  assert.deepEqual(imageReference({ id: "/x" }), { id: "/x" });
  assert.deepEqual(imageReference({ marketplace: { ...plan, version: "latest" } }), { ...plan, version: "latest" });
  assert.deepEqual(imageReference({ computeGallery: version }), {
    communityGalleryImageId: "/CommunityGalleries/g/Images/n/Versions/1.0.0",
  });
  assert.deepEqual(imageReference({ computeGallery: { ...version, subscriptionID: "S", resourceGroup: "R" } }), { id });
  assert.deepEqual(imageReference({ sharedGallery: { ...version, subscriptionID: "S", resourceGroup: "R" } }), { id });
});

test("a plan is bought where the image belongs to somebody else", () => {
  const plan = { publisher: "p", offer: "o", sku: "s" };
  const place = { subscriptionID: "S", resourceGroup: "R", gallery: "g", name: "n", version: "1.0.0" };
  assert.equal(imagePlan({ marketplace: { ...plan, version: "1" } }), undefined);
  assert.deepEqual(imagePlan({ marketplace: { ...plan, version: "1", thirdPartyImage: true } }), plan);
  assert.deepEqual(imagePlan({ computeGallery: { gallery: "g", name: "n", version: "1", plan } }), plan);
  assert.deepEqual(imagePlan({ sharedGallery: { ...place, ...plan } }), plan);
  assert.equal(imagePlan({ sharedGallery: { ...place, publisher: "p" } }), undefined);
});

test("two are the same whatever the case that Azure answers in", () => {
  const id = "/subscriptions/S/resourceGroups/R/providers/Microsoft.Compute/galleries/g/images/n/versions/1.0.0";
  assert.equal(imageKey({ id }), imageKey({ id: id.toUpperCase() }));
  assert.notEqual(imageKey({ id }), imageKey({ id: `${id}1` }));
  assert.notEqual(
    imageKey({ publisher: "p", offer: "o", sku: "s", version: "1" }),
    imageKey({ publisher: "p", offer: "o", sku: "s", version: "2" }),
  );
  assert.equal(imageKey(undefined), imageKey({}));
});
