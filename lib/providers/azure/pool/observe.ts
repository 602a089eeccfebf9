/** Looks at a pool's scale set in Azure: what is ours, what is wished, and what became of what was begun. */
import type { PoolMember } from "../../pool-provider.ts";
import { scaleSetId } from "../provider-id.ts";
import { readRole } from "./arm-parts.ts";
import type { AzureClients } from "./clients.ts";
import { mayAssign, roleAssignmentWish } from "./identity-wish.ts";
import { modelDifference } from "./latest.ts";
import { networkProfileOf } from "./network.ts";
import { type Operation, poll, storedOperation } from "./operations.ts";
import { scaleSetReader } from "./read.ts";
import {
  type AzureRequest,
  additionalTagsOf,
  identityOf,
  isDeleting,
  isExternallyManaged,
  isFlexible,
  scaleSetIdOf,
} from "./request.ts";
import type { AzureSight, Creation, PoolWish, Problem, RoleAssignmentWish, ScaleSetFacts } from "./sight.ts";
import { sizeProblems } from "./skus.ts";
import { appliedTags, foreignness } from "./tags.ts";
import { uuidOf, wishOf } from "./wish.ts";

/** @throws ProviderError; what a person has to mend is said in the sight instead, so that the set is still seen */
export async function observePool(
  request: AzureRequest,
  clients: AzureClients,
  signal: AbortSignal | undefined,
): Promise<AzureSight> {
  const id = scaleSetIdOf(request);
  const became = await whatBecame(request, clients, signal);
  const owned = ownership(request, await scaleSetReader(clients.compute, signal).scaleSet(id));
  const { scaleSet } = owned;
  const operation = stillTrue(became, scaleSet);
  const [machines, members] = await Promise.all([
    machinesOf(request, clients, { scaleSet, signal }),
    membersOf(request),
  ]);
  const isWished = !isDeleting(request) && owned.foreign === undefined;
  return {
    id,
    now: request.now,
    ...owned,
    ...(isWished && (await wishedOf(request, clients, scaleSet))),
    machines,
    members,
    ...(operation && { operation }),
    ...(await roleOf(request, clients, { scaleSet, signal })),
    appliedTags: appliedTags(request.pool),
    additionalTags: additionalTagsOf(request),
    deleting: isDeleting(request),
    externallyManaged: isExternallyManaged(request),
    ...remembered(request),
  };
}

function remembered({
  pool,
  machinePool,
}: AzureRequest): Pick<AzureSight, "lastReconciledReplicas" | "kubernetesVersion"> {
  const { lastReconciledReplicas } = pool.status ?? {};
  const { version } = machinePool.spec.template.spec;
  return {
    ...(lastReconciledReplicas !== undefined && { lastReconciledReplicas }),
    ...(version && { kubernetesVersion: version }),
  };
}

/** A set of our name that is not ours is as good as none, and a reason to stop. */
function ownership(request: AzureRequest, found: ScaleSetFacts | undefined): Pick<AzureSight, "scaleSet" | "foreign"> {
  if (!found) return {};
  const why = foreignness(found.tags, identityOf(request));
  return why ? { foreign: refuse(found.id.name, why) } : { scaleSet: found };
}

async function wishedOf(
  request: AzureRequest,
  clients: AzureClients,
  scaleSet: ScaleSetFacts | undefined,
): Promise<Pick<AzureSight, "wish" | "problem" | "creation">> {
  const wished = wishOf(request);
  return "wish" in wished ? { ...wished, ...(await creationOf(request, clients, { ...wished, scaleSet })) } : wished;
}

function refuse(name: string, why: string): Problem {
  const message = `scale set ${name} exists and ${why}: it is not touched; rename the pool, or tag it if it is this pool's`;
  return { reason: "ScaleSetProvisionFailed", message };
}

/** One call at the most, and none for what is no text of ours: then the set itself tells. */
function whatBecame(
  { pool, ...request }: AzureRequest,
  { compute, endpoint, http }: AzureClients,
  signal: AbortSignal | undefined,
): Promise<Operation | undefined> {
  const stored = storedOperation(pool.status, scaleSetIdOf({ pool, ...request }).name);
  return stored ? poll(stored, { pipeline: compute.pipeline, endpoint, http, signal }) : Promise.resolve(undefined);
}

/** A set that stands again has got over it. */
const stillTrue = (operation: Operation | undefined, set: ScaleSetFacts | undefined): Operation | undefined =>
  operation?.status === "failed" && set?.provisioningState === "Succeeded" ? undefined : operation;

interface About {
  readonly scaleSet: ScaleSetFacts | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Power states tell of Spot's evicted shells; elsewhere they are not worth their price. */
async function machinesOf(request: AzureRequest, { compute }: AzureClients, { scaleSet, signal }: About) {
  if (!scaleSet) return [];
  const states = request.pool.spec.template.spotVMOptions !== undefined;
  return scaleSetReader(compute, signal).machines(scaleSet.id, { flexible: isFlexible(request), states });
}

async function membersOf({ members }: AzureRequest): Promise<ReadonlyMap<string, PoolMember>> {
  const known = (await members?.()) ?? [];
  return new Map(known.map((one) => [one.providerID, one]));
}

interface Making {
  readonly wish: PoolWish;
  readonly scaleSet: ScaleSetFacts | undefined;
}

/** The size is looked up only when it is about to be asked for. */
async function creationOf(
  request: AzureRequest,
  { sizes }: AzureClients,
  { wish, scaleSet }: Making,
): Promise<{ readonly creation: Creation } | { readonly problem: Problem } | undefined> {
  if (scaleSet && modelDifference(scaleSet, wish) !== "ModelChanged") return undefined;
  const { location, template } = request.pool.spec;
  const size = await sizes(location, wish.size);
  const refuseSize = (message: string) => ({ problem: { reason: "ScaleSetProvisionFailed", message } });
  if (!size) return refuseSize(`there is no size ${wish.size} in ${location}: choose another vmSize`);
  const wrong = sizeProblems(size, template, wish.zones);
  if (wrong.length > 0)
    return refuseSize(`${wrong.join("; ")}: change the vmSize, the template or the failure domains`);
  return { creation: { networkProfile: networkProfileOf(request, wish.id.name, size.acceleratedNetworking) } };
}

async function roleOf(
  request: AzureRequest,
  { rest }: AzureClients,
  { scaleSet, signal }: About,
): Promise<Pick<AzureSight, "role" | "roleAssigned">> {
  const { pool, subscriptionId } = request;
  const role: RoleAssignmentWish | undefined = roleAssignmentWish(
    pool.spec,
    subscriptionId,
    uuidOf(pool.metadata.uid ?? scaleSetId(scaleSetIdOf(request))),
  );
  const isAsked = isDeleting(request) ? !scaleSet : scaleSet?.principalId !== undefined;
  if (!role || !isAsked) return role ? { role } : {};
  // Who may not give it may not read who has it, either.
  if (!mayAssign(role, request.assignableRoles)) return { role, roleAssigned: "unmanaged" };
  return { role, roleAssigned: await readRole(rest, role, scaleSet?.principalId, signal) };
}
