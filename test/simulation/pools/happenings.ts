/** What befalls a pool of ours: people and the autoscaler wish, the spec changes, and strangers touch what we made. */
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
import { bootstrapData, SECRET } from "./objects.ts";

const WHO = "a person";
export const AUTOSCALER = "the autoscaler";
export const TO_BE_DELETED = "ToBeDeletedByClusterAutoscaler";

export const poolOf = ({ management }: Scene) => management.find<MachinePool>(machinePools, POOL, NAMESPACE);
export const infrastructureOf = ({ management, cloud }: Scene) => management.find(cloud.kinds.pools, POOL, NAMESPACE);
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

export const editPool =
  (change: (scene: Scene, name: string) => object, told: string, mustRoll: boolean): Happening =>
  async (scene, name) => {
    const pool = infrastructureOf(scene);
    if (!pool || pool.metadata.deletionTimestamp !== undefined) return undefined;
    if (mustRoll) scene.facts.templateChangedAt = scene.time.now();
    await scene.management.merge(WHO, scene.cloud.kinds.pools, pool, { body: { spec: change(scene, name) } });
    return told;
  };

export const rewriteSecret =
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
  const { management, time, chance, cloud } = scene;
  const { pools } = cloud.kinds;
  const kind = chance.pick(`${name} kind`, ["Cluster", "MachinePool", pools.kind]);
  const seconds = chance.pick(`${name} for`, [60, 600]);
  if (kind === "Cluster") {
    const cluster = management.find<Cluster>(clusters, CLUSTER, NAMESPACE);
    if (!cluster) return undefined;
    const set = (paused: boolean) => management.merge(WHO, clusters, cluster, { body: { spec: { paused } } });
    await set(true);
    time.after(seconds, async () => void (await set(false)));
    return `Cluster ${CLUSTER} is paused for ${seconds} s`;
  }
  const resource = kind === "MachinePool" ? machinePools : pools;
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

/** Of pools on any cloud. */
export const commonPoolHappenings = {
  "replicas edited": resize,
  "autoscaler scales out": grow,
  "autoscaler scales in": shrink,
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
} satisfies Readonly<Record<string, Happening>>;
