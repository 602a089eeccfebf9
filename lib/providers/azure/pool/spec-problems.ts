/** What an AzureMachinePool asks for and cannot get: upstream's webhook says it at once, where there is none it is said here. */
import type { AzureMachinePoolSpec } from "../../../api/azure/azure-machine-pool.ts";
import type { AzureImage, AzureMachinePoolTemplate } from "../../../api/azure/azure-machine-template.ts";
import { parseUserAssignedIdentity } from "./identity-wish.ts";
import { scaled } from "./percent.ts";

/** @returns one sentence per problem */
export type Check = (spec: AzureMachinePoolSpec) => readonly string[];

const LARGEST_DISK_GB = 2048;
const NOTICE_MINUTES = { least: 5, most: 15 };
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
const KEY_LINE = /^(ssh-(rsa|ed25519)|ecdsa-sha2-nistp\d+|sk-\S+) [A-Za-z0-9+/]+=*( .*)?$/;
const HTTPS = /^https:\/\/.{1,1016}$/;
const FIRST_FLEXIBLE_MINOR = 26;

const say = (isWrong: boolean | undefined, sentence: string): readonly string[] => (isWrong ? [sentence] : []);

function imageProblems({ template }: AzureMachinePoolSpec): readonly string[] {
  const { image } = template;
  if (!image) return [];
  const sources = (["id", "marketplace", "computeGallery", "sharedGallery"] as const).filter(
    (source) => image[source] !== undefined,
  );
  if (sources.length !== 1) return [`image must have exactly one source, not ${sources.join(" and ") || "none"}`];
  return partProblems(image);
}

function partProblems({ id, marketplace, computeGallery }: AzureImage): readonly string[] {
  const lacks = <Parts extends object>(what: string, parts: Parts, names: readonly (keyof Parts & string)[]) =>
    names.filter((name) => !parts[name]).map((name) => `image.${what} lacks ${name}`);
  const halfOwned = Boolean(computeGallery?.subscriptionID) !== Boolean(computeGallery?.resourceGroup);
  return [
    ...say(id === "", "image.id is empty"),
    ...(marketplace ? lacks("marketplace", marketplace, ["publisher", "offer", "sku", "version"]) : []),
    ...(computeGallery ? lacks("computeGallery", computeGallery, ["gallery", "name", "version"]) : []),
    ...say(halfOwned, "image.computeGallery needs both subscriptionID and resourceGroup, or neither"),
  ];
}

function diskProblems({ template: { osDisk, dataDisks = [] } }: AzureMachinePoolSpec): readonly string[] {
  const { diskSizeGB } = osDisk;
  const isOutside = diskSizeGB !== undefined && (diskSizeGB < 1 || diskSizeGB > LARGEST_DISK_GB);
  const luns = dataDisks.flatMap(({ lun }) => lun ?? []);
  return [
    ...say(isOutside, `osDisk.diskSizeGB must lie within 1 and ${LARGEST_DISK_GB}`),
    ...say(new Set(luns).size !== luns.length, "dataDisks must have different luns"),
    ...say(
      luns.some((lun) => lun < 0 || lun > 63),
      "dataDisks must have luns within 0 and 63",
    ),
  ];
}

/** The line, of its base64; undefined: none is given. */
export const sshKeyOf = ({ sshPublicKey }: AzureMachinePoolTemplate): string | undefined =>
  sshPublicKey ? Buffer.from(sshPublicKey, "base64").toString("utf8").trim() : undefined;

function loginProblems({ template }: AzureMachinePoolSpec): readonly string[] {
  const key = sshKeyOf(template);
  return say(key !== undefined && !KEY_LINE.test(key), "sshPublicKey is no base64 of a public key's line");
}

function noticeProblems({ template: { terminateNotificationTimeout: minutes } }: AzureMachinePoolSpec) {
  const { least, most } = NOTICE_MINUTES;
  const isOutside = minutes !== undefined && (minutes < least || minutes > most);
  return say(isOutside, `terminateNotificationTimeout must lie within ${least} and ${most} minutes`);
}

function networkProblems({ template }: AzureMachinePoolSpec): readonly string[] {
  const { subnetName, networkInterfaces = [], acceleratedNetworking } = template;
  const several = networkInterfaces.length > 0;
  return [
    ...say(several && Boolean(subnetName), "subnetName and networkInterfaces cannot both be given"),
    ...say(
      several && acceleratedNetworking !== undefined,
      "acceleratedNetworking and networkInterfaces cannot both be given",
    ),
  ];
}

function diagnosticsProblems({ template: { diagnostics } }: AzureMachinePoolSpec): readonly string[] {
  const { storageAccountType, userManaged } = diagnostics?.boot ?? {};
  const uri = userManaged?.storageAccountURI ?? "";
  const isUnknown = storageAccountType === "UserManaged" && !HTTPS.test(uri);
  return say(isUnknown, "diagnostics.boot of type UserManaged needs userManaged.storageAccountURI, an https address");
}

function identityProblems(spec: AzureMachinePoolSpec): readonly string[] {
  const { identity = "None", userAssignedIdentities = [], systemAssignedIdentityRole: role, roleAssignmentName } = spec;
  const isUser = identity === "UserAssigned";
  const unread = userAssignedIdentities.filter(({ providerID }) => !parseUserAssignedIdentity(providerID));
  const name = role?.name ?? roleAssignmentName;
  return [
    ...say(isUser && userAssignedIdentities.length === 0, "identity UserAssigned needs userAssignedIdentities"),
    ...unread.map(({ providerID }) => `userAssignedIdentities: ${providerID} names no user-assigned identity`),
    ...say(
      identity !== "SystemAssigned" && role !== undefined,
      "systemAssignedIdentityRole needs identity SystemAssigned",
    ),
    ...say(name !== undefined && !UUID.test(name), "systemAssignedIdentityRole.name must be a UUID"),
    ...say(
      identity === "SystemAssigned" && spec.orchestrationMode === "Flexible",
      "scale sets with Flexible orchestration have no system-assigned identity",
    ),
  ];
}

function strategyProblems({ strategy }: AzureMachinePoolSpec): readonly string[] {
  const { maxSurge = 1, maxUnavailable = 0 } = strategy?.rollingUpdate ?? {};
  const unread = Object.entries({ maxSurge, maxUnavailable }).filter(
    ([, value]) => scaled(value, 1, "up") === undefined,
  );
  const isStuck = isZero(maxSurge) && isZero(maxUnavailable);
  return [
    ...unread.map(
      ([field, value]) => `strategy.rollingUpdate.${field} ${value} is neither a number nor a share like 20%`,
    ),
    ...say(isStuck, "strategy.rollingUpdate: maxSurge and maxUnavailable cannot both be 0"),
  ];
}

const isZero = (value: number | string): boolean => value === 0 || /^0+%?$/.test(String(value));

const CHECKS: readonly Check[] = [
  imageProblems,
  diskProblems,
  loginProblems,
  noticeProblems,
  networkProblems,
  diagnosticsProblems,
  identityProblems,
  strategyProblems,
];

/** @param version  of Kubernetes, "v1.33.2" */
export function specProblems(spec: AzureMachinePoolSpec, version: string | undefined): readonly string[] {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version ?? "") ?? [];
  const isOld = major === "1" && Number(minor) < FIRST_FLEXIBLE_MINOR;
  const isFlexible = spec.orchestrationMode === "Flexible";
  return [
    ...CHECKS.flatMap((check) => check(spec)),
    ...say(isFlexible && isOld, `orchestrationMode Flexible needs Kubernetes 1.${FIRST_FLEXIBLE_MINOR} or newer`),
  ];
}
