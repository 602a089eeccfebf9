/** Works out what a pool asks of AWS; where a person has to mend something first, says what. */
import type { BootstrapData } from "../../pool-provider.ts";
import { groupShape, suspendedProcesses } from "./group-shape.ts";
import { wishedHooks } from "./hooks.ts";
import { chooseImage } from "./image.ts";
import type { Lookups } from "./lookups.ts";
import type { ObjectStore } from "./object-store.ts";
import { edgePlaces, type PlacementWish, placeGroup } from "./placement.ts";
import { type AwsRequest, additionalTagsOf, identityOf, replicasOf } from "./request.ts";
import type { PoolWish, Problem, TemplateFacts } from "./sight.ts";
import { specProblems } from "./spec-problems.ts";
import { type StoredData, storedData } from "./stored-data.ts";
import { hookTags, ownershipTags, resourceTags } from "./tags.ts";
import { templateData } from "./template-data.ts";
import { sha256 } from "./template-fingerprint.ts";
import { isStored, userDataOf } from "./user-data.ts";

export type Wished = { readonly wish: PoolWish } | { readonly problem: Problem };

export interface Wishing {
  readonly request: AwsRequest;
  readonly template: TemplateFacts | undefined;
  readonly lookups: Lookups;
  readonly objects: ObjectStore;
  readonly hookPrefix: string;
}

const template = (reason: string, message: string) =>
  ({ problem: { condition: "LaunchTemplateReady", reason, message } }) as const;
const group = (message: string) =>
  ({ problem: { condition: "ASGReady", reason: "ASGProvisionFailed", message } }) as const;

/** @throws ProviderError where AWS does not answer */
export async function wishOf(wishing: Wishing): Promise<Wished> {
  const { request } = wishing;
  const { pool } = request;
  const wrong = specProblems(pool.spec);
  if (wrong.length > 0)
    return group(`the spec of AWSMachinePool ${pool.metadata.name} is refused: ${wrong.join("; ")}`);
  const placement: PlacementWish = {
    ...request,
    spec: pool.spec,
    failureDomains: request.machinePool.spec.failureDomains ?? [],
  };
  const edges = pool.spec.awsLaunchTemplate?.enclaveOptions?.enabled ? edgePlaces(placement) : [];
  if (edges.length > 0) {
    return template(
      "NitroEnclaveEdgeZoneUnsupported",
      `Nitro enclaves do not exist in local and wavelength zones: ${edges.join(", ")}`,
    );
  }
  const data = await templateDataOf(wishing);
  if ("problem" in data) return data;
  const placed = await placeGroup(placement, wishing.lookups);
  if ("refused" in placed) return group(placed.refused);
  return { wish: assemble(wishing, data, placed.subnetIds) };
}

interface DataFound {
  readonly data: PoolWish["templateData"];
  readonly object?: PoolWish["object"];
  readonly description: string;
}

function assemble(
  { request, hookPrefix }: Wishing,
  { data, object, description }: DataFound,
  subnetIds: readonly string[],
): PoolWish {
  const { spec } = request.pool;
  const identity = identityOf(request);
  const tags = resourceTags(identity, additionalTagsOf(request));
  const { disable = false, strategy = "Rolling", ...preferences } = spec.refreshPreferences ?? {};
  const replicas = replicasOf(request);
  return {
    name: identity.name,
    templateData: data,
    ...(object && { object }),
    templateDescription: description,
    templateTags: tags,
    groupTags: { ...tags, ...hookTags((spec.lifecycleHooks ?? []).map(({ name }) => name)) },
    group: groupShape(spec, subnetIds),
    hooks: wishedHooks(request.pool, hookPrefix),
    suspended: suspendedProcesses(spec),
    refresh: { disabled: disable, strategy, ...preferences },
    ...(replicas !== undefined && { replicas }),
  };
}

async function templateDataOf(wishing: Wishing): Promise<DataFound | { readonly problem: Problem }> {
  const { request, lookups } = wishing;
  const { bootstrap, pool, machinePool } = request;
  if (!bootstrap)
    return template("LaunchTemplateReconcileFailed", "there is no bootstrap data to launch instances with");
  const spec = pool.spec.awsLaunchTemplate ?? {};
  const user = await userData(wishing, bootstrap);
  if ("problem" in user) return user;
  const kubernetesVersion = machinePool.spec.template.spec.version;
  const latest = wishing.template?.versions.at(-1);
  const image = await chooseImage({ ...request, template: spec, kubernetesVersion }, latest, lookups);
  if ("refused" in image) return template("LaunchTemplateCreateFailed", image.refused);
  const groups = await securityGroups(wishing);
  if ("refused" in groups) return template("LaunchTemplateCreateFailed", groups.refused);
  const root = await rootDevice(wishing, image.imageId);
  if ("refused" in root) return template("LaunchTemplateCreateFailed", root.refused);
  const data = templateData(spec, {
    imageId: image.imageId,
    ...(root.name && { rootDeviceName: root.name }),
    securityGroupIds: groups.ids,
    userData: user.userData,
    bootstrapSecret: `${pool.metadata.namespace ?? ""}/${bootstrap.secretName}`,
    bootstrapHash: sha256(bootstrap.value),
    ...(user.contentHash && { contentHash: user.contentHash }),
    tags: ownershipTags(identityOf(request), additionalTagsOf(request)),
  });
  return { data, ...(user.object && { object: user.object }), description: image.description };
}

type UserData = Pick<StoredData, "userData"> & Partial<StoredData>;

const userData = async (
  { request, template, objects }: Wishing,
  bootstrap: BootstrapData,
): Promise<UserData | { readonly problem: Problem }> =>
  isStored(bootstrap, request.pool.spec.ignition)
    ? storedData({ request, bootstrap, template, objects })
    : userDataOf(bootstrap);

type Refused = { readonly refused: string };

/** A size below the snapshot's would fail at each launch; better said at once. */
async function rootDevice(
  { request, lookups }: Wishing,
  imageId: string,
): Promise<{ readonly name?: string } | Refused> {
  const volume = request.pool.spec.awsLaunchTemplate?.rootVolume;
  if (!volume) return {};
  const found = await lookups.rootDevice(imageId);
  if (!found)
    return { refused: `image ${imageId} does not exist, or says no root device for spec.awsLaunchTemplate.rootVolume` };
  if (volume.size < found.gibibytes) {
    return { refused: `rootVolume.size ${volume.size} is below the ${found.gibibytes} GiB of image ${imageId}` };
  }
  return { name: found.name };
}

/** @source CAPA pkg/cloud/services/ec2/instances.go (GetCoreNodeSecurityGroups) */
async function securityGroups({ request, lookups }: Wishing): Promise<{ readonly ids: readonly string[] } | Refused> {
  const { infrastructure, isEks, pool } = request;
  const known = infrastructure.status?.networkStatus?.securityGroups ?? {};
  const roles = isEks ? ["node", "node-eks-additional"] : ["node", "lb"];
  const missing = roles.find((role) => !known[role]?.id);
  if (missing) return { refused: `the cluster's security group for role ${missing} is not there yet` };
  const references = pool.spec.awsLaunchTemplate?.additionalSecurityGroups ?? [];
  const looked: string[] = [];
  for (const { filters } of references) {
    if (filters?.length) looked.push(...(await lookups.securityGroups(filters)));
  }
  return {
    ids: [...roles.flatMap((role) => known[role]?.id ?? []), ...references.flatMap(({ id }) => id ?? []), ...looked],
  };
}
