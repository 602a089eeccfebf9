/** Looks at a pool's group and template in AWS: what is ours, what is wished, and why they differ where AWS says so. */
import { ProviderError } from "../../errors.ts";
import { objectPrefix } from "./ignition.ts";
import { joinedInstances } from "./launches.ts";
import type { Lookups } from "./lookups.ts";
import type { ObjectStore } from "./object-store.ts";
import { isActive, stays } from "./outdated.ts";
import type { GroupReader } from "./read-group.ts";
import type { TemplateReader } from "./read-template.ts";
import { type AwsRequest, additionalTagsOf, identityOf, isDeleting, replicasOf } from "./request.ts";
import type { AwsSight, BucketFacts, GroupFacts, Problem, RefreshFacts, TemplateFacts } from "./sight.ts";
import { appliedTags, foreignness } from "./tags.ts";
import { storedHash } from "./template-fingerprint.ts";
import { refused } from "./user-data.ts";
import { type Wished, wishOf } from "./wish.ts";

export interface Readers {
  readonly groups: GroupReader;
  readonly templates: TemplateReader;
  readonly lookups: Lookups;
  readonly objects: ObjectStore;
}

/** @throws ProviderError; a wish that AWS refuses to help with is said in the sight instead, so that the group is still seen */
export async function observePool(request: AwsRequest, readers: Readers, hookPrefix: string): Promise<AwsSight> {
  const { name } = request.pool.metadata;
  const [group, template] = await Promise.all([readers.groups.group(name), readers.templates.template(name)]);
  const foreign = foreignProblem(request, group, template);
  const ourTemplate = template && !whyForeign(request, template.tags) ? template : undefined;
  const ourGroup = group && !whyForeign(request, group.tags) ? group : undefined;
  const wished =
    isDeleting(request) || foreign ? undefined : await wish(request, readers, { template: ourTemplate, hookPrefix });
  const stored = await storedObjects(request, readers, { wished, template: ourTemplate });
  const more = ourGroup ? await about(ourGroup, { request, readers, template: ourTemplate }) : { hooks: [] };
  const version = request.machinePool.spec.template.spec.version;
  return {
    name,
    now: request.now,
    ...wished,
    ...stored,
    ...(foreign && { foreign }),
    ...(ourTemplate && { template: ourTemplate }),
    ...(ourGroup && { group: ourGroup }),
    ...more,
    appliedTags: appliedTags(request.pool),
    additionalTags: additionalTagsOf(request),
    ...(version && { kubernetesVersion: version }),
  };
}

const whyForeign = (request: AwsRequest, tags: Readonly<Record<string, string>>) =>
  foreignness(tags, identityOf(request));

function foreignProblem(
  request: AwsRequest,
  group: GroupFacts | undefined,
  template: TemplateFacts | undefined,
): Problem | undefined {
  const { name } = request.pool.metadata;
  const refuse = (what: string, why: string) =>
    `${what} ${name} exists and ${why}: it is not touched; rename the pool, or tag it if it is this pool's`;
  const groupWhy = group && whyForeign(request, group.tags);
  if (groupWhy) {
    return { condition: "ASGReady", reason: "ASGProvisionFailed", message: refuse("Auto Scaling group", groupWhy) };
  }
  const templateWhy = template && whyForeign(request, template.tags);
  if (!templateWhy) return undefined;
  const message = refuse("launch template", templateWhy);
  return { condition: "LaunchTemplateReady", reason: "LaunchTemplateCreateFailed", message };
}

interface WishContext {
  readonly template: TemplateFacts | undefined;
  readonly hookPrefix: string;
}

/** What a look-up is refused for good is a problem to be said; what passes is thrown and tried again. */
async function wish(request: AwsRequest, { lookups, objects }: Readers, context: WishContext): Promise<Wished> {
  try {
    return await wishOf({ request, lookups, objects, ...context });
  } catch (error) {
    if (!isOfKind(error, "denied", "invalid")) throw error;
    const message = error.message;
    return { problem: { condition: "LaunchTemplateReady", reason: "LaunchTemplateCreateFailed", message } };
  }
}

const isOfKind = (error: unknown, ...kinds: readonly ProviderError["kind"][]): error is ProviderError =>
  error instanceof ProviderError && kinds.includes(error.kind);

interface StoreContext {
  readonly wished: Wished | undefined;
  readonly template: TemplateFacts | undefined;
}

/** Asked only where the wish or a version names something there. */
async function storedObjects(
  request: AwsRequest,
  { objects }: Readers,
  { wished, template }: StoreContext,
): Promise<Pick<AwsSight, "bucket" | "problem">> {
  const { s3Bucket } = request.infrastructure.spec;
  const isWished = wished !== undefined && "wish" in wished && wished.wish.object !== undefined;
  const isNamed = template?.versions.some(({ data }) => storedHash(data) !== undefined);
  if (!s3Bucket || !(isWished || isNamed)) return {};
  const { name, bestEffortDeleteObjects: bestEffort = false } = s3Bucket;
  const bucket = (found: BucketFacts["objects"]) => ({ bucket: { name, bestEffort, objects: found } });
  try {
    return bucket(await objects.list(name, objectPrefix(request.pool.metadata.name)));
  } catch (error) {
    if (!isOfKind(error, "denied", "invalid", "not-found")) throw error;
    if (isWished) return { problem: refused(`bucket ${name} of the cluster: ${error.message}`).problem };
    // Without the bucket its objects are gone too. Which ones are left where it may not be read, nobody can say.
    if (error.kind === "not-found" || bestEffort) return bucket([]);
    throw error;
  }
}

interface GroupContext {
  readonly request: AwsRequest;
  readonly readers: Readers;
  readonly template: TemplateFacts | undefined;
}

type About = Pick<AwsSight, "hooks" | "joined" | "refresh" | "launchFailure" | "group">;

async function about(group: GroupFacts, { request, readers, template }: GroupContext): Promise<About> {
  const { name } = request.pool.metadata;
  if (group.status) return { hooks: [] };
  const [hooks, refresh] = await Promise.all([readers.groups.hooks(name), readers.groups.refresh(name)]);
  const since = template?.versions.at(-1)?.createTime ?? new Date(0);
  const failure = isShort(group, refresh) ? await readers.groups.launchFailure(name, since) : undefined;
  return {
    hooks,
    joined: await joinedInstances(group, hooks, request.members),
    ...(refresh && { refresh }),
    ...(failure && { launchFailure: failure }),
    ...(await withLaunchTimes(group, { request, readers, template })),
  };
}

const isShort = ({ instances, desired }: GroupFacts, refresh: RefreshFacts | undefined) =>
  isActive(refresh) || instances.filter(({ lifecycleState }) => lifecycleState === "InService").length < desired;

/** Only whoever must choose who goes asks how old they are. */
async function withLaunchTimes(group: GroupFacts, { request, readers }: GroupContext) {
  const replicas = replicasOf(request);
  const staying = group.instances.filter(stays);
  if (isDeleting(request) || replicas === undefined || replicas >= staying.length) return undefined;
  const times = await readers.templates.launchTimes(staying.map(({ instanceId }) => instanceId));
  const instances = group.instances.map((one) => {
    const launchTime = times.get(one.instanceId);
    return launchTime ? { ...one, launchTime } : one;
  });
  return { group: { ...group, instances } };
}
