/** What upstream's webhook would refuse, said where nobody runs it (CAPA exp/webhooks/awsmachinepool_webhook.go). */
import type { AwsLaunchTemplate, AwsResourceReference, AwsVolume } from "../../../api/aws/aws-launch-template.ts";
import type { AwsLifecycleHook, AwsMachinePoolSpec } from "../../../api/aws/aws-machine-pool.ts";
import { durationSeconds } from "../duration.ts";
import { isTooOldFor } from "./ignition.ts";

type Problems = readonly string[];
type Check = (spec: AwsMachinePoolSpec) => Problems;

const when = (isWrong: boolean, said: string): Problems => (isWrong ? [said] : []);

const cooldown: Check = ({ defaultCoolDown = "0s" }) =>
  when(durationSeconds(defaultCoolDown) === undefined, "defaultCoolDown must be a duration that is not negative");

/** Upstream's webhook lets these two through: the one would become the default without a word, the other fails at each refresh. */
const warmup: Check = ({ defaultInstanceWarmup = "0s" }) =>
  when(
    durationSeconds(defaultInstanceWarmup) === undefined,
    `defaultInstanceWarmup ${defaultInstanceWarmup} is no duration such as 5m0s`,
  );

const STRATEGIES: readonly string[] = ["", "Rolling", "ReplaceRootVolume"];

const strategy: Check = ({ refreshPreferences: { strategy: said = "" } = {} }) =>
  when(!STRATEGIES.includes(said), `refreshPreferences.strategy ${said} is neither Rolling nor ReplaceRootVolume`);

const sizes: Check = ({ minSize = 1, maxSize = 1 }) =>
  when(minSize > maxSize, `minSize ${minSize} is above maxSize ${maxSize}`);

const volumes: Check = ({ awsLaunchTemplate: { rootVolume, nonRootVolumes = [] } = {} }) => [
  ...(rootVolume ? volume("rootVolume", rootVolume) : []),
  ...nonRootVolumes.flatMap((one, index) => [
    ...volume(`nonRootVolumes[${index}]`, one),
    ...when(!one.deviceName, `nonRootVolumes[${index}] needs a deviceName`),
  ]),
];

const GP3_THROUGHPUT = { least: 125, most: 2000 };

function volume(name: string, { type = "", iops, throughput }: AwsVolume): Problems {
  const { least, most } = GP3_THROUGHPUT;
  // Of 0 upstream sends nothing, and neither do we.
  const isOdd = throughput && (type !== "gp3" || throughput < least || throughput > most);
  return [
    ...when((type === "io1" || type === "io2") && !iops, `${name} of type ${type} needs iops`),
    ...when(Boolean(isOdd), `${name}.throughput is for gp3 and ${least} to ${most}`),
  ];
}

const MOST_TAGS = 50;

const tags: Check = ({ additionalTags = {} }) => {
  const entries = Object.entries(additionalTags);
  const odd = entries.filter(([key, value]) => {
    const fits = /^[\p{L}\p{N}\p{Z}_.:=+\-@/]{1,128}$/u.test(key) && /^[\p{L}\p{N}\p{Z}_.:=+\-@/]{0,256}$/u.test(value);
    return !fits || key.toLowerCase().startsWith("aws:");
  });
  return [
    ...when(entries.length > MOST_TAGS, `additionalTags has more than ${MOST_TAGS} tags`),
    ...odd.map(([key]) => `additionalTags ${key} is no tag that AWS takes`),
  ];
};

const references =
  (field: string, read: (spec: AwsMachinePoolSpec) => readonly AwsResourceReference[] | undefined): Check =>
  (spec) =>
    (read(spec) ?? []).flatMap(({ id, filters = [] }, index) =>
      when((id !== undefined) === filters.length > 0, `${field}[${index}] needs either an id or filters`),
    );

const spot: Check = ({ mixedInstancesPolicy, awsLaunchTemplate }) =>
  when(
    mixedInstancesPolicy !== undefined && awsLaunchTemplate?.spotMarketOptions !== undefined,
    "spotMarketOptions and mixedInstancesPolicy exclude each other",
  );

const refresh: Check = ({ refreshPreferences: { minHealthyPercentage: least, maxHealthyPercentage: most } = {} }) => {
  if (most === undefined) return [];
  if (least === undefined) return ["refreshPreferences.maxHealthyPercentage needs minHealthyPercentage"];
  return when(most - least > 100, "maxHealthyPercentage lies more than 100 above minHealthyPercentage");
};

const market: Check = ({ awsLaunchTemplate = {} }) => {
  const { marketType, spotMarketOptions, capacityReservationId: reservation } = awsLaunchTemplate;
  const isSpot = marketType === "Spot" || spotMarketOptions !== undefined;
  return [
    ...when(
      (marketType === "CapacityBlock" || marketType === "OnDemand") && spotMarketOptions !== undefined,
      `marketType ${marketType} excludes spotMarketOptions`,
    ),
    ...when(marketType === "CapacityBlock" && !reservation, "marketType CapacityBlock needs capacityReservationId"),
    ...when(isSpot && Boolean(reservation), "Spot excludes capacityReservationId"),
    ...preference(awsLaunchTemplate),
  ];
};

const preference = ({ capacityReservationId, capacityReservationPreference: said = "" }: AwsLaunchTemplate): Problems =>
  when(
    Boolean(capacityReservationId) && said !== "" && said !== "CapacityReservationsOnly",
    "with capacityReservationId the preference may only be CapacityReservationsOnly",
  );

const HEARTBEAT_SECONDS = { least: 30, most: 172_800 };

const hooks: Check = ({ lifecycleHooks = [] }) => lifecycleHooks.flatMap(hook);

function hook({ name, notificationTargetARN, roleARN, heartbeatTimeout }: AwsLifecycleHook): Problems {
  const seconds = heartbeatTimeout === undefined ? HEARTBEAT_SECONDS.least : durationSeconds(heartbeatTimeout);
  const { least, most } = HEARTBEAT_SECONDS;
  return [
    ...when(!name, "a lifecycle hook needs a name"),
    ...when(
      !notificationTargetARN !== !roleARN,
      `hook ${name} needs both notificationTargetARN and roleARN, or neither`,
    ),
    ...when(
      seconds === undefined || seconds < least || seconds > most,
      `hook ${name} has a heartbeatTimeout outside ${least} s to ${most} s`,
    ),
  ];
}

const ignited: Check = ({ ignition }) =>
  when(
    ignition?.storageType === "ClusterObjectStore" && isTooOldFor(ignition),
    "ignition.proxy and ignition.tls need ignition.version 3.1 or newer",
  );

const CHECKS: readonly Check[] = [
  cooldown,
  warmup,
  strategy,
  sizes,
  volumes,
  tags,
  references("subnets", ({ subnets }) => subnets),
  references(
    "awsLaunchTemplate.additionalSecurityGroups",
    ({ awsLaunchTemplate }) => awsLaunchTemplate?.additionalSecurityGroups,
  ),
  spot,
  refresh,
  market,
  hooks,
  ignited,
];

/** Each says what to change; empty: nothing is wrong. */
export const specProblems = (spec: AwsMachinePoolSpec): readonly string[] => CHECKS.flatMap((check) => check(spec));
