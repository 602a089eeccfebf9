/** Works out what a pool asks of Azure; where a person has to mend something first, says what. */
import { RUNTIME_ANNOTATION, WINDOWS_VERSION_ANNOTATION } from "../../../api/azure/azure-machine-pool.ts";
import { identityWish, roleAssignmentWish } from "./identity-wish.ts";
import { chooseImage, imagePlan, imageReference } from "./images.ts";
import { modelOf } from "./model.ts";
import { subnetProblem } from "./network.ts";
import { type AzureRequest, additionalTagsOf, identityOf, isWindows, scaleSetIdOf } from "./request.ts";
import type { PoolWish, Problem } from "./sight.ts";
import { specProblems } from "./spec-problems.ts";
import { ownershipTags } from "./tags.ts";
import { canonical, sha256 } from "./text-of.ts";

export type Wished = { readonly wish: PoolWish } | { readonly problem: Problem };

/** Upstream's reason for a set that cannot be made. */
const refuse = (message: string): Wished => ({ problem: { reason: "ScaleSetProvisionFailed", message } });

export function wishOf(request: AzureRequest): Wished {
  const { pool, machinePool, bootstrap } = request;
  const { spec, metadata } = pool;
  const { version } = machinePool.spec.template.spec;
  const wrong = specProblems(spec, version);
  if (wrong.length > 0) return refuse(`the spec of AzureMachinePool ${metadata.name} is refused: ${wrong.join("; ")}`);
  const subnet = subnetProblem(request);
  if (subnet) return refuse(subnet);
  if (!bootstrap) return refuse("there is no bootstrap data to make instances with");
  if (bootstrap.format === "ignition" && isWindows(request)) return refuse("Windows does not read ignition");
  const choice = chooseImage({
    image: spec.template.image,
    version,
    isWindows: isWindows(request),
    windowsVersion: metadata.annotations?.[WINDOWS_VERSION_ANNOTATION],
    runtime: metadata.annotations?.[RUNTIME_ANNOTATION],
  });
  if ("refused" in choice) return refuse(choice.refused);
  return { wish: assemble(request, choice.image, Buffer.from(bootstrap.value).toString("base64")) };
}

function assemble(request: AzureRequest, image: PoolWish["image"], customData: string): PoolWish {
  const { pool, machinePool, subscriptionId } = request;
  const id = scaleSetIdOf(request);
  const { replicas } = machinePool.spec;
  const model = modelOf(request, image, id.name);
  const plan = imagePlan(image);
  const size = pool.spec.template.vmSize;
  const roleAssignment = roleAssignmentWish(pool.spec, subscriptionId, uuidOf(pool.metadata.uid ?? id.name));
  return {
    id,
    ...(replicas !== undefined && { replicas }),
    size,
    zones: [...(machinePool.spec.failureDomains ?? [])].sort(),
    identity: identityWish(pool.spec),
    image,
    imageReference: imageReference(image),
    ...(plan && { plan }),
    tags: ownershipTags(identityOf(request), additionalTagsOf(request)),
    model,
    modelHash: sha256(canonical({ profile: model.virtualMachineProfile, events: model.scheduledEventsPolicy, size })),
    customData,
    customDataHash: sha256(customData),
    isWindows: isWindows(request),
    ...(roleAssignment && { roleAssignment }),
  };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The object's own, which is one already; of anything else one that stays the same. */
export function uuidOf(uid: string): string {
  if (UUID.test(uid)) return uid;
  const hex = sha256(uid);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
