/** What new instances are made of, as Azure is asked for it: a pool's template as properties of a scale set. */
import type {
  VirtualMachineScaleSet,
  VirtualMachineScaleSetDataDisk,
  VirtualMachineScaleSetManagedDiskParameters,
  VirtualMachineScaleSetOSDisk,
  VirtualMachineScaleSetVMProfile,
} from "@azure/arm-compute";
import type {
  AzureDataDisk,
  AzureImage,
  AzureMachinePoolTemplate,
  AzureManagedDisk,
} from "../../../api/azure/azure-machine-template.ts";
import { extensionsOf } from "./extensions.ts";
import { imageReference } from "./images.ts";
import { dollarsOf } from "./quantity.ts";
import { type AzureRequest, isFlexible, isWindows } from "./request.ts";

const ULTRA = "UltraSSD_LRS";
/** Of the preview that tells of scheduled events outside the machines. */
const EVENTS_API_VERSION = "2020-07-01";

export const wantsUltraSsd = ({ dataDisks = [], additionalCapabilities }: AzureMachinePoolTemplate): boolean =>
  additionalCapabilities?.ultraSSDEnabled ??
  dataDisks.some(({ managedDisk }) => managedDisk?.storageAccountType === ULTRA);

/**
 * Without what is secret, made up anew, looked up, or a matter of size: those are added when it is sent.
 * @source CAPZ azure/services/scalesets/spec.go (Parameters)
 */
export function modelOf(request: AzureRequest, image: AzureImage, name: string): VirtualMachineScaleSet {
  const { pool, surroundings } = request;
  const { spec } = pool;
  const zones = request.machinePool.spec.failureDomains ?? [];
  const faultDomains = spec.platformFaultDomainCount ?? (isFlexible(request) ? 1 : undefined);
  const { extendedLocation } = surroundings;
  return {
    location: spec.location,
    singlePlacementGroup: false,
    ...(isFlexible(request)
      ? { orchestrationMode: "Flexible" }
      : { orchestrationMode: "Uniform", overprovision: false, upgradePolicy: { mode: "Manual" } }),
    ...(faultDomains !== undefined && { platformFaultDomainCount: faultDomains }),
    ...(spec.zoneBalance !== undefined && zones.length > 1 && { zoneBalance: spec.zoneBalance }),
    ...(extendedLocation && { extendedLocation }),
    ...(wantsUltraSsd(spec.template) && { additionalCapabilities: { ultraSSDEnabled: true } }),
    ...(request.publishScheduledEvents && { scheduledEventsPolicy: eventsPolicy }),
    virtualMachineProfile: profileOf(request, image, name),
  };
}

const eventsPolicy = {
  scheduledEventsAdditionalPublishingTargets: {
    eventGridAndResourceGraph: { enable: true, scheduledEventsApiVersion: EVENTS_API_VERSION },
  },
};

function profileOf(request: AzureRequest, image: AzureImage, name: string): VirtualMachineScaleSetVMProfile {
  const { template } = request.pool.spec;
  const { terminateNotificationTimeout: minutes, securityProfile } = template;
  const extensions = extensionsOf(request);
  return {
    ...spotOf(template),
    osProfile: {
      computerNamePrefix: name,
      adminUsername: "capi",
      ...(isWindows(request)
        ? { windowsConfiguration: { enableAutomaticUpdates: false } }
        : { linuxConfiguration: { disablePasswordAuthentication: true } }),
    },
    storageProfile: {
      imageReference: imageReference(image),
      osDisk: osDiskOf(template),
      dataDisks: (template.dataDisks ?? []).map((disk, index) => dataDiskOf(disk, index, name)),
    },
    ...(securityProfile?.encryptionAtHost !== undefined && {
      securityProfile: { encryptionAtHost: securityProfile.encryptionAtHost },
    }),
    diagnosticsProfile: { bootDiagnostics: bootDiagnosticsOf(template) },
    extensionProfile: { extensions },
    ...(minutes !== undefined && {
      scheduledEventsProfile: {
        terminateNotificationProfile: { enable: true, notBeforeTimeout: `PT${minutes}M` },
      },
    }),
  };
}

function spotOf({ spotVMOptions }: AzureMachinePoolTemplate): VirtualMachineScaleSetVMProfile {
  if (!spotVMOptions) return {};
  const { evictionPolicy, maxPrice } = spotVMOptions;
  const dollars = maxPrice === undefined ? undefined : dollarsOf(maxPrice);
  return {
    priority: "Spot",
    ...(evictionPolicy && { evictionPolicy }),
    ...(dollars !== undefined && { billingProfile: { maxPrice: dollars } }),
  };
}

function osDiskOf({ osDisk }: AzureMachinePoolTemplate): VirtualMachineScaleSetOSDisk {
  const { osType, diskSizeGB, managedDisk, diffDiskSettings, cachingType } = osDisk;
  return {
    osType: osType === "Windows" ? "Windows" : "Linux",
    createOption: "FromImage",
    ...(diskSizeGB !== undefined && { diskSizeGB }),
    ...(cachingType && { caching: cachingType }),
    ...(diffDiskSettings && {
      diffDiskSettings: {
        option: diffDiskSettings.option,
        ...(diffDiskSettings.placement && { placement: diffDiskSettings.placement }),
      },
    }),
    ...(managedDisk && { managedDisk: managedDiskOf(managedDisk) }),
  };
}

const dataDiskOf = (disk: AzureDataDisk, index: number, name: string): VirtualMachineScaleSetDataDisk => ({
  name: `${name}_${disk.nameSuffix}`,
  lun: disk.lun ?? index,
  createOption: "Empty",
  diskSizeGB: disk.diskSizeGB,
  ...(disk.cachingType && { caching: disk.cachingType }),
  ...(disk.managedDisk && { managedDisk: managedDiskOf(disk.managedDisk) }),
});

function managedDiskOf(disk: AzureManagedDisk): VirtualMachineScaleSetManagedDiskParameters {
  const { storageAccountType, diskEncryptionSet, securityProfile } = disk;
  const { securityEncryptionType, diskEncryptionSet: guestSet } = securityProfile ?? {};
  return {
    ...(storageAccountType && { storageAccountType }),
    ...(diskEncryptionSet?.id && { diskEncryptionSet: { id: diskEncryptionSet.id } }),
    ...(securityProfile && {
      securityProfile: {
        ...(securityEncryptionType && { securityEncryptionType }),
        ...(guestSet?.id && { diskEncryptionSet: { id: guestSet.id } }),
      },
    }),
  };
}

function bootDiagnosticsOf({ diagnostics }: AzureMachinePoolTemplate) {
  const { storageAccountType = "Managed", userManaged } = diagnostics?.boot ?? {};
  if (storageAccountType === "Disabled") return { enabled: false };
  const isOwn = storageAccountType === "UserManaged" && userManaged;
  return { enabled: true, ...(isOwn && { storageUri: userManaged.storageAccountURI }) };
}
