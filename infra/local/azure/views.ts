/** Scale sets and instances as ARM shows them: never custom data, the group's name in whatever case. */
import { type Instance, imageOf } from "./fleet.ts";
import type { Json } from "./json.ts";
import { armTime, type Place } from "./place.ts";
import { instanceResourceId, resourceId } from "./resource-id.ts";
import { isFlexible, type ScaleSet, TYPE, type VmProfile } from "./scale-set.ts";

function shownProfile(profile: VmProfile): Json {
  const { customData: _, adminPassword: __, ...osProfile } = { ...profile.osProfile };
  return { ...profile, osProfile: { ...osProfile, requireGuestProvisionSignal: true } };
}

export function scaleSetView({ subscriptionId }: Place, set: ScaleSet, provisioningState: string) {
  const { group, name, location, zones, tags, sku, identity, plan, properties } = set;
  const profile = properties.virtualMachineProfile;
  return {
    name,
    id: resourceId(subscriptionId, group, `${TYPE}/${name}`),
    type: TYPE,
    location,
    tags,
    sku,
    ...(zones.length > 0 && { zones }),
    ...(identity && { identity: { ...identity, principalId: set.uniqueId } }),
    ...(plan && { plan }),
    etag: `"${set.etag}"`,
    properties: {
      ...properties,
      ...(profile && { virtualMachineProfile: shownProfile(profile) }),
      provisioningState,
      uniqueId: set.uniqueId,
      timeCreated: armTime(set.timeCreated),
    },
  };
}

/** @source PowerState and ProvisioningState codes of an instance view */
export function instanceView({ state, power, createdAt, computerName }: Instance) {
  const display = (code: string) => code.split("/").at(-1) ?? code;
  const status = (code: string) => ({ code, level: "Info", displayStatus: display(code), time: armTime(createdAt) });
  return {
    computerName,
    statuses: [status(`ProvisioningState/${state.toLowerCase()}`), status(`PowerState/${power}`)],
  };
}

const extensionsOf = ({ profile, state }: Instance) =>
  (profile.extensionProfile?.extensions ?? []).map(({ name }) => ({
    name,
    properties: { provisioningState: state === "Creating" ? "Creating" : "Succeeded" },
  }));

const detailsOf = (one: Instance, withView: boolean) => ({
  vmId: one.vmId,
  hardwareProfile: { vmSize: one.size },
  storageProfile: { imageReference: imageOf(one) },
  osProfile: { computerName: one.computerName, adminUsername: one.profile.osProfile?.adminUsername },
  provisioningState: one.state,
  timeCreated: armTime(one.createdAt),
  ...(withView && { instanceView: instanceView(one) }),
});

const frameOf = (place: Place, one: Instance) => ({
  id: instanceResourceId(place.subscriptionId, one),
  name: one.name,
  instanceId: one.instanceId,
  type: one.flexible ? "Microsoft.Compute/virtualMachines" : `${TYPE}/virtualMachines`,
  location: place.location,
  ...(one.zone && { zones: [one.zone] }),
});

/** An instance as a member of its set; of a Flexible set a list tells little more than its id. */
export function memberView(place: Place, set: ScaleSet, one: Instance, how: { withView: boolean; full: boolean }) {
  const frame = frameOf(place, one);
  const virtualMachineResourceId = isFlexible(set) && { virtualMachineResourceId: frame.id };
  if (isFlexible(set) && !how.full) return { ...frame, properties: { ...virtualMachineResourceId } };
  return {
    ...frame,
    sku: { name: one.size, tier: set.sku.tier },
    tags: one.tags,
    resources: extensionsOf(one),
    properties: {
      ...detailsOf(one, how.withView),
      ...virtualMachineResourceId,
      latestModelApplied: one.model === set.model,
      modelDefinitionApplied: "VirtualMachineScaleSet",
      protectionPolicy: one.protection,
    },
  };
}

/** A Flexible instance as the virtual machine that it is. */
export function virtualMachineView(place: Place, one: Instance, withView: boolean) {
  const { instanceId: _, ...frame } = frameOf(place, one);
  const owner = resourceId(place.subscriptionId, one.group, `${TYPE}/${one.scaleSet}`);
  return {
    ...frame,
    tags: one.tags,
    resources: extensionsOf(one),
    properties: {
      ...detailsOf(one, withView),
      virtualMachineScaleSet: { id: owner },
      priority: one.spot ? "Spot" : "Regular",
      ...(one.spot && { evictionPolicy: one.evictionPolicy }),
    },
  };
}
