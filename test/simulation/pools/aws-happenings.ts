/** What befalls an Auto Scaling group of ours, in the order that old seeds know. */
import { awsOf } from "../clouds/simulated-cloud.ts";
import { POOL, type Scene } from "../scene.ts";
import type { Happening } from "../world/cloud-happenings.ts";
import { FOREIGN_HOOK } from "./actors.ts";
import { commonPoolHappenings, editPool } from "./happenings.ts";
import { IMAGE } from "./objects.ts";

/** So that instances of several versions are there at the same time. */
const EDITS = 6;
const EDIT_SECONDS = 75;
const types = ["m7g.xlarge", "m7g.large", "m6g.large"] as const;

const asGroup =
  (action: string, input: (scene: Scene) => object, told: string): Happening =>
  async (scene) => {
    await awsOf(scene).handle("autoscaling", action, { AutoScalingGroupName: POOL, ...input(scene) });
    return told;
  };

export const poolHappenings: Readonly<Record<string, Happening>> = {
  "replicas edited": commonPoolHappenings["replicas edited"],
  "autoscaler scales out": commonPoolHappenings["autoscaler scales out"],
  "autoscaler scales in": commonPoolHappenings["autoscaler scales in"],
  "template edited": editPool(
    ({ chance }, name) => ({
      awsLaunchTemplate: { instanceType: chance.pick(`${name} type`, types) },
      additionalTags: { edition: name },
    }),
    "the instance type and tags of the pool change",
    true,
  ),
  "template edited often": async (scene, name) => {
    for (let index = 0; index < EDITS; index++) {
      const told = `${name}-${index}`;
      const edit = editPool(() => ({ additionalTags: { edition: told } }), `the pool's tags change: ${told}`, true);
      scene.time.after(index * EDIT_SECONDS, async () => void (await edit(scene, told)));
    }
    return `the pool's tags change ${EDITS} times, every ${EDIT_SECONDS} s`;
  },
  "bounds edited": editPool(
    ({ chance, plan }, name) => ({ maxSize: (plan.pool?.maxSize ?? 5) - chance.whole(`${name} less`, 0, 3) }),
    "the pool's maximum changes",
    false,
  ),
  "bootstrap content changes": commonPoolHappenings["bootstrap content changes"],
  "bootstrap token rotated": commonPoolHappenings["bootstrap token rotated"],
  "own pool paused": commonPoolHappenings["own pool paused"],
  "machine deleted": commonPoolHappenings["machine deleted"],
  "machine unhealthy": commonPoolHappenings["machine unhealthy"],
  "replicas managed elsewhere": commonPoolHappenings["replicas managed elsewhere"],
  "own pool deleted": commonPoolHappenings["own pool deleted"],
  "foreign hook added": async (scene) => {
    const hook = { LifecycleHookName: FOREIGN_HOOK, LifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING" };
    await asGroup(
      "PutLifecycleHook",
      () => ({ ...hook, HeartbeatTimeout: 600, DefaultResult: "CONTINUE" }),
      "",
    )(scene, "");
    scene.facts.foreignHooks.add(FOREIGN_HOOK);
    return `another team puts the hook ${FOREIGN_HOOK} on the group`;
  },
  "foreign tag added": async (scene) => {
    const ResourceType = "auto-scaling-group";
    const tag = { Key: "cost-centre", Value: "1234", ResourceId: POOL, ResourceType, PropagateAtLaunch: false };
    await awsOf(scene).handle("autoscaling", "CreateOrUpdateTags", { Tags: [tag] });
    scene.facts.foreignTags.add(tag.Key);
    return "another team tags the group";
  },
  "our hook deleted": async (scene) => {
    const LifecycleHookName = scene.plan.hooks[0]?.name ?? "lifeguard-drain";
    return asGroup(
      "DeleteLifecycleHook",
      () => ({ LifecycleHookName }),
      `the hook ${LifecycleHookName} is deleted by hand`,
    )(scene, "");
  },
  "group edited by hand": asGroup(
    "UpdateAutoScalingGroup",
    () => ({ MinSize: 0, MaxSize: 9 }),
    "the group's bounds are edited by hand",
  ),
  "no capacity": async ({ time, chance, ...scene }, name) => {
    const cloud = awsOf(scene);
    cloud.images.withdraw(IMAGE);
    const seconds = chance.pick(`${name} for`, [120, 900]);
    time.after(seconds, () => cloud.images.restore(IMAGE));
    return `nothing can be launched for ${seconds} s`;
  },
};
