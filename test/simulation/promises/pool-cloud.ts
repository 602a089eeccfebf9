/** Promises about what pools of ours ask of the cloud: only of what is ours, never to choose who goes, and nothing for nothing. */
import { type InstanceTermination, instanceTerminations } from "../../../lib/api/lifecycle/instance-termination.ts";
import { awsOf, type CloudRequest } from "../clouds/simulated-cloud.ts";
import type { Pass } from "../pass.ts";
import { POOL } from "../scene.ts";
import { type Court, isOlder, recordFor } from "./court.ts";
import { letGoWhenDrained } from "./hold-promises.ts";
import { activeMembers, isManagedElsewhere, ownPool, type PoolMemory, poolMembers } from "./pool-memory.ts";

type Input = CloudRequest["input"];

export interface PoolCourt extends Court {
  readonly pools: PoolMemory;
  /** Instances that we have taken out already. */
  readonly takenOut: Set<string>;
  /** Machine name -> when it was marked to be the first to go. */
  readonly marks: Map<string, number>;
  /** The last change that running instances must get, and when its template version was made. */
  readonly lastRoll: { changedAt: number; madeAt: number; isUndone: boolean };
}

/** More writes than any one change of the world can be a reason for. */
const MOST_CLOUD_WRITES = 25;
const MOST_REFUSALS = 150;
const MOST_LATE_WRITES = 40;

interface Told {
  readonly pass: Pass;
  readonly action: string;
  readonly input: Input;
}

/** Of every write of a pool, whatever the cloud: not again and again for nothing, and not while it is paused. */
export function writtenInMeasure(court: PoolCourt, pass: Pass, { action, isDone }: CloudRequest): void {
  if (pass.does !== "pool") return;
  // What is refused is tried again every minute, for as long as nobody mends it; what is shown late, by each sandbox.
  const inTime = isDone ? MOST_CLOUD_WRITES : MOST_REFUSALS;
  const most = court.scene.facts.describeLagSeconds > 0 ? inTime + MOST_LATE_WRITES : inTime;
  if (court.pools.written(isDone ? "cloud" : "refused") > most)
    court.broken("P5", "the cloud is written to again and again although nothing happens", action);
  if (isOlder(pass, court.memory.poolPausedSince()))
    court.broken("P6", "the group of a paused pool is written to", action);
}

export function poolAsked(court: PoolCourt, pass: Pass, request: CloudRequest): void {
  const { action, input, isDone } = request;
  if (/^(Describe|Get|List)/.test(action)) return;
  writtenInMeasure(court, pass, request);
  const told = { pass, action, input };
  onlyOurs(court, told);
  if (isDone) CHECKS[action]?.(court, told);
}

type Check = (court: PoolCourt, told: Told) => void;

const textsOf = (value: unknown, member: string): readonly string[] =>
  Array.isArray(value) ? value.map((one) => String((one as Readonly<Record<string, unknown>>)[member])) : [];

const onlyOurs: Check = ({ broken }, { action, input }) => {
  const groups = [
    ...(typeof input.AutoScalingGroupName === "string" ? [input.AutoScalingGroupName] : []),
    ...(action === "CreateOrUpdateTags" || action === "DeleteTags" ? textsOf(input.Tags, "ResourceId") : []),
  ].filter((name) => name !== "undefined");
  const foreign = groups.find((name) => name !== POOL);
  if (foreign !== undefined) broken("P6", "a group that is not ours is written to", `${action} ${foreign}`);
};

const sparesOthersHooks: Check = ({ broken }, { action, input }) => {
  const name = String(input.LifecycleHookName);
  if (!name.startsWith("lifeguard-")) broken("P6", "a hook of somebody else is touched", `${action} ${name}`);
};

const sparesOthersTags: Check = ({ scene, broken }, { input }) => {
  const key = textsOf(input.Tags, "Key").find((one) => scene.facts.foreignTags.has(one));
  if (key !== undefined) broken("P6", "a tag of somebody else is taken away", key);
};

/** What is asked for may not be less than what there is: the cloud would choose, and whom it takes nobody has drained. */
export function leavesNoChoice(
  { scene, pools, broken }: PoolCourt,
  { pass, action }: Pick<Told, "pass" | "action">,
  wanted: number,
): void {
  if (scene.facts.describeLagSeconds > 0) return;
  const now = new Set(activeMembers(scene).map(({ id }) => id));
  const chosen = [...pools.active()].filter((id) => !now.has(id));
  // One that was launched while the pass looked is a race that its drain by the hook settles.
  const couldSee = pools.counting.since(pass.startedAt).every((count) => count > wanted);
  if (chosen.length > 0 && couldSee)
    broken("P1", "the cloud is left to choose who goes", `${action}: ${chosen.join(", ")}`);
}

