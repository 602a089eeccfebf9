/** The very bundles that would be deployed to AWS: their size and how long they take to load. */
import { packagedService } from "../packaging/packaged-service.ts";
import { at, idOf, nameOf, ofType, type Template } from "../packaging/template.ts";
import { foreignRow, weigh } from "./bundle-weight.ts";
import type { Row } from "./row.ts";

/** DESIGN: 110 ms where `node -e 0` takes 26 ms. */
const LOAD_RATIO = 110 / 26;
/** Ours: SDK clients of five services, the Kubernetes client, zod and Powertools, each reduced to what is called. */
const MOST_KILOBYTES = 800;
/** Makes groups and launch templates: EC2's wire form alone is a quarter of it. What counts is its load time, below. */
const MOST_KILOBYTES_OF: Readonly<Record<string, number>> = { "pool-continued": 1000 };

/** Something only those clouds' SDKs carry. */
const OTHER_CLOUDS = /azsdk-js|@google-cloud\/|oci-typescript-sdk|scaleway-sdk-js/g;

/** What the platform would set; references become names, since nothing is called while loading. */
function environmentOf(template: Template, name: string): NodeJS.ProcessEnv {
  const lambda = ofType(template, "AWS::Lambda::Function").find((one) => nameOf(one) === name);
  const variables = Object.entries(at(lambda?.properties, "Environment", "Variables") ?? {});
  const told = variables.map(([key, value]) => [key, typeof value === "string" ? value : `local-${idOf(value)}`]);
  return {
    ...Object.fromEntries(told),
    PATH: process.env.PATH,
    AWS_REGION: "us-east-1",
    AWS_LAMBDA_FUNCTION_NAME: `lifeguard-production-${name}`,
    AWS_ACCESS_KEY_ID: "bench",
    AWS_SECRET_ACCESS_KEY: "bench",
  };
}

export async function bundleRows(): Promise<readonly Row[]> {
  const service = await packagedService();
  const { template, functions } = service;
  try {
    return [
      ...functions.flatMap((one) =>
        weigh(
          { ...one, environment: environmentOf(template, one.name) },
          { mostKilobytes: MOST_KILOBYTES_OF[one.name] ?? MOST_KILOBYTES, loadRatio: LOAD_RATIO },
        ),
      ),
      foreignRow(functions, OTHER_CLOUDS),
    ];
  } finally {
    await service.remove();
  }
}
