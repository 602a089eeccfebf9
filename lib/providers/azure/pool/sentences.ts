/** What a condition tells a person about a scale set that is on its way: which one, how many instances, what comes next. */
import type { ImageReference } from "@azure/arm-compute";
import { makesOthers } from "./latest.ts";
import type { AzureSight, PoolWish, RoleAssignmentWish } from "./sight.ts";

const counted = (count: number): string => (count === 1 ? "1 instance" : `${count} instances`);

const setName = ({ id }: AzureSight): string => `scale set ${id.name} in resource group ${id.resourceGroup}`;

/** The last two names of a gallery's; marketplace images have four of their own. */
function imageName({ communityGalleryImageId, sharedGalleryImageId, id, ...market }: ImageReference): string {
  const armId = communityGalleryImageId ?? sharedGalleryImageId ?? id;
  if (armId === undefined)
    return [market.publisher, market.offer, market.sku, market.version].filter(Boolean).join(":");
  const [, name, version] = /\/images\/([^/]+)\/versions\/([^/]+)$/i.exec(armId) ?? [];
  return name ? `${name} ${version}` : (armId.split("/").at(-1) ?? armId);
}

const modelName = ({ size, imageReference }: PoolWish): string => `${size} with image ${imageName(imageReference)}`;

export function creating(sight: AzureSight): string {
  const { scaleSet, wish } = sight;
  if (!scaleSet && !wish)
    return `there is no ${setName(sight)}, and none is made until what ScaleSetRunning says is mended`;
  const model = wish ? ` of ${modelName(wish)}` : "";
  if (!scaleSet) return `there is no ${setName(sight)} yet: it is made with ${counted(wish?.replicas ?? 0)}${model}`;
  return `Azure is making ${setName(sight)} with ${counted(scaleSet.capacity)}${model}: they join when they have booted`;
}

export function deleting(sight: AzureSight): string {
  const left = sight.machines.length;
  if (!sight.scaleSet) return `${setName(sight)} is gone: what was made beside it goes next`;
  return left > 0
    ? `${counted(left)} of ${setName(sight)} left: each is drained and deleted, then the set goes`
    : `no instance is left: ${setName(sight)} goes next`;
}

/** @param old instances of an older model */
export function outOfDate(sight: AzureSight, old: number): string {
  const { machines, scaleSet, wish } = sight;
  if (old === 0) return `Azure is updating the scale set; none of its ${counted(machines.length)} is of an older model`;
  const which = wish ? modelName(wish) : "the scale set's";
  return `${old} of ${counted(machines.length)} are of an older model than ${which}: ${nextOf(scaleSet, wish, sight)}`;
}

function nextOf(scaleSet: AzureSight["scaleSet"], wish: PoolWish | undefined, sight: AzureSight): string {
  if (sight.deleting) return "they go with the pool";
  if (sight.foreign ?? sight.problem) return "none is replaced until what ScaleSetRunning says is mended";
  if (scaleSet && wish && makesOthers(scaleSet, wish))
    return "the scale set is given the new one first, then each of them is drained and replaced";
  return "each of them is drained, deleted and replaced by a new one";
}

export const roleMissing = ({ definitionId, scope }: RoleAssignmentWish): string =>
  `the scale set's own identity has not got the role ${definitionId} on ${scope} yet: it is assigned next`;

/** @param principalId of the set's own identity */
export function roleUnmanaged({ definitionId, scope }: RoleAssignmentWish, principalId: string | undefined): string {
  const guid = definitionId.split("/").at(-1) ?? definitionId;
  return (
    `this deployment may not give role ${guid} on ${scope} to the scale set's own identity ${principalId ?? ""}: ` +
    "use identity UserAssigned with an identity that has it, or let LIFEGUARD_ASSIGNABLE_ROLES name the role (infra/azure/README.md)"
  );
}
