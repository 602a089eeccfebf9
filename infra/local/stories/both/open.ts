/** One management cluster with a deployment on each cloud: AWS has its audit webhook, and forwards what concerns Azure. */
import { randomUUID } from "node:crypto";
import type { Chaos } from "../../chaos/chaos.ts";
import type { StoryClock } from "../../clock.ts";
import { openFunctionDoor } from "../../host/azure/http-trigger.ts";
import { startLocalAzure } from "../../local-azure.ts";
import { startLocalCloud, straight, trustedAuthority } from "../../local-cloud.ts";
import { NAMES, RESOURCE_GROUP } from "../azure/manifests.ts";
import { AZURE_SETTINGS, TIMING } from "../azure/open.ts";
import { type AzureStage, setAzureStage } from "../azure/stage.ts";
import { WATCH_FILTER } from "../full/manifests.ts";
import { type FullStage, setFullStage } from "../full/stage.ts";
import { type SurroundingsOptions, surround } from "../surroundings.ts";

export interface BothScene {
  readonly clock: StoryClock;
  readonly aws: FullStage;
  readonly azure: AzureStage;
  /** One for both: they share the management cluster. */
  readonly chaos: Chaos | undefined;
  readonly close: () => Promise<void>;
}

const TOKEN = "lifeguard/audit-token-of-azure";

/** @returns with no pool yet */
export async function openBothScene(options: Omit<SurroundingsOptions, "clock">): Promise<BothScene> {
  const { clock, timeline, chaos, ofCloud, open } = surround(options);
  open();
  const door = await openFunctionDoor({ clock, authority: await trustedAuthority() });
  const through = chaos?.through ?? straight;
  const forwards = [
    {
      namespaces: [NAMES.namespace],
      clusterNames: [NAMES.cluster],
      url: `${await through("azure-functions", door.url)}/api/audit`,
      tokenReference: TOKEN,
    },
  ];
  const onAws = await startLocalCloud({
    ...ofCloud,
    settings: { LIFEGUARD_WATCH_FILTER: WATCH_FILTER, LIFEGUARD_AUDIT_FORWARDS: JSON.stringify(forwards) },
  });
  const auditToken = randomUUID();
  await onAws.aws.cloud.handle("secretsmanager", "CreateSecret", { Name: TOKEN, SecretString: auditToken });
  const beside = { management: onAws.management, door, auditToken };
  const azureTiming = { timing: TIMING, resourceGroups: [RESOURCE_GROUP], settings: AZURE_SETTINGS };
  const onAzure = await startLocalAzure({ ...ofCloud, beside, ...azureTiming });
  const aws = await setFullStage(onAws, { clock, timeline });
  const azure = await setAzureStage(onAzure, { clock, timeline, crds: [] });
  const close = async () => {
    await azure.strike();
    await aws.strike();
  };
  return { clock, aws, azure, chaos, close };
}
