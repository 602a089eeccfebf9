/** Brings a function app's zip to it and waits until Azure sees the function in it, which Event Grid asks for. */
import * as z from "zod";
import { type Arm, expectSuccess } from "./arm.ts";
import { DeployError } from "./deploy-error.ts";
import { errorLines } from "./error-lines.ts";

const WEB_VERSION = "2024-04-01";
const LOOK_SECONDS = 5;
/** Ten minutes. */
const MOST_LOOKS = 120;
/** Of a Kudu deployment (DeployStatus of projectkudu/kudu). */
const FAILED = 3;
const SUCCESS = 4;

const site = z.object({
  properties: z.object({ hostNameSslStates: z.array(z.looseObject({ name: z.string(), hostType: z.string() })) }),
});
const progress = z.looseObject({ status: z.number(), status_text: z.string().nullish() });
const log = z.array(z.looseObject({ message: z.string().nullish() }));

export interface App {
  readonly functionName: string;
  /** Resource id. */
  readonly siteId: string;
  readonly zip: Uint8Array;
}

/** @throws DeployError with the app's name and its own deployment log */
export async function zipDeploy(arm: Arm, app: App, wait: (seconds: number) => Promise<void>): Promise<void> {
  const scm = await publishingHost(arm, app);
  const url = `${scm}/api/publish?RemoteBuild=false&Deployer=lifeguard`;
  const accepted = await arm.send({ method: "POST", url, zip: app.zip });
  const id = z
    .string()
    .min(1)
    .parse(expectSuccess(accepted, `the zip of ${app.functionName}`).body);
  await untilDeployed(arm, `${scm}/api/deployments/${id}`, app, wait);
  await untilSeen(arm, app, wait);
}

/** A new app's host name has a hash in it, so it is asked for. */
async function publishingHost(arm: Arm, { siteId, functionName }: App): Promise<string> {
  const answer = await arm.send({ method: "GET", url: `${siteId}?api-version=${WEB_VERSION}` });
  const { properties } = site.parse(expectSuccess(answer, `reading the function app of ${functionName}`).body);
  const host = properties.hostNameSslStates.find(({ hostType }) => hostType === "Repository");
  if (!host) throw new DeployError(`${functionName}: its function app has no host to publish to (${siteId})`);
  return `https://${host.name}`;
}

async function untilDeployed(arm: Arm, url: string, { functionName }: App, wait: (seconds: number) => Promise<void>) {
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    const answer = await arm.send({ method: "GET", url });
    const { status, status_text: text } = progress.parse(expectSuccess(answer, `publishing ${functionName}`).body);
    if (status === SUCCESS) return;
    if (status === FAILED) throw new DeployError(await publishFailure(arm, url, functionName, text ?? ""));
    await wait(Number(answer.headers["retry-after"] ?? LOOK_SECONDS));
  }
  throw new DeployError(`${functionName}: its zip was not taken up within ten minutes; deploy again, or see ${url}`);
}

async function publishFailure(arm: Arm, url: string, functionName: string, text: string): Promise<string> {
  const answer = await arm.send({ method: "GET", url: `${url}/log` });
  const { data } = log.safeParse(answer.body);
  const lines = data ? data.map(({ message }) => `  ${message ?? ""}`) : errorLines(answer.body, 1);
  return [`${functionName}: publishing its zip failed${text ? `: ${text}` : ""}`, ...lines].join("\n");
}

/** Publishing succeeds with code that registers nothing, too. */
async function untilSeen(arm: Arm, { siteId, functionName }: App, wait: (seconds: number) => Promise<void>) {
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    const answer = await arm.send({
      method: "GET",
      url: `${siteId}/functions/${functionName}?api-version=${WEB_VERSION}`,
    });
    if (answer.status !== 404) {
      expectSuccess(answer, `reading the function ${functionName}`);
      return;
    }
    await wait(LOOK_SECONDS);
  }
  throw new DeployError(
    `${functionName}: its code is there, but it registers no function of that name; see the app's log stream for why it does not load`,
  );
}
