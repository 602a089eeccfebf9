/** From a PUT's or PATCH's body to the set it makes, with Azure's own refusals. */
import { isDeepStrictEqual } from "node:util";
import { ArmError, invalid } from "./errors.ts";
import { merged, read } from "./json.ts";
import type { Place } from "./place.ts";
import { type ScaleSet, type ScaleSetInput, scaleSetProperties, sku, type VmProfile } from "./scale-set.ts";
import { isZone, sizeNamed } from "./skus.ts";

const PREFIX_LONGEST = 58;

function checkProfile(profile: VmProfile): void {
  const { osProfile, storageProfile, priority = "Regular", evictionPolicy } = profile;
  const prefix = osProfile?.computerNamePrefix;
  if (!prefix) throw invalid("Required parameter 'computerNamePrefix' is missing (null).");
  if (prefix.length > PREFIX_LONGEST) throw invalid(`computerNamePrefix '${prefix}' is longer than ${PREFIX_LONGEST}.`);
  if (!storageProfile?.imageReference) throw invalid("Required parameter 'imageReference' is missing (null).");
  if (evictionPolicy && priority === "Regular") {
    throw invalid("Eviction policy can be set only on Azure Spot Virtual Machine Scale Sets.");
  }
  const { customData } = osProfile ?? {};
  if (customData !== undefined && Buffer.from(customData, "base64").toString("base64") !== customData) {
    throw invalid("Custom data in OSProfile must be in Base64 encoding.");
  }
  const { enable, notBeforeTimeout = "PT5M" } = profile.scheduledEventsProfile?.terminateNotificationProfile ?? {};
  const minutes = Number(/\d+/.exec(notBeforeTimeout)?.[0]);
  if (enable && (minutes < 5 || minutes > 15)) throw invalid("notBeforeTimeout must be between PT5M and PT15M.");
}

/** @source Orchestration modes for virtual machine scale sets */
function checkMode({ properties, location }: ScaleSet): void {
  const { orchestrationMode, virtualMachineProfile } = properties;
  if (orchestrationMode !== "Flexible") {
    if (!virtualMachineProfile) throw invalid("Required parameter 'virtualMachineProfile' is missing (null).");
    if (!properties.upgradePolicy?.mode) throw invalid("Required parameter 'upgradePolicy.mode' is missing (null).");
    return;
  }
  for (const member of ["overprovision"]) {
    if (properties[member] !== undefined) {
      throw invalid(
        `Parameter '${member}' is not allowed for scale sets in Flexible orchestration mode (${location}).`,
      );
    }
  }
  if (properties.platformFaultDomainCount === undefined) {
    throw invalid("Required parameter 'platformFaultDomainCount' is missing (null).");
  }
  const network = virtualMachineProfile?.networkProfile;
  if (network && network.networkApiVersion === undefined) {
    throw invalid("Required parameter 'networkApiVersion' is missing (null) for Flexible orchestration mode.");
  }
}

function check(set: ScaleSet): ScaleSet {
  sizeNamed(set.sku.name, set.location);
  const wrong = set.zones.find((zone) => !isZone(zone));
  if (wrong) throw new ArmError("InvalidAvailabilityZone", `The zone '${wrong}' is not supported in ${set.location}.`);
  checkMode(set);
  if (set.properties.virtualMachineProfile) checkProfile(set.properties.virtualMachineProfile);
  return set;
}

/** @throws ArmError */
export function newScaleSet(place: Place, at: Pick<ScaleSet, "group" | "name">, input: ScaleSetInput): ScaleSet {
  const { location, zones = [], tags = {}, identity, plan, properties = {} } = input;
  if (location === undefined) {
    throw new ArmError("LocationRequired", "The location property is required for this definition.");
  }
  if (location.replaceAll(" ", "").toLowerCase() !== place.location) {
    throw new ArmError("LocationNotAvailableForResourceType", `The local Azure has no location but ${place.location}.`);
  }
  return check({
    ...at,
    location: place.location,
    zones,
    tags,
    sku: read(sku, { capacity: 0, ...input.sku }),
    ...(identity && { identity }),
    ...(plan && { plan }),
    properties: { orchestrationMode: "Uniform", singlePlacementGroup: true, ...properties },
    uniqueId: place.ids.uuid(),
    timeCreated: place.clock.now(),
    etag: 1,
    model: 1,
    nextInstance: 0,
    outcome: "Creating",
  });
}

const unchangeable = (property: string) =>
  new ArmError("PropertyChangeNotAllowed", `Changing property '${property}' is not allowed.`, 409);

function checkChange(old: ScaleSet, next: ScaleSet, input: ScaleSetInput): void {
  const { location } = input;
  if (location && location.replaceAll(" ", "").toLowerCase() !== old.location) {
    throw new ArmError(
      "InvalidResourceLocation",
      `The resource '${old.name}' already exists in '${old.location}'.`,
      409,
    );
  }
  if (next.properties.orchestrationMode !== old.properties.orchestrationMode) throw unchangeable("orchestrationMode");
  if (old.zones.some((zone) => !next.zones.includes(zone))) throw unchangeable("zones");
  const priority = ({ properties }: ScaleSet) => properties.virtualMachineProfile?.priority ?? "Regular";
  if (priority(old) !== priority(next)) throw unchangeable("priority");
}

const WITHOUT_IMAGE = { virtualMachineProfile: { storageProfile: { imageReference: null } } };

/** An image reference is one choice of several: another one takes its place whole. */
function changedProperties(old: ScaleSet, { properties = {} }: ScaleSetInput) {
  const { imageReference } = properties.virtualMachineProfile?.storageProfile ?? {};
  const rest = imageReference ? merged(old.properties, WITHOUT_IMAGE) : old.properties;
  return read(scaleSetProperties, merged(rest, properties));
}

/**
 * What the input does not name stays as it is; tags are replaced as a whole.
 * @throws ArmError
 */
export function changedScaleSet(old: ScaleSet, input: ScaleSetInput): ScaleSet {
  const { zones = old.zones, tags = old.tags, identity = old.identity, plan = old.plan } = input;
  const properties = changedProperties(old, input);
  const next: ScaleSet = {
    ...old,
    zones,
    tags,
    ...(identity && { identity }),
    ...(plan && { plan }),
    sku: read(sku, { ...old.sku, ...input.sku }),
    properties,
    etag: old.etag + 1,
  };
  checkChange(old, next, input);
  const modelOf = (set: ScaleSet) => [set.properties.virtualMachineProfile, set.sku.name, set.zones];
  const same = isDeepStrictEqual(modelOf(old), modelOf(next));
  return check({ ...next, model: old.model + (same ? 0 : 1) });
}
