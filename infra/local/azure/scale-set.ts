/** A VM scale set as it is kept: what the caller wrote, and what Azure adds. */
import { z } from "zod";
import { jsonObject } from "./json.ts";

const tags = z.record(z.string(), z.string());

/** PT5M to PT15M. */
const duration = z.string().regex(/^PT(?:\d+)M$/, "expected an ISO 8601 duration in minutes, e.g. PT15M");

const vmProfile = z.looseObject({
  osProfile: z
    .looseObject({ computerNamePrefix: z.string().exactOptional(), customData: z.string().exactOptional() })
    .exactOptional(),
  storageProfile: z.looseObject({ imageReference: jsonObject.exactOptional() }).exactOptional(),
  networkProfile: jsonObject.exactOptional(),
  extensionProfile: z
    .looseObject({ extensions: z.array(z.looseObject({ name: z.string() })).default([]) })
    .exactOptional(),
  priority: z.enum(["Regular", "Low", "Spot"]).exactOptional(),
  evictionPolicy: z.enum(["Deallocate", "Delete"]).exactOptional(),
  scheduledEventsProfile: z
    .looseObject({
      terminateNotificationProfile: z
        .looseObject({ enable: z.boolean().exactOptional(), notBeforeTimeout: duration.exactOptional() })
        .exactOptional(),
    })
    .exactOptional(),
});
export type VmProfile = z.output<typeof vmProfile>;

export const scaleSetProperties = z.looseObject({
  orchestrationMode: z.enum(["Uniform", "Flexible"]).exactOptional(),
  upgradePolicy: z.looseObject({ mode: z.enum(["Manual", "Automatic", "Rolling"]).exactOptional() }).exactOptional(),
  scaleInPolicy: z
    .looseObject({ rules: z.array(z.enum(["Default", "NewestVM", "OldestVM"])).exactOptional() })
    .exactOptional(),
  virtualMachineProfile: vmProfile.exactOptional(),
  scheduledEventsPolicy: jsonObject.exactOptional(),
});

export const sku = z.looseObject({
  name: z.string().min(1),
  tier: z.string().default("Standard"),
  capacity: z.number().int().min(0).max(1000),
});

/** The body of a PUT or PATCH: of an existing set any part of it. */
export const scaleSetInput = z.looseObject({
  location: z.string().exactOptional(),
  zones: z.array(z.string()).exactOptional(),
  tags: tags.exactOptional(),
  sku: sku.partial().exactOptional(),
  identity: jsonObject.exactOptional(),
  plan: jsonObject.exactOptional(),
  properties: scaleSetProperties.exactOptional(),
});
export type ScaleSetInput = z.output<typeof scaleSetInput>;

export interface ScaleSet {
  /** As its resource group is spelled by who made it. */
  readonly group: string;
  readonly name: string;
  readonly location: string;
  readonly zones: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly sku: z.output<typeof sku>;
  readonly identity?: Readonly<Record<string, unknown>>;
  readonly plan?: Readonly<Record<string, unknown>>;
  readonly properties: z.output<typeof scaleSetProperties>;
  readonly uniqueId: string;
  readonly timeCreated: Date;
  readonly etag: number;
  /** Grows when what new instances are made of changes. */
  readonly model: number;
  /** Of the next Uniform instance. */
  readonly nextInstance: number;
  /** What the last write left; while operations run, they say more. */
  readonly outcome: "Creating" | "Updating" | "Deleting" | "Failed" | "Succeeded";
}

export const TYPE = "Microsoft.Compute/virtualMachineScaleSets";

export const isFlexible = ({ properties }: ScaleSet): boolean => properties.orchestrationMode === "Flexible";
export const profileOf = ({ properties }: ScaleSet): VmProfile => properties.virtualMachineProfile ?? {};

/** Minutes of the terminate notification of instances that are made now; undefined: there is none. */
export function noticeMinutes(profile: VmProfile): number | undefined {
  const { enable, notBeforeTimeout = "PT5M" } = profile.scheduledEventsProfile?.terminateNotificationProfile ?? {};
  return enable ? Number(/\d+/.exec(notBeforeTimeout)?.[0]) : undefined;
}

const publishing = z.object({
  scheduledEventsAdditionalPublishingTargets: z.object({
    eventGridAndResourceGraph: z.object({ enable: z.literal(true) }),
  }),
});

/** Whether scheduled events of the set's instances reach Event Grid and Resource Graph. */
export const publishesEvents = ({ properties }: ScaleSet): boolean =>
  publishing.safeParse(properties.scheduledEventsPolicy).success;