const neverChoosesVictims: Check = (court, told) =>
  leavesNoChoice(court, told, Number(told.input.DesiredCapacity ?? told.input.MaxSize));

const asksNoMoreThanWished: Check = (court, told) => {
  const { scene, pools, broken } = court;
  neverChoosesVictims(court, told);
  if (isManagedElsewhere(ownPool(scene))) return;
  const wanted = Number(told.input.DesiredCapacity);
  const going = openRemovals(court).length;
  const most = Math.max(...pools.wishes.since(told.pass.startedAt), pools.active().size) + going;
  if (wanted > most) broken("P5", "more instances are asked for than are wished", `${wanted} instead of ${most}`);
};

/** Of instances that are still in the group, and shall leave it for good. */
export function openRemovals({ scene }: PoolCourt): readonly InstanceTermination[] {
  const members = new Set(poolMembers(scene).map(({ providerID }) => providerID));
  return scene.management
    .all<InstanceTermination>(instanceTerminations)
    .filter(({ spec, status }) => spec.removal?.decrement === true && status?.finishTime === undefined)
    .filter(({ spec }) => members.has(spec.providerID));
}

/** The version that brings a change may come long after it, and what is launched meanwhile is old, too. */
const bringsChange: Check = ({ scene, lastRoll }, { pass }) => {
  const { templateChangedAt } = scene.facts;
  // A pass that began before the change may make what was wished then: what is launched from that must go as well.
  const mayBeOld = pass.startedAt < templateChangedAt;
  if (!mayBeOld && !lastRoll.isUndone && templateChangedAt <= lastRoll.changedAt) return;
  lastRoll.isUndone = mayBeOld;
  lastRoll.changedAt = templateChangedAt;
  lastRoll.madeAt = scene.time.now();
};

const hasReason: Check = ({ scene, pools, broken, lastRoll }, { pass, input }) => {
  const { templateChangedAt, describeLagSeconds } = scene.facts;
  // Of those whom the pass may have been shown: one that went since, or that a late view still has, is a reason.
  const shown = pools.launchesSince(pass.startedAt - describeLagSeconds * 1000);
  const isOld = shown.some((launchedAt) => launchedAt <= lastRoll.madeAt + 60_000);
  if (templateChangedAt === 0 || !isOld)
    broken(
      "P5",
      "instances are replaced although nothing they must get has changed",
      String(input.AutoScalingGroupName),
    );
};

const keepsVersionsInUse: Check = ({ scene, broken }, { input }) => {
  const versions = (input.LaunchTemplateVersions ?? []) as readonly string[];
  const members = awsOf(scene)
    .instances()
    .filter(({ member }) => member?.group === POOL);
  const user = members.find(({ member }) => versions.includes(member?.template.Version ?? ""));
  if (user) broken("P6", "a template version is taken away that an instance was launched from", `${user.id}`);
};

const onlyWhenDeleted: Check = ({ scene, broken }, { action, input }) => {
  const pool = ownPool(scene);
  if (pool && pool.metadata.deletionTimestamp === undefined)
    broken("P6", "something of a pool that stays is deleted", action);
  if (input.ForceDelete === true) broken("P1", "a group is deleted with force", action);
};

const takesOutOnce: Check = (court, { pass, input }) => {
  const { scene, broken, takenOut } = court;
  const instanceId = String(input.InstanceId);
  const record = recordFor(scene, instanceId);
  const isGone = !scene.cloud.machines().some(({ id }) => id === instanceId);
  if (pass.does !== "drain" || !record?.spec.removal) {
    if (!isGone) broken("P6", "an instance is taken out that nobody asked to go", instanceId);
    return;
  }
  const decrement = input.ShouldDecrementDesiredCapacity === true;
  if (decrement !== (record.spec.removal.decrement === true))
    broken("P5", "an instance is taken out with another size than was decided", instanceId);
  if (takenOut.has(instanceId)) broken("P1", "an instance is taken out twice", instanceId);
  takenOut.add(instanceId);
  letGoWhenDrained(court, pass, { instanceId, record });
};

const CHECKS: Readonly<Record<string, Check>> = {
  PutLifecycleHook: sparesOthersHooks,
  DeleteLifecycleHook: sparesOthersHooks,
  DeleteTags: sparesOthersTags,
  SetDesiredCapacity: asksNoMoreThanWished,
  UpdateAutoScalingGroup: neverChoosesVictims,
  CreateLaunchTemplateVersion: bringsChange,
  StartInstanceRefresh: hasReason,
  DeleteLaunchTemplateVersions: keepsVersionsInUse,
  DeleteLaunchTemplate: onlyWhenDeleted,
  DeleteAutoScalingGroup: onlyWhenDeleted,
  TerminateInstanceInAutoScalingGroup: takesOutOnce,
};
