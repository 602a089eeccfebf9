/** What befalls a pool of ours: people and the autoscaler wish, the spec changes, and strangers touch what we made. */
import { awsMachinePools } from "../../../lib/api/aws/aws-machine-pool.ts";
import { type Cluster, clusters } from "../../../lib/api/core/cluster.ts";
import {
  DELETE_MACHINE_ANNOTATION,
  PAUSED_ANNOTATION,
  REPLICAS_MANAGED_BY_ANNOTATION,
} from "../../../lib/api/core/labels.ts";
import { type Machine, machines } from "../../../lib/api/core/machine.ts";
import { type MachinePool, machinePools } from "../../../lib/api/core/machine-pool.ts";
import { type Node, nodes } from "../../../lib/api/kubernetes/node.ts";
import { secrets } from "../../../lib/api/kubernetes/secret.ts";
import { CLUSTER, NAMESPACE, POOL, type Scene } from "../scene.ts";
import { choose } from "../world/choosing.ts";
import type { Happening } from "../world/cloud-happenings.ts";
import { FOREIGN_HOOK } from "./actors.ts";
import { bootstrapData, IMAGE, SECRET } from "./objects.ts";

const WHO = "a person";
export const AUTOSCALER = "the autoscaler";
export const TO_BE_DELETED = "ToBeDeletedByClusterAutoscaler";

export const poolOf = ({ management }: Scene) => management.find<MachinePool>(machinePools, POOL, NAMESPACE);
export const infrastructureOf = ({ management }: Scene) => management.find(awsMachinePools, POOL, NAMESPACE);
const isGoing = (pool: MachinePool | undefined) => pool?.metadata.deletionTimestamp !== undefined;

async function wish(scene: Scene, who: string, replicas: number): Promise<string | undefined> {
  const pool = poolOf(scene);
  if (!pool || isGoing(pool) || replicas < 0) return undefined;
  await scene.management.merge(who, machinePools, pool, { body: { spec: { replicas } } });
  return `${who} wishes ${replicas} replicas`;
}

const resize: Happening = async (scene, name) => {
  const by = scene.chance.pick(`${name} by`, [-2, -1, -1, 1, 1, 2]);
  const now = poolOf(scene)?.spec.replicas ?? 0;
  return wish(scene, WHO, Math.min(Math.max(0, now + by), (scene.plan.pool?.maxSize ?? 0) + 1));
};

const grow: Happening = async (scene) => {
  const now = poolOf(scene)?.spec.replicas ?? 0;
  return now < 5 ? wish(scene, AUTOSCALER, now + 1) : undefined;
};

/** As its Cluster API provider does it: taint and drain are its own, then the Machine is marked and the pool made smaller. */
const shrink: Happening = async (scene, name) => {
  const { management, workload } = scene;
  const pool = poolOf(scene);
  const machine = choose(
    scene,
    name,
    management.all<Machine>(machines).filter(({ status, metadata }) => status?.nodeRef && !metadata.deletionTimestamp),
  );
  const node = machine && workload.find<Node>(nodes, machine.status?.nodeRef?.name ?? "");
  if (!pool || isGoing(pool) || !node || (pool.spec.replicas ?? 0) < 1) return undefined;
  const taint = { key: TO_BE_DELETED, value: "1", effect: "NoSchedule" };
  const taints = [...(node.spec?.taints ?? []).filter(({ key }) => key !== TO_BE_DELETED), taint];
  await workload.merge(AUTOSCALER, nodes, node, { body: { spec: { taints } } });
  const annotations = { [DELETE_MACHINE_ANNOTATION]: "yes" };
  await management.merge(AUTOSCALER, machines, machine, { body: { metadata: { annotations } } });
  await wish(scene, AUTOSCALER, (pool.spec.replicas ?? 1) - 1);
  return `the autoscaler chooses ${machine.metadata.name} and makes the pool smaller`;
};

const editPool =
  (change: (scene: Scene, name: string) => object, told: string, mustRoll: boolean): Happening =>
  async (scene, name) => {
    const pool = infrastructureOf(scene);
    if (!pool || pool.metadata.deletionTimestamp !== undefined) return undefined;
    if (mustRoll) scene.facts.templateChangedAt = scene.time.now();
    await scene.management.merge(WHO, awsMachinePools, pool, { body: { spec: change(scene, name) } });
    return told;
  };

/** So that instances of several versions are there at the same time. */
const EDITS = 6;
const EDIT_SECONDS = 75;
const types = ["m7g.xlarge", "m7g.large", "m6g.large"] as const;

