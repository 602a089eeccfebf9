/** Sizes that the region offers, as the Compute resource SKUs list describes them. */
import { ArmError } from "./errors.ts";

interface Size {
  readonly family: string;
  readonly cores: number;
  /** "3.5" and the like: text, as the API has it. */
  readonly memoryGb: string;
  readonly capabilities: Readonly<Record<string, boolean>>;
  readonly architecture?: "x64" | "Arm64";
  /** Offered elsewhere, or to others. */
  readonly restricted?: boolean;
}

const MODERN = {
  PremiumIO: true,
  EphemeralOSDiskSupported: true,
  EncryptionAtHostSupported: true,
  AcceleratedNetworkingEnabled: true,
  LowPriorityCapable: true,
  UltraSSDAvailable: false,
};
const ZONES = ["1", "2", "3"];

export const SIZES: Readonly<Record<string, Size>> = {
  Standard_B1s: { family: "standardBSFamily", cores: 1, memoryGb: "1", capabilities: { PremiumIO: true } },
  Standard_A2_v2: { family: "standardAv2Family", cores: 2, memoryGb: "3.5", capabilities: { PremiumIO: false } },
  Standard_D2s_v5: { family: "standardDSv5Family", cores: 2, memoryGb: "8", capabilities: MODERN },
  Standard_D4s_v5: { family: "standardDSv5Family", cores: 4, memoryGb: "16", capabilities: MODERN },
  Standard_D8s_v5: { family: "standardDSv5Family", cores: 8, memoryGb: "32", capabilities: MODERN },
  Standard_D2ps_v5: {
    family: "standardDPSv5Family",
    cores: 2,
    memoryGb: "8",
    capabilities: MODERN,
    architecture: "Arm64",
  },
  Standard_E4s_v5: {
    family: "standardESv5Family",
    cores: 4,
    memoryGb: "32",
    capabilities: { ...MODERN, UltraSSDAvailable: true },
  },
  Standard_ND96asr_v4: {
    family: "standardNDASv4_A100Family",
    cores: 96,
    memoryGb: "900",
    capabilities: MODERN,
    restricted: true,
  },
};

export const isZone = (zone: string): boolean => ZONES.includes(zone);

/** @throws ArmError SkuNotAvailable */
export function sizeNamed(name: string, location: string): Size {
  const size = SIZES[name];
  if (size && !size.restricted) return size;
  throw new ArmError(
    "SkuNotAvailable",
    `The requested VM size for resource 'Following SKUs have failed for Capacity Restrictions: ${name}' is currently not available in location '${location}'.`,
    409,
  );
}

const word = (flag: boolean) => (flag ? "True" : "False");

/** One item of the list; `UltraSSDAvailable` stands with the zones, as in Azure. */
export function describedSku(name: string, size: Size, location: string) {
  const { UltraSSDAvailable = false, ...regional } = size.capabilities;
  const numbers = {
    vCPUs: String(size.cores),
    MemoryGB: size.memoryGb,
    CpuArchitectureType: size.architecture ?? "x64",
  };
  const flags = Object.entries(regional).map(([key, flag]) => [key, word(flag)] as const);
  const capabilities = [...Object.entries(numbers), ...flags].map(([key, value]) => ({ name: key, value }));
  const zoneDetails = UltraSSDAvailable
    ? [{ name: ZONES, capabilities: [{ name: "UltraSSDAvailable", value: "True" }] }]
    : [];
  return {
    resourceType: "virtualMachines",
    name,
    tier: "Standard",
    size: name.replace(/^Standard_/, ""),
    family: size.family,
    locations: [location],
    locationInfo: [{ location, zones: ZONES, zoneDetails }],
    capabilities,
    restrictions: size.restricted
      ? [
          {
            type: "Location",
            values: [location],
            restrictionInfo: { locations: [location] },
            reasonCode: "NotAvailableForSubscription",
          },
        ]
      : [],
  };
}
