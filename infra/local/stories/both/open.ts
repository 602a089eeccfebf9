/** One management cluster with a deployment on each cloud: AWS has its audit webhook, and forwards what concerns Azure. */
import { randomUUID } from "node:crypto";
import { virtualClock } from "../../clock.ts";
import { openFunctionDoor } from "../../host/azure/http-trigger.ts";
import { startLocalAzure } from "../../local-azure.ts";
import { startLocalCloud, trustedAuthority } from "../../local-cloud.ts";
import { createTimeline, type Line } from "../../timeline.ts";
import { NAMES, RESOURCE_GROUP } from "../azure/manifests.ts";
import { AZURE_SETTINGS, START, TIMING } from "../azure/open.ts";
import { type AzureStage, setAzureStage } from "../azure/stage.ts";
import { WATCH_FILTER } from "../full/manifests.ts";
import { type FullStage, setFullStage } from "../full/stage.ts";

export interface BothScene {
  readonly clock: ReturnType<typeof virtualClock>;
  readonly aws: FullStage;
  readonly azure: AzureStage;
  readonly close: () => Promise<void>;
}

const TOKEN = "lifeguard/audit-token-of-azure";

/** @returns with no pool yet */
export async function openBothScene(show?: (line: Line) => void): Promise<BothScene> {
  const clock = virtualClock(START);
  const timeline = createTimeline(clock, (line) => show?.(line));
  const onProblem = (message: string) => timeline.say("story", "simulation", message);
  const door = await openFunctionDoor({ clock, authority: await trustedAuthority() });
  const forwards = [
    {
      namespaces: [NAMES.namespace],
      clusterNames: [NAMES.cluster],
      url: `${door.url}/api/audit`,
      tokenReference: TOKEN,
    },
  ];
  const onAws = await startLocalCloud({
    clock,
    onProblem,
    settings: { LIFEGUARD_WATCH_FILTER: WATCH_FILTER, LIFEGUARD_AUDIT_FORWARDS: JSON.stringify(forwards) },
  });
  const auditToken = randomUUID();
  await onAws.aws.cloud.handle("secretsmanager", "CreateSecret", { Name: TOKEN, SecretString: auditToken });
  const beside = { management: onAws.management, door, auditToken };
  const azureTiming = { timing: TIMING, resourceGroups: [RESOURCE_GROUP], settings: AZURE_SETTINGS };
  const onAzure = await startLocalAzure({ clock, onProblem, beside, ...azureTiming });
  const aws = await setFullStage(onAws, { clock, timeline });
  const azure = await setAzureStage(onAzure, { clock, timeline, crds: [] });
  const close = async () => {
    await azure.strike();
    await aws.strike();
  };
  return { clock, aws, azure, close };
}
