/** What a size can do in a region, asked of Azure once in a while, and what of a pool it cannot. */
import type { ComputeManagementClient, ResourceSku } from "@azure/arm-compute";
import type { AzureMachinePoolTemplate } from "../../../api/azure/azure-machine-template.ts";
import { asAzure } from "../errors.ts";
import { wantsUltraSsd } from "./model.ts";
import { quantityOf } from "./quantity.ts";

export interface Size {
  readonly name: string;
  readonly processors: number;
  readonly gibibytes: number;
  readonly acceleratedNetworking: boolean;
  readonly ephemeralOsDisk: boolean;
  readonly encryptionAtHost: boolean;
  readonly zones: readonly string[];
  /** "" stands for the region itself. */
  readonly ultraSsdZones: readonly string[];
  /** This subscription may not use it here. */
  readonly restricted: boolean;
}

/** undefined: the region does not offer it. Throws ProviderError. */
export type SizeReader = (region: string, name: string) => Promise<Size | undefined>;

const FRESH_MILLISECONDS = 3_600_000;

interface Kept {
  readonly until: number;
  readonly sizes: Promise<ReadonlyMap<string, Size>>;
}

/** The list of a region has thousands of entries: it is asked for once an hour. A failure is not kept. */
export function sizeReader(client: ComputeManagementClient, now: () => Date): SizeReader {
  const kept = new Map<string, Kept>();
  const ask = (region: string): Promise<ReadonlyMap<string, Size>> =>
    asAzure("Microsoft.Compute/skus/read", async () => {
      const sizes = new Map<string, Size>();
      for await (const one of client.resourceSkus.list({ filter: `location eq '${region}'` })) {
        if (one.resourceType === "virtualMachines" && one.name) sizes.set(one.name.toLowerCase(), sizeOf(one, region));
      }
      return sizes;
    });
  return async (region, name) => {
    const known = kept.get(region);
    const isFresh = known !== undefined && now().getTime() < known.until;
    const sizes = isFresh ? known.sizes : ask(region);
    if (!isFresh) kept.set(region, { sizes, until: now().getTime() + FRESH_MILLISECONDS });
    try {
      return (await sizes).get(name.toLowerCase());
    } catch (error) {
      kept.delete(region);
      throw error;
    }
  };
}

const isTrue = (value: string | undefined): boolean => value?.toLowerCase() === "true";

/** @source Microsoft.Compute skus: capabilities are texts, those of zones stand in locationInfo */
function sizeOf(
  { name = "", capabilities = [], locationInfo = [], restrictions = [] }: ResourceSku,
  region: string,
): Size {
  const told = new Map(capabilities.map((one) => [one.name, one.value]));
  const here = locationInfo.find(({ location }) => location?.toLowerCase() === region.toLowerCase());
  const ultra = (here?.zoneDetails ?? [])
    .filter((detail) => detail.capabilities?.some((one) => one.name === "UltraSSDAvailable" && isTrue(one.value)))
    .flatMap((detail) => detail.name ?? []);
  return {
    name,
    processors: Number(told.get("vCPUs") ?? 0),
    gibibytes: quantityOf(told.get("MemoryGB") ?? "0") ?? 0,
    acceleratedNetworking: isTrue(told.get("AcceleratedNetworkingEnabled")),
    ephemeralOsDisk: isTrue(told.get("EphemeralOSDiskSupported")),
    encryptionAtHost: isTrue(told.get("EncryptionAtHostSupported")),
    zones: here?.zones ?? [],
    ultraSsdZones: [...ultra, ...(isTrue(told.get("UltraSSDAvailable")) ? [""] : [])],
    restricted: restrictions.some(({ type }) => type === "Location"),
  };
}

const LEAST_PROCESSORS = 2;
const LEAST_GIBIBYTES = 2;

/** @returns one sentence per problem (CAPZ azure/services/scalesets/scalesets.go validateSpec) */
export function sizeProblems(
  size: Size,
  template: AzureMachinePoolTemplate,
  failureDomains: readonly string[],
): readonly string[] {
  const { name } = size;
  const say = (isWrong: boolean | undefined, sentence: string) => (isWrong ? [sentence] : []);
  const absent = failureDomains.filter((zone) => !size.zones.includes(zone));
  const ultraPlaces = failureDomains.length > 0 ? failureDomains : [""];
  const withoutUltra = wantsUltraSsd(template) ? ultraPlaces.filter((zone) => !size.ultraSsdZones.includes(zone)) : [];
  const wantsEncryption = template.securityProfile?.encryptionAtHost === true;
  return [
    ...say(size.restricted, `${name} is not offered to this subscription in this region`),
    ...say(size.processors < LEAST_PROCESSORS, `${name} has fewer than ${LEAST_PROCESSORS} processors`),
    ...say(size.gibibytes < LEAST_GIBIBYTES, `${name} has less than ${LEAST_GIBIBYTES} GiB of memory`),
    ...say(template.osDisk.diffDiskSettings && !size.ephemeralOsDisk, `${name} can have no ephemeral OS disk`),
    ...say(wantsEncryption && !size.encryptionAtHost, `${name} cannot encrypt at its host`),
    ...withoutUltra.map((zone) => `${name} can have no UltraSSD disks in ${zone ? `zone ${zone}` : "this region"}`),
    ...absent.map((zone) => `${name} is not offered in zone ${zone}`),
  ];
}
