/** The very bundles that would be deployed to AWS: their size and how long they take to load. */
import type { PackagedService } from "../packaging/packaged-service.ts";
import { foreignRow, weigh } from "./bundle-weight.ts";
import { environmentOf } from "./deployed-function.ts";
import type { Row } from "./row.ts";

/** DESIGN: 110 ms where `node -e 0` takes 26 ms. */
const LOAD_RATIO = 110 / 26;
/** Ours: SDK clients of five services, the Kubernetes client, zod and Powertools, each reduced to what is called. */
const MOST_KILOBYTES = 800;
/** Makes groups and launch templates: EC2's wire form alone is a quarter of it. What counts is its load time, below. */
const MOST_KILOBYTES_OF: Readonly<Record<string, number>> = { "pool-continued": 1000 };

/** Something only those clouds' SDKs carry. */
const OTHER_CLOUDS = /azsdk-js|@google-cloud\/|oci-typescript-sdk|scaleway-sdk-js/g;

export const bundleRows = ({ template, functions }: PackagedService): readonly Row[] => [
  ...functions.flatMap((one) =>
    weigh(
      { ...one, environment: environmentOf(template, one.name) },
      { mostKilobytes: MOST_KILOBYTES_OF[one.name] ?? MOST_KILOBYTES, loadRatio: LOAD_RATIO },
    ),
  ),
  foreignRow(functions, OTHER_CLOUDS),
];
