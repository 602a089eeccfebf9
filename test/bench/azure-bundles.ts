/** The very bundles that would be deployed to Azure: their size and how long they take to load. */
import { packagedAzure, settingsOf } from "../packaging/azure/packaged-azure.ts";
import { foreignRow, weigh } from "./bundle-weight.ts";
import type { Row } from "./row.ts";

/** DESIGN: 130 ms where `node -e 0` takes 26 ms. */
const LOAD_RATIO = 130 / 26;
/** Ours: the compute client, Entra's credentials, the Kubernetes client and zod. */
const MOST_KILOBYTES = 1200;

/** Something only those clouds' SDKs carry. */
const OTHER_CLOUDS = /aws-sdk-js|@google-cloud\/|oci-typescript-sdk|scaleway-sdk-js/g;

export async function azureBundleRows(): Promise<readonly Row[]> {
  const service = await packagedAzure();
  try {
    return [
      ...service.apps.flatMap((app) =>
        weigh(
          { ...app, environment: { ...settingsOf(service, app.name), PATH: process.env.PATH } },
          { mostKilobytes: MOST_KILOBYTES, loadRatio: LOAD_RATIO },
        ),
      ),
      foreignRow(service.apps, OTHER_CLOUDS),
    ];
  } finally {
    await service.remove();
  }
}