const rewriteSecret =
  (data: (next: number) => object, told: string, mustRoll: boolean): Happening =>
  async (scene, name) => {
    const secret = scene.management.find(secrets, SECRET, NAMESPACE);
    if (!secret) return undefined;
    const serial = scene.chance.whole(`${name} serial`, 2, 1_000_000);
    if (mustRoll) scene.facts.templateChangedAt = scene.time.now();
    await scene.management.merge(WHO, secrets, secret, { body: { data: data(serial) } });
    return told;
  };

const contentOf = (scene: Scene): number => {
  const secret = scene.management.find(secrets, SECRET, NAMESPACE) as { readonly data?: { readonly value?: string } };
  const text = Buffer.from(secret?.data?.value ?? "", "base64").toString("utf8");
  return Number(/generation=(\d+)/.exec(text)?.[1] ?? 1);
};

const rotate: Happening = (scene, name) =>
  rewriteSecret((next) => bootstrapData(next, contentOf(scene)), "the bootstrap token is rotated", false)(scene, name);

const pause: Happening = async (scene, name) => {
  const { management, time, chance } = scene;
  const kind = chance.pick(`${name} kind`, ["Cluster", "MachinePool", "AWSMachinePool"]);
  const seconds = chance.pick(`${name} for`, [60, 600]);
  if (kind === "Cluster") {
    const cluster = management.find<Cluster>(clusters, CLUSTER, NAMESPACE);
    if (!cluster) return undefined;
    const set = (paused: boolean) => management.merge(WHO, clusters, cluster, { body: { spec: { paused } } });
    await set(true);
    time.after(seconds, async () => void (await set(false)));
    return `Cluster ${CLUSTER} is paused for ${seconds} s`;
  }
  const resource = kind === "MachinePool" ? machinePools : awsMachinePools;
  const pool = management.find(resource, POOL, NAMESPACE);
  if (!pool) return undefined;
  const set = (value: string | null) =>
    management.merge(WHO, resource, pool, { body: { metadata: { annotations: { [PAUSED_ANNOTATION]: value } } } });
  await set("");
  time.after(seconds, async () => void (await set(null)));
  return `${kind} ${POOL} is paused for ${seconds} s`;
};

const toMachine =
  (act: (scene: Scene, machine: Machine) => Promise<string>): Happening =>
  async (scene, name) => {
    const machine = choose(scene, name, scene.management.all<Machine>(machines));
    return machine && act(scene, machine);
  };

const asGroup =
  (action: string, input: (scene: Scene) => object, told: string): Happening =>
  async (scene) => {
    await scene.cloud.handle("autoscaling", action, { AutoScalingGroupName: POOL, ...input(scene) });
    return told;
  };

export const poolHappenings: Readonly<Record<string, Happening>> = {
  "replicas edited": resize,
  "autoscaler scales out": grow,
  "autoscaler scales in": shrink,
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
  "bootstrap content changes": rewriteSecret((next) => bootstrapData(next, next), "the bootstrap data changes", true),
  "bootstrap token rotated": rotate,
  "own pool paused": pause,
  "machine deleted": toMachine(async ({ management }, machine) => {
    await management.remove(WHO, machines, machine);
    return `Machine ${machine.metadata.name} is deleted by hand`;
  }),
  "machine unhealthy": toMachine(async ({ management }, machine) => {
    const type = "OwnerRemediated";
    const lastTransitionTime = "2026-03-01T12:00:00Z";
    const condition = { type, status: "False", reason: "WaitingForRemediation", message: "", lastTransitionTime };
    const conditions = [...(machine.status?.conditions ?? []).filter((one) => one.type !== type), condition];
    await management.merge(WHO, machines, machine, { body: { status: { conditions } }, subresource: "status" });
    return `a health check asks for the end of Machine ${machine.metadata.name}`;
  }),
  "replicas managed elsewhere": async (scene) => {
    const pool = poolOf(scene);
    if (!pool || isGoing(pool)) return undefined;
    const annotations = { [REPLICAS_MANAGED_BY_ANNOTATION]: "external-autoscaler" };
    await scene.management.merge(WHO, machinePools, pool, { body: { metadata: { annotations } } });
    return "somebody else is to decide about the number of replicas";
  },
  "own pool deleted": async (scene, name) => {
    const pool = poolOf(scene);
    if (!pool || scene.chance.roll(`${name} really`) < 0.5) return undefined;
    await scene.management.remove(WHO, machinePools, pool);
    return `MachinePool ${POOL} is deleted`;
  },
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
    await scene.cloud.handle("autoscaling", "CreateOrUpdateTags", { Tags: [tag] });
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
  "no capacity": async ({ cloud, time, chance }, name) => {
    cloud.images.withdraw(IMAGE);
    const seconds = chance.pick(`${name} for`, [120, 900]);
    time.after(seconds, () => cloud.images.restore(IMAGE));
    return `nothing can be launched for ${seconds} s`;
  },
};
